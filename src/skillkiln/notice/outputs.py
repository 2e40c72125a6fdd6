"""Reads what a recorded script printed, in the forms that scripts print results in.

Forms, in the order in which they are tried: JSON objects on lines, one JSON list of objects, Python
dicts on lines, a table with a header, and plain lines. Numbers stay as they were printed. Rules:
recorded text is parsed as literals and never evaluated; a few lines around the results (a heading,
a total) are tolerated, but no more than `MAX_OTHER_SHARE` of them.
"""

import ast
import csv
import json
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import cast

MAX_RESULTS = 2_000
MAX_OTHER_SHARE = 0.2
MAX_FIELDS = 40
MAX_LITERAL_CHARS = 10_000

_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ .-]{0,39}")
_DELIMITERS = (",", "\t", ";", "|")

Fields = dict[str, str]
"""A result as text by field name; a missing value is empty."""


def list_record_readings(output: str) -> Iterator[list[Fields]]:
    """Yield the ways to read an output as records that name their fields, the likeliest first."""
    lines = list_plain_lines(output)
    if len(reading := _read_each_line(lines, _parse_json)) > 1:
        yield reading
    if len(reading := _read_json_list(output)) > 1:
        yield reading
    if len(reading := _read_each_line(lines, _parse_literal)) > 1:
        yield reading


def read_table(output: str) -> list[Fields]:
    """Read an output as a table whose first line names the fields; empty when it is none.

    Any line of two words and a comma could be a header, so the caller has to ask whether it is.
    """
    reading = _read_table(list_plain_lines(output))
    return reading if len(reading) > 1 else []


def list_plain_lines(output: str) -> list[str]:
    """Return the lines of an output that are not blank."""
    return [line for line in output.splitlines() if line.strip()][:MAX_RESULTS]


def unquote(text: str) -> str:
    """Return a text without the quotes that Python or JSON prints around a string."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        value = _evaluate_literal(text)
        return value if isinstance(value, str) else text
    return text


def _read_each_line(lines: Sequence[str], parse: Callable[[str], Fields | None]) -> list[Fields]:
    records = [record for line in lines if (record := parse(line.strip().rstrip(","))) is not None]
    is_mostly_records = len(records) >= (1 - MAX_OTHER_SHARE) * len(lines)
    return records if is_mostly_records else []


def _read_json_list(output: str) -> list[Fields]:
    try:
        values: object = json.loads(output, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return []
    if not isinstance(values, list):
        return []
    records = [_build_fields(value) for value in cast(list[object], values)[:MAX_RESULTS]]
    return [record for record in records if record is not None] if all(records) else []


def _read_table(lines: Sequence[str]) -> list[Fields]:
    for delimiter in _DELIMITERS:
        if not lines or delimiter not in lines[0]:
            continue
        try:
            header, *rows = csv.reader(lines, delimiter=delimiter)
        except csv.Error:
            continue
        names = [name.strip() for name in header]
        is_header = len(set(names)) == len(names) and all(map(_FIELD_NAME.fullmatch, names))
        if is_header and all(len(row) == len(names) for row in rows):
            return [dict(zip(names, map(str.strip, row), strict=True)) for row in rows]
    return []


def _parse_json(line: str) -> Fields | None:
    if not line.startswith("{"):
        return None
    try:
        return _build_fields(json.loads(line, parse_int=str, parse_float=str))
    except (ValueError, RecursionError):
        return None


def _parse_literal(line: str) -> Fields | None:
    return _build_fields(_evaluate_literal(line)) if line.startswith("{") else None


def _evaluate_literal(text: str) -> object:
    if len(text) > MAX_LITERAL_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _build_fields(value: object) -> Fields | None:
    """Return a flat record as text, or None for anything that is none."""
    if not isinstance(value, dict):
        return None
    items = cast(dict[object, object], value)
    fields: Fields = {}
    for name, item in items.items():
        is_named = isinstance(name, str) and _FIELD_NAME.fullmatch(name)
        if not is_named or isinstance(item, bool) or not isinstance(item, str | int | float | None):
            return None
        fields[str(name)] = "" if item is None else str(item)
    return fields if 0 < len(fields) <= MAX_FIELDS else None
