"""`skillkiln forge`: have a skill written for a gap, or for examples that a person gives."""

from pathlib import Path
from typing import Annotated

import typer

from skillkiln.app import Skillkiln
from skillkiln.cli.labelling import ask_labels, read_labels
from skillkiln.cli.live import LiveTeller
from skillkiln.cli.options import NO, JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.outcome import print_outcome, print_outcome_json
from skillkiln.cli.screen import note, safe
from skillkiln.errors import InvalidInputError
from skillkiln.notice.interface import NoNeed
from skillkiln.notice.requests import Request
from skillkiln.notice.tables import read_lines, read_table
from skillkiln.records.needs import Need

command = typer.Typer(add_completion=False)


@command.command()
def forge(
    gap: Annotated[
        str | None, typer.Argument(metavar="[GAP]", help="A gap's id, or how it begins.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Examples: CSV, TSV or JSON lines; or a log, with --fields."),
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(help="Names of the fields in a log line, in order, comma-separated."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Labelled lines for --fields: a table with a `line` column."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(help="The wanted column(s) of a table, comma-separated; else the last one."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The skill's name.")] = None,
    purpose: Annotated[str | None, typer.Option(help="One sentence: what it does.")] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(help="Folders with the files that the sessions worked on; may be repeated."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the guessed fields of log lines as right.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have a skill written, proved, signed and taken live.

    Give a gap's id, or a request with --from. Exits 1 when nothing was good enough; the reason is
    shown and every attempt is kept.
    """
    if (gap is None) == (source is None):
        raise InvalidInputError(
            "expected a gap's id or --from FILE, and only one of them",
            hint="`skillkiln gaps` lists gaps; `skillkiln forge --from examples.csv` takes rows",
        )
    # Read before a workspace is made: a file that cannot be read leaves nothing behind.
    table = None if source is None or fields is not None else read_table(source)
    with open_kiln(workspace, is_created=source is not None) as kiln:
        if source is None:
            need = kiln.build_need(gap or "", tuple(files or ()))
        elif fields is not None:
            need = request_from_log(kiln, source, fields, labels, name, purpose, yes=yes)
        else:
            asked = Request(name, purpose, tuple((output or "").split(",")) if output else ())
            assert table is not None
            need = kiln.build_need_from_table(table, asked)
        forge_need(kiln, need, as_json=as_json)


def request_from_log(
    kiln: Skillkiln,
    source: Path,
    fields: str,
    labels: Path | None,
    name: str | None,
    purpose: str | None,
    *,
    yes: bool,
) -> Need | NoNeed:
    """Build a need from a log: its lines labelled by a file, by guesses taken, or by asking."""
    lines = read_lines(source)
    names = tuple(field.strip() for field in fields.split(","))
    labelled = (
        read_labels(labels, names) if labels is not None else ask_labels(lines, names, is_yes=yes)
    )
    return kiln.build_need_from_labels(labelled, lines, source.name, Request(name, purpose))


def forge_need(kiln: Skillkiln, need: Need | NoNeed, *, as_json: bool) -> None:
    """Forge a need, print what came of it, and exit 1 when nothing was released."""
    if isinstance(need, NoNeed):
        raise InvalidInputError(need.reason, hint=need.hint or None)
    if not as_json:
        note(
            f"{need.name}: {len(need.visible)} visible, {len(need.sealed)} sealed and "
            f"{len(need.held_back)} held-back cases; {safe(need.kind_reason)}"
        )
    with LiveTeller(is_quiet=as_json) as tell:
        result = kiln.forge(need, tell)
    if as_json:
        print_outcome_json(result)
    else:
        print_outcome(result)
    if not result.is_released:
        raise typer.Exit(NO)
