"""The life of a cell: who may hold it, what ends it, and what is left of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.cell import BubblewrapCell
from skillkiln.sandbox.command import ISOLATION
from skillkiln.sandbox.interface import MIB, Policy, Program
from skillkiln.skill.reasons import FailureReason

ECHO = Program(runner="echo_runner", arguments={"a": 1})
BURN = "import signal\ndef run():\n    {first}\n    while True: pass\n"


def first_process(cell: BubblewrapCell) -> int:
    found = cell.find_first_process()
    assert found is not None
    return found


def await_end(process: int) -> bool:
    for _ in range(100):
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.05)
    return False


def test_a_cell_answers_until_it_is_closed(sandbox: BubblewrapSandbox) -> None:
    with sandbox.open_cell(ECHO, Policy()) as cell:
        process = first_process(cell)
        for number in range(3):
            cell.send({"number": number})
            answer = cell.receive()
            assert answer is not None
            assert answer["echo"] == {"number": number}
            assert answer["arguments"] == {"a": 1}
    assert await_end(process)
    ended = cell.close()
    assert ended == cell.close()
    assert (ended.code, ended.signal, ended.failure) == (None, signal.SIGKILL, None)
    assert ended.peak_memory_bytes
    assert ended.peak_memory_bytes < 64 * MIB
    with pytest.raises(SandboxFailedError, match="gone"):
        cell.send({})
    assert cell.receive() is None


def test_a_cell_outlives_the_thread_that_opened_it(sandbox: BubblewrapSandbox) -> None:
    opened: list[BubblewrapCell] = []
    opener = threading.Thread(target=lambda: opened.append(sandbox.open_cell(ECHO, Policy())))
    opener.start()
    opener.join()
    time.sleep(0.2)
    with opened[0] as cell:
        cell.send({})
        assert cell.receive() is not None


def test_cells_are_opened_from_many_threads(sandbox: BubblewrapSandbox) -> None:
    echoes: list[object] = []

    def ask(number: int) -> None:
        with sandbox.open_cell(ECHO, Policy()) as cell:
            cell.send({"number": number})
            answer = cell.receive()
            echoes.append(answer and answer["echo"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, echoes)) == sorted(str({"number": number}) for number in range(8))


def test_a_cell_dies_with_its_host() -> None:
    script = """
import sys, time
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import Policy, Program
cell = BubblewrapSandbox().open_cell(Program(runner="echo_runner"), Policy())
print(cell.find_first_process(), flush=True)
time.sleep(60)
"""
    host = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert host.stdout
    process = int(host.stdout.readline())
    assert Path(f"/proc/{process}").exists()
    host.kill()
    host.wait()
    host.stdout.close()
    assert await_end(process)


def test_silence_ends_the_cell(sandbox: BubblewrapSandbox) -> None:
    with sandbox.open_cell(ECHO, Policy(wall_ms=100)) as cell:
        process = first_process(cell)
        assert cell.receive() is None
    assert cell.close().failure is FailureReason.TIMEOUT
    assert await_end(process)


@pytest.mark.parametrize("first", ["pass", "signal.signal(signal.SIGXCPU, signal.SIG_IGN)"])
def test_cpu_time_ends_the_cell(sandbox: BubblewrapSandbox, first: str) -> None:
    program = Program(
        runner="skill_runner",
        files={"skill.py": BURN.format(first=first).encode()},
        arguments={"frozen_at": None, "is_traced": False},
    )
    with sandbox.open_cell(program, Policy(wall_ms=30_000, cpu_s=1)) as cell:
        cell.send({"id": 1, "inputs": {}})
        while cell.receive() is not None:
            pass
        ended = cell.close()
    assert ended.failure is FailureReason.TIMEOUT
    assert "CPU" in ended.message


def test_a_cell_killed_from_outside_has_no_answer(sandbox: BubblewrapSandbox) -> None:
    with sandbox.open_cell(ECHO, Policy()) as cell:
        os.kill(first_process(cell), signal.SIGKILL)
        assert cell.receive() is None
        ended = cell.close()
    assert ended.signal == signal.SIGKILL
    assert ended.failure is None


def test_the_first_reason_stands(sandbox: BubblewrapSandbox) -> None:
    with sandbox.open_cell(ECHO, Policy()) as cell:
        cell.end(FailureReason.CONTRACT_VIOLATION, "first")
        cell.end(FailureReason.TIMEOUT, "second")
    assert (cell.close().failure, cell.close().message) == (
        FailureReason.CONTRACT_VIOLATION,
        "first",
    )


def test_an_unknown_runner_does_not_come_up(sandbox: BubblewrapSandbox) -> None:
    with pytest.raises(SandboxFailedError, match="no_such_runner"):
        sandbox.open_cell(Program(runner="no_such_runner"), Policy())


def test_a_closed_sandbox_opens_nothing() -> None:
    sandbox = BubblewrapSandbox()
    sandbox.close()
    sandbox.close()
    with pytest.raises(SandboxFailedError, match="closed"):
        sandbox.open_cell(ECHO, Policy())


def test_without_its_mount_a_cell_keeps_a_sized_scratch_folder(
    sandbox: BubblewrapSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AppArmor may refuse the runner's one mount; here the capability for it is withheld."""
    kept = [word for word in ISOLATION if word not in {"--cap-add", "CAP_SYS_ADMIN"}]
    monkeypatch.setattr("skillkiln.sandbox.command.ISOLATION", tuple(kept))
    source = b"""
def run():
    try:
        with open("/tmp/big", "wb") as file:
            for _ in range(16):
                file.write(b"x" * (1 << 20))
    except OSError as error:
        return error.strerror
"""
    program = Program(
        runner="skill_runner",
        files={"skill.py": source},
        arguments={"frozen_at": None, "is_traced": False},
    )
    with sandbox.open_cell(program, Policy(scratch_bytes=8 * MIB)) as cell:
        assert not cell.has_file_limit
        cell.send({"id": 1, "inputs": {}})
        frames = [cell.receive() for _ in range(3)]
    assert frames[2] == {"id": 1, "output": "No space left on device"}
