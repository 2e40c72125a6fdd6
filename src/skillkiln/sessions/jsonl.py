"""Reading a file of JSON records, one on each line, in bounded memory.

Rules: a line longer than `MAX_LINE_BYTES` is passed over without being held, invalid UTF-8 is
replaced, and a line that is no JSON object, or one of more than `MAX_VALUES` values (which would
take a hundred times its size to hold), is damage, not an error. A last line without an end is
read like the others, because a session may still be being written.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from skillkiln.sessions.interface import Damage

MAX_LINE_BYTES = 16 * 1024 * 1024
MAX_VALUES = 1_000_000

Record = dict[str, object]


def read_records(path: Path) -> Iterator[tuple[int, Record | Damage]]:
    """Stream a file's records with their line numbers, from 1.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with path.open("rb") as stream:
        number = 0
        while chunk := stream.readline(MAX_LINE_BYTES):
            number += 1
            if len(chunk) == MAX_LINE_BYTES and not chunk.endswith(b"\n"):
                size = MAX_LINE_BYTES + _pass_over_line(stream)
                why = f"line of {size} bytes passed over, at most {MAX_LINE_BYTES} are read"
                yield number, Damage(number, why)
            elif not chunk.isspace():
                yield from _parse_line(number, chunk)


def _pass_over_line(stream: BinaryIO) -> int:
    size = 0
    while chunk := stream.readline(MAX_LINE_BYTES):
        size += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return size


def _parse_line(number: int, line: bytes) -> Iterator[tuple[int, Record | Damage]]:
    if sum(map(line.count, (b",", b"[", b"{"))) > MAX_VALUES:
        yield number, Damage(number, f"more than {MAX_VALUES} values on one line")
        return
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("utf-8", "replace")
        yield number, Damage(number, "invalid UTF-8 replaced")
    parsed = parse_object(text)
    yield number, parsed if parsed is not None else Damage(number, "not a JSON object")


def parse_object(text: str) -> Record | None:
    """Return a text's JSON object, or None when it is anything else."""
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast(Record, parsed) if isinstance(parsed, dict) else None
