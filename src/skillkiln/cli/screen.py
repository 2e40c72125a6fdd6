"""How results look in a terminal: tables, key-value sheets, live progress; and as JSON.

Everything that came from a session, a skill or a log is shown through `safe`, which drops control
characters and stops rich from reading it as markup: what an agent printed can neither move the
cursor nor dress up as our own output.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Literal

from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

ACCENT = "bold cyan"
GOOD = "green"
BAD = "bold red"
QUIET = "dim"

_LOOSE_BACKSLASH = re.compile(r"\\(?=\[(?![a-z#/@][^\[]*?\]))")

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def safe(text: object, limit: int = 400) -> str:
    """Return text that cannot steer the terminal, cut to a length.

    Args:
        text: anything; shown by its `str`.
        limit: characters to keep.
    """
    shown = "".join(
        character if character.isprintable() else " " if character in "\n\t" else "\N{MIDDLE DOT}"
        for character in str(text)
    )
    cut = shown if len(shown) <= limit else shown[: limit - 1] + "…"
    # Rich drops a backslash before any bracket; `escape` sees to those that begin a tag only.
    return escape(_LOOSE_BACKSLASH.sub(r"\\\\", cut))


def print_json(value: object) -> None:
    """Print one JSON document on stdout; pydantic values and dataclasses become plain objects."""
    text = json.dumps(value, default=_plain, indent=2, ensure_ascii=False)
    sys.stdout.write("".join(map(_escape_unprintable, text)) + "\n")


def _escape_unprintable(character: str) -> str:
    # What a skill returns can hold controls and hidden characters; JSON has an escape for each.
    is_plain = character.isprintable() or character == "\n"
    return character if is_plain else json.dumps(character)[1:-1]


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever json.dumps may take
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; cells are made safe.

    A column named `#x` holds numbers. Only the last column is wrapped: it is the one for prose.
    """
    drawn = Table(box=None, pad_edge=False, header_style=ACCENT)
    for column in columns[:-1]:
        is_number = column.startswith("#")
        drawn.add_column(column.lstrip("#"), justify="right" if is_number else "left", no_wrap=True)
    last = columns[-1]
    side: Literal["left", "right"] = "right" if last.startswith("#") else "left"
    drawn.add_column(last.lstrip("#"), justify=side, overflow="fold")
    for row in rows:
        drawn.add_row(*(safe(cell) for cell in row))
    console.print(drawn)


def sheet(rows: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one pair a line."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    drawn.add_column(style=QUIET)
    drawn.add_column(overflow="fold")
    for name, value in rows:
        drawn.add_row(name, safe(value))
    console.print(drawn)


def heading(text: str) -> None:
    """Print a heading."""
    console.print(f"\n[{ACCENT}]{escape(text)}[/]")


def line(text: str = "") -> None:
    """Print one line of ours; it may hold markup, so foreign text goes through `safe` first."""
    console.print(text, soft_wrap=True)


def note(text: str) -> None:
    """Print a line about the work on stderr, where it does not disturb piped output."""
    errors.print(f"[{QUIET}]{text}[/]")
