"""Ask a person what the fields of a few log lines are, offering a guess for each."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from skillkiln.cli.screen import errors, note, safe
from skillkiln.errors import InvalidInputError
from skillkiln.notice.labels import guess_labels, is_settled, pick_diverse
from skillkiln.notice.tables import read_table

ASKED_LINES = 12
"""Enough to learn from, to test with, and to seal some."""

Labelled = tuple[tuple[str, dict[str, str]], ...]
"""Lines with their fields."""


def read_labels(path: Path, fields: Sequence[str]) -> Labelled:
    """Read labelled lines from a table with a `line` column and one column for each field.

    Raises:
        InvalidInputError: a column is missing.
    """
    table = read_table(path)
    missing = {"line", *fields} - set(table.columns)
    if missing:
        raise InvalidInputError(
            f"{table.source!r} has no column {sorted(missing)}",
            hint=f"expected `line` and {', '.join(fields)}",
        )
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return tuple((row["line"], {name: row[name] for name in fields}) for row in rows)


def ask_labels(lines: Sequence[str], fields: Sequence[str], *, is_yes: bool) -> Labelled:
    """Have lines labelled: by guesses taken as right, or by asking for a dozen diverse ones.

    Where nobody can be asked, guesses count only if every line has exactly as many parts as there
    are names.

    Raises:
        InvalidInputError: nobody can be asked, or nothing can be guessed where guesses count.
    """
    settled = all(is_settled(line, fields) for line in lines)
    if settled and not is_yes and not sys.stdin.isatty():
        note(f"every line has exactly {len(fields)} parts; they are taken as the fields, in order")
    if is_yes or (settled and not sys.stdin.isatty()):
        guesses = guess_labels(lines, fields)
        taken = tuple(
            (line, guess) for line, guess in zip(lines, guesses, strict=True) if guess is not None
        )
        if not taken:
            raise InvalidInputError(
                f"no line has {len(fields)} parts, got for example {lines[0]!r:.80}",
                hint="give fewer --fields, or labelled lines with --labels",
            )
        return taken
    if not sys.stdin.isatty():
        raise InvalidInputError(
            "somebody has to say what the fields of a few lines are, and nobody can be asked here",
            hint="pass `--labels FILE` (a table with `line` and the fields), or `--yes` to take "
            "the guessed fields as right",
        )
    picked = pick_diverse(lines, ASKED_LINES)
    errors.print(f"What are the fields of these {len(picked)} lines? Enter takes the guess.")
    return tuple((line, _ask_line(line, fields)) for line in picked)


def _ask_line(line: str, fields: Sequence[str]) -> dict[str, str]:
    guess = guess_labels([line], fields)[0] or {}
    errors.print(f"\n[bold]{safe(line)}[/]")
    values: dict[str, str] = {}
    for name in fields:
        while True:
            value: str = typer.prompt(f"  {name}", default=guess.get(name, ""), err=True)
            if value in line:
                break
            errors.print("[yellow]  that is not in the line, letter by letter[/]")
        values[name] = value
    return values
