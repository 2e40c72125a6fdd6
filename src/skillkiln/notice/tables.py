"""Read the examples that a person hands to `forge --from`: CSV, TSV, JSON lines, or plain lines.

A file is read whole and at most `MAX_BYTES`; larger ones are refused, because examples are few.
What a row means is decided in `notice.requests`.
"""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from skillkiln.errors import InvalidInputError

MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str
    """The file's name, for origins and messages."""


def read_text(path: Path) -> str:
    """Read a file of examples.

    Raises:
        InvalidInputError: it is missing, too large, or not UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInputError(f"cannot read {str(path)!r}: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise InvalidInputError(
            f"{path.name!r} is larger than {MAX_BYTES} bytes", hint="a few hundred rows are plenty"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"{path.name!r} is not UTF-8: byte {error.start} is {content[error.start]:#04x}"
        ) from error


def read_lines(path: Path) -> tuple[str, ...]:
    """Read a log: its lines that are not blank, without line ends, at most `MAX_ROWS`.

    Raises:
        InvalidInputError: see `read_text`, or there is no line.
    """
    lines = [line for line in read_text(path).splitlines() if line.strip()]
    if not lines:
        raise InvalidInputError(f"{path.name!r} has no lines")
    return tuple(lines[:MAX_ROWS])


def read_table(path: Path) -> Table:
    """Read a table of examples: `.jsonl` as JSON objects, anything else as CSV with a header.

    Raises:
        InvalidInputError: see `read_text`, or the rows do not fit the header.
    """
    text = read_text(path)
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return _parse_json_lines(text, path.name)
    return _parse_csv(text, path.name)


def _parse_csv(text: str, source: str) -> Table:
    first_line = text.split("\n", 1)[0]
    delimiter = max(",\t;|", key=first_line.count)
    try:
        parsed = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error as error:
        raise InvalidInputError(f"{source!r} is not a table: {error}") from error
    if len(parsed) < 2 or len(parsed[0]) < 2:
        raise InvalidInputError(
            f"{source!r}: expected a header and rows of at least two columns, got "
            f"{len(parsed)} rows of {len(parsed[0]) if parsed else 0}",
            hint="the last column is the wanted result; for a log use `--fields`",
        )
    header = tuple(parsed[0])
    for number, row in enumerate(parsed[1:], start=2):
        if len(row) != len(header):
            raise InvalidInputError(
                f"expected {len(header)} columns, got {len(row)}", where=f"{source}:{number}"
            )
    return Table(header, tuple(tuple(row) for row in parsed[1 : MAX_ROWS + 1]), source)


def _parse_json_lines(text: str, source: str) -> Table:
    objects: list[dict[str, object]] = []
    for number, line in enumerate(text.splitlines()[:MAX_ROWS], start=1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(f"not JSON: {error}", where=f"{source}:{number}") from error
        if not isinstance(value, dict):
            raise InvalidInputError("expected a JSON object", where=f"{source}:{number}")
        objects.append(cast("dict[str, object]", value))
    if not objects:
        raise InvalidInputError(f"{source!r} has no rows")
    header = tuple(objects[0])
    for number, row in enumerate(objects, start=1):
        if tuple(row) != header or not all(isinstance(cell, str) for cell in row.values()):
            raise InvalidInputError(
                f"expected text under {list(header)}, got {row!r:.80}", where=f"{source}:{number}"
            )
    return Table(header, tuple(tuple(str(c) for c in row.values()) for row in objects), source)
