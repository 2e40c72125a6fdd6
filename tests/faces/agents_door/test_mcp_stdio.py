"""The command `skillkiln mcp` as a child process: a real client, and what no client should do."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from skillkiln.mcp_server.wire import MAX_LINE_BYTES
from skillkiln.records.invocations import CallOutcome

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.faces.agents_door.conftest import Workspace

END_S = 60
"""Far beyond what an end takes; only a hang runs this out."""

INITIALIZE: dict[str, Any] = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "0"},
}


def command(workspace: Workspace) -> list[str]:
    return [sys.executable, "-m", "skillkiln", "mcp", "--workspace", str(workspace.path)]


def connect(workspace: Workspace, mode: str = "auto") -> Client:
    program, *arguments = command(workspace)
    return Client(StdioServerParameters(command=program, args=arguments), mode=mode)


class Raw:
    """A client that writes and reads the wire itself."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.replies: list[dict[str, Any]] = []

    @property
    def stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def write(self, line: bytes) -> None:
        self.stdin.write(line + b"\n")
        self.stdin.flush()

    def send(self, request_id: int, method: str, **params: Any) -> None:
        message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        self.write(json.dumps(message).encode())

    def invoke(self, request_id: int, name: str, inputs: dict[str, Any]) -> None:
        arguments = {"name": name, "inputs": inputs}
        self.send(request_id, "tools/call", name="invoke_skill", arguments=arguments)

    def read(self) -> dict[str, Any]:
        """Read the next line; anything but one JSON-RPC message fails the test."""
        reply = json.loads(self.stdout.readline())
        assert reply["jsonrpc"] == "2.0"
        self.replies.append(reply)
        return reply

    def read_answer(self, request_id: int) -> dict[str, Any]:
        while (reply := self.read()).get("id") != request_id:
            pass
        return reply

    def initialize(self) -> None:
        self.send(0, "initialize", **INITIALIZE)
        self.read_answer(0)
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and what stood on standard error."""
        assert self.process.stderr is not None
        for line in self.stdout:
            assert json.loads(line)["jsonrpc"] == "2.0"
        errors = self.process.stderr.read().decode()
        return self.process.wait(END_S), errors


@contextlib.contextmanager
def start(workspace: Workspace) -> Generator[Raw]:
    with subprocess.Popen(
        command(workspace),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            raw = Raw(process)
            raw.initialize()
            yield raw
        finally:
            process.kill()


def wait_for_cell(process: subprocess.Popen[bytes]) -> None:
    """Wait until the server has a child: a call is under way in the sandbox."""
    while not has_child(process.pid):
        assert process.poll() is None
        time.sleep(0.01)


def has_child(pid: int) -> bool:
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[1]) == pid:
            return True
    return False


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_real_client_finds_describes_and_invokes(workspace: Workspace, mode: str) -> None:
    async def work() -> Any:
        async with connect(workspace, mode) as client:
            assert len((await client.list_tools()).tools) == 4
            found = await client.call_tool("find_skills", {"query": "count words"})
            name = found.structured_content["skills"][0]["name"]
            await client.call_tool("describe_skill", {"name": name})
            return await client.call_tool("invoke_skill", {"name": name, "inputs": {"text": "a"}})

    assert anyio.run(work).structured_content["output"] == {"a": 1}


def test_a_client_calls_twice_at_once_and_two_servers_share_a_workspace(
    workspace: Workspace,
) -> None:
    async def work() -> list[Any]:
        answers: list[Any] = []

        async def ask(client: Client, word: str) -> None:
            arguments = {"name": "count-words", "inputs": {"text": word}}
            result = await client.call_tool("invoke_skill", arguments)
            answers.append((word, result.structured_content["output"]))

        async with (
            connect(workspace) as first,
            connect(workspace) as second,
            anyio.create_task_group() as group,
        ):
            for number in range(3):
                group.start_soon(ask, first, f"a{number}")
                group.start_soon(ask, second, f"b{number}")
        return answers

    answers = anyio.run(work)
    assert len(answers) == 6
    assert all(output == {word: 1} for word, output in answers)


def test_standard_output_carries_only_the_protocol_whatever_a_skill_prints(
    workspace: Workspace,
) -> None:
    with start(workspace) as raw:
        raw.invoke(1, "print-much", {"text": "not protocol\n"})
        answer = raw.read_answer(1)["result"]["structuredContent"]
        raw.stdin.close()
        code, _ = raw.end()
    assert answer["output"] == "not protocol\n"
    assert code == 0


def test_the_end_of_input_ends_the_server_cleanly(workspace: Workspace) -> None:
    with start(workspace) as raw:
        raw.stdin.close()
        assert raw.end() == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_cleanly_while_its_client_is_silent(
    workspace: Workspace, number: signal.Signals
) -> None:
    with start(workspace) as raw:
        raw.process.send_signal(number)
        assert raw.end() == (0, "")


@pytest.mark.parametrize("how", ["end of input", "signal", "client gone"])
def test_a_call_under_way_is_finished_and_recorded_before_the_end(
    workspace: Workspace, how: str
) -> None:
    known = len(workspace.calls("take-nap"))
    with start(workspace) as raw:
        raw.invoke(1, "take-nap", {"seconds": 1.5})
        wait_for_cell(raw.process)
        assert len(workspace.calls("take-nap")) == known
        if how == "signal":
            raw.process.send_signal(signal.SIGTERM)
        elif how == "end of input":
            raw.stdin.close()
        else:
            raw.stdout.close()
            raw.stdin.close()
        if how == "client gone":
            code = raw.process.wait(END_S)
        else:
            code, errors = raw.end()
            assert errors == ""
    assert code == 0
    calls = workspace.calls("take-nap")
    assert len(calls) == known + 1
    assert calls[-1].outcome is CallOutcome.OK


def test_a_second_signal_ends_the_server_at_once(workspace: Workspace) -> None:
    known = len(workspace.calls("take-nap"))
    with start(workspace) as raw:
        raw.invoke(1, "take-nap", {"seconds": 4})
        wait_for_cell(raw.process)
        assert len(workspace.calls("take-nap")) == known
        raw.process.send_signal(signal.SIGTERM)
        hangs_at = time.monotonic() + END_S
        while raw.process.poll() is None and time.monotonic() < hangs_at:
            raw.process.send_signal(signal.SIGTERM)
        assert raw.process.returncode == -signal.SIGTERM
    assert len(workspace.calls("take-nap")) == known


def test_an_input_too_large_for_a_call_is_told_so_and_the_server_goes_on(
    workspace: Workspace,
) -> None:
    async def work() -> tuple[Any, Any]:
        async with connect(workspace) as client:
            large = {"name": "count-words", "inputs": {"text": "x" * 6_000_000}}
            small = {"name": "count-words", "inputs": {"text": "x"}}
            return await client.call_tool("invoke_skill", large), await client.call_tool(
                "invoke_skill", small
            )

    large, small = anyio.run(work)
    assert large.structured_content["code"] == "contract_violation"
    assert small.structured_content["output"] == {"x": 1}


def test_a_line_too_long_to_hold_ends_the_connection_instead_of_leaving_it_hanging(
    workspace: Workspace,
) -> None:
    with start(workspace) as raw:
        with contextlib.suppress(BrokenPipeError):
            raw.invoke(1, "count-words", {"text": "x" * (MAX_LINE_BYTES + 1)})
        code, errors = raw.end()
    assert code == 0
    (line,) = errors.splitlines()
    assert line.startswith("WARNING: the connection ended: ")
    assert f"more than {MAX_LINE_BYTES} bytes" in line


def test_a_client_that_stops_reading_ends_the_server_cleanly(workspace: Workspace) -> None:
    with start(workspace) as raw:
        raw.stdout.close()
        raw.send(1, "ping")
        assert raw.process.wait(END_S) == 0
        assert raw.process.stderr is not None
        assert "Traceback" not in raw.process.stderr.read().decode()


BROKEN_MESSAGES = [
    b"",
    b"not json",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"jsonrpc":"2.0"}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":7}',
    b'{"jsonrpc":"2.0","id":1,"method":"no/such/method"}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find_skills",'
    b'"arguments":{"query":"\\ud800"}}}',
    b'{"jsonrpc":"2.0","id":null,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
]


def test_a_broken_message_costs_nobody_else_an_answer(workspace: Workspace) -> None:
    with start(workspace) as raw:
        for number, line in enumerate(BROKEN_MESSAGES, start=10):
            raw.write(line)
            raw.invoke(number, "count-words", {"text": "a"})
            answer = raw.read_answer(number)["result"]["structuredContent"]
            assert answer["output"] == {"a": 1}, line
        raw.stdin.close()
        code, _ = raw.end()
    assert code == 0


def test_a_call_is_answered_though_its_line_comes_in_pieces(workspace: Workspace) -> None:
    with start(workspace) as raw:
        message = {
            "jsonrpc": "2.0",
            "id": 3,
            "method": "tools/call",
            "params": {
                "name": "invoke_skill",
                "arguments": {"name": "count-words", "inputs": {"text": "wörld \U0001f525"}},
            },
        }
        for byte in json.dumps(message, ensure_ascii=False).encode():
            os.write(raw.stdin.fileno(), bytes([byte]))
        raw.write(b"")
        answer = raw.read_answer(3)
    assert answer["result"]["structuredContent"]["output"] == {"wörld": 1, "\U0001f525": 1}


def test_a_server_without_a_client_ends(workspace: Workspace) -> None:
    done = subprocess.run(
        command(workspace), stdin=subprocess.DEVNULL, capture_output=True, timeout=END_S
    )
    assert (done.returncode, done.stdout) == (0, b"")
