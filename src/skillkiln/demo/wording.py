"""The same program in other words: names, comments, ways of reading a file and of printing.

Two agents that solve one task write nearly the same script and never quite the same. A `Program`
says what is done to one line; `write_script` dresses it. Rules: the task fixes the agent's habits
(`Habits`), a session follows them most of the time; no wording changes what is printed. Templates
use `$line`, `$result` and the other keys of `NAMES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from string import Template
from textwrap import indent

NAMES: dict[str, tuple[str, ...]] = {
    "line": ("line", "raw", "entry", "text", "ln"),
    "handle": ("fh", "f", "src", "handle"),
    "result": ("out", "res", "shown", "answer"),
    "match": ("m", "hit", "found", "mo"),
    "pattern": ("pat", "rx", "PATTERN", "LINE_RE"),
    "record": ("rec", "row", "record", "item"),
    "parts": ("parts", "cols", "bits", "cells"),
    "columns": ("FIELDS", "names", "COLUMNS", "keys"),
    "rows": ("rows", "results", "collected", "outputs"),
}
COMMENTS = (
    "# quick one-off",
    "# throwaway: print everything, pipe it later",
    "# go through the file line by line",
    "# second look at this format",
    "",
)
READERS: tuple[tuple[str, str, int], ...] = (
    ("", 'for $line in open("$path").read().splitlines():', 4),
    ("", 'with open("$path") as $handle:\n    for $line in $handle.read().splitlines():', 8),
    ("from pathlib import Path", 'for $line in Path("$path").read_text().splitlines():', 4),
)
"""What each way of reading imports, how its loop opens, and how deep the body stands."""

HABIT_STRENGTH = 0.75
"""How often a session does what the task's habit says."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How the agent of one task likes to read and to print."""

    reader: int
    is_collecting: bool
    """Whether results are gathered and printed at the end instead of one by one."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is done to one `$line`: statements that leave the text to print in `$result`."""

    body: str
    setup: str = ""
    imports: tuple[str, ...] = ()
    shown: str = "$result"
    """The expression that is printed for a line; empty where nothing is."""
    after: str = ""
    """What is done when all lines are."""


def draw_habits(rng: Random) -> Habits:
    """Draw the habits of one task."""
    return Habits(rng.randrange(len(READERS)), rng.random() < 0.4)


def bind_words(program: Program, habits: Habits) -> Callable[[Random, str], str]:
    """Return what writes a program in one agent's habits, for any random source and path."""
    return lambda rng, path: write_script(program, path, habits, rng)


def write_script(program: Program, path: str, habits: Habits, rng: Random) -> str:
    """Write a program for one file in words of its own."""
    words = {key: rng.choice(choices) for key, choices in NAMES.items()} | {"path": path}
    keeps_habit = rng.random() < HABIT_STRENGTH
    reader = habits.reader if keeps_habit else rng.randrange(len(READERS))
    import_line, loop, depth = READERS[reader]
    is_collecting = habits.is_collecting and bool(program.shown)
    shower = "$rows.append" if is_collecting else "print"
    show = f"{shower}({program.shown})" if program.shown else ""
    blocks = [
        _write_imports([*program.imports, import_line], rng),
        program.setup,
        "$rows = []" if is_collecting else "",
        rng.choice(COMMENTS),
        loop,
        indent(f"{program.body}\n{show}", " " * depth).rstrip(),
        'print("\\n".join($rows))' if is_collecting else "",
        program.after,
    ]
    return Template("\n".join(block for block in blocks if block) + "\n").substitute(words)


def _write_imports(imports: list[str], rng: Random) -> str:
    plain = [line.removeprefix("import ") for line in imports if line.startswith("import ")]
    others = [line for line in imports if line.startswith("from ")]
    rng.shuffle(plain)
    as_one = [f"import {', '.join(plain)}"] if plain else []
    as_many = [f"import {name}" for name in plain]
    return "\n".join([*rng.choice((as_one, as_many)), *others])
