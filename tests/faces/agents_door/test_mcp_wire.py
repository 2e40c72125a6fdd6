"""Lines off a descriptor: whole, in order, bounded, and interruptible."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillkiln.mcp_server import wire
from skillkiln.mcp_server.wire import LineTooLongError, read_lines

if TYPE_CHECKING:
    from pathlib import Path


def read_all(fd: int) -> list[str]:
    async def read() -> list[str]:
        return [line async for line in read_lines(fd)]

    return anyio.run(read)


def read_piped(chunks: list[bytes]) -> list[str]:
    async def read() -> list[str]:
        reader, writer = os.pipe()
        lines: list[str] = []

        async def collect() -> None:
            async for line in read_lines(reader):
                lines.append(line)

        try:
            async with anyio.create_task_group() as group:
                group.start_soon(collect)
                for chunk in chunks:
                    os.write(writer, chunk)
                    await anyio.sleep(0)
                os.close(writer)
        finally:
            os.close(reader)
        return lines

    return anyio.run(read)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
@settings(deadline=None, max_examples=60)
def test_lines_are_the_same_however_the_bytes_arrive(content: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(content)]
    chunks = [content[start:end] for start, end in itertools.pairwise(edges)]
    assert read_piped(chunks) == [line.decode("utf-8", "replace") for line in split(content)]


def split(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


@pytest.mark.parametrize("chunks", [[b"0123456789x", b"more\n"], [b"ok\n0123456789x\n"]])
def test_a_line_longer_than_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, chunks: list[bytes]
) -> None:
    monkeypatch.setattr(wire, "MAX_LINE_BYTES", 10)
    assert read_piped([b"0123456789\n", b"ok\n"]) == ["0123456789", "ok"]
    with pytest.raises(BaseExceptionGroup) as caught:
        read_piped(chunks)
    assert caught.group_contains(LineTooLongError)


def test_a_file_and_the_null_device_are_read_to_their_end(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntwo")
    with path.open("rb") as file:
        assert read_all(file.fileno()) == ["one", "two"]
    with open(os.devnull, "rb") as null:  # noqa: PTH123 - a device, not a path of ours
        assert read_all(null.fileno()) == []


def test_waiting_for_a_line_ends_with_the_task() -> None:
    async def wait() -> bool:
        reader, writer = os.pipe()
        try:
            with anyio.move_on_after(0.05) as scope:
                async for _ in read_lines(reader):
                    pass
            return scope.cancelled_caught
        finally:
            os.close(reader)
            os.close(writer)

    assert anyio.run(wait)


DIVERT = """
import os, subprocess, sys
from skillkiln.mcp_server.wire import divert_stdin
with divert_stdin() as wire:
    child = subprocess.run(["cat"], stdout=subprocess.PIPE)
    taken = os.read(wire, 4)
left = sys.stdin.buffer.read()
print([child.stdout, taken, left, os.fstat(0).st_ino == int(sys.argv[1])])
"""


def test_a_child_process_cannot_take_from_the_wire_and_standard_input_is_given_back() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"wirerest")
    os.close(writer)
    done = subprocess.run(
        [sys.executable, "-c", DIVERT, str(os.fstat(reader).st_ino)],
        stdin=reader,
        capture_output=True,
        check=True,
    )
    os.close(reader)
    assert done.stdout.decode().strip() == "[b'', b'wire', b'rest', True]"
