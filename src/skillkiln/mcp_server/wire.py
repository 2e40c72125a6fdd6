"""Standard input as lines of the MCP wire, readable until told to stop.

The SDK reads standard input in a thread that nothing can interrupt, so a server that is told to end
while its client is silent would wait for ever. Here a line is awaited instead: the wait ends with
the task. Rules:

1. While lines are read, file descriptor 0 is the null device, so that no child process can take
   from the wire. (The SDK does the like for standard output: stray prints go to standard error.)
2. A line longer than `MAX_LINE_BYTES` ends the wire, because what it asks cannot be answered
   without holding all of it.
"""

import os
import stat
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager

import anyio
import anyio.lowlevel

MAX_LINE_BYTES = 32 * 1024 * 1024
"""Above every limit behind the door, so that what is merely too large is told its reason."""
CHUNK_BYTES = 64 * 1024
STDIN_FD = 0


class LineTooLongError(Exception):
    """The client sent a line that is longer than any request may be."""

    def __init__(self) -> None:
        super().__init__(f"a line of more than {MAX_LINE_BYTES} bytes; the connection is closed")


@contextmanager
def divert_stdin() -> Generator[int]:
    """Lend standard input as a private descriptor, with the null device in its place meanwhile."""
    wire = os.dup(STDIN_FD)
    null = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(null, STDIN_FD)
        yield wire
    finally:
        os.dup2(wire, STDIN_FD)
        os.close(wire)
        os.close(null)


async def read_lines(fd: int) -> AsyncGenerator[str]:
    """Yield each line as text, without its end; invalid UTF-8 becomes replacement characters.

    Raises:
        LineTooLongError: a line exceeds `MAX_LINE_BYTES`.
    """
    can_block = not stat.S_ISREG(os.fstat(fd).st_mode)
    rest = bytearray()
    while chunk := await _read_chunk(fd, can_block=can_block):
        searched = len(rest)
        rest += chunk
        while (end := rest.find(b"\n", searched)) >= 0:
            _check_length(end)
            yield rest[:end].decode("utf-8", "replace")
            del rest[: end + 1]
            searched = 0
        _check_length(len(rest))
    if rest:
        yield rest.decode("utf-8", "replace")


def _check_length(length: int) -> None:
    if length > MAX_LINE_BYTES:
        raise LineTooLongError


async def _read_chunk(fd: int, *, can_block: bool) -> bytes:
    if can_block:
        try:
            await anyio.wait_readable(fd)
        except PermissionError:
            # Devices such as the null device cannot be waited for, and never block either.
            await anyio.lowlevel.checkpoint()
    else:
        await anyio.lowlevel.checkpoint()
    return os.read(fd, CHUNK_BYTES)
