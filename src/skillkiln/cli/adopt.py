"""`skillkiln adopt`: bring in a skill that a person wrote, through the same gates."""

from pathlib import Path
from typing import Annotated

import typer

from skillkiln.cli.live import LiveTeller
from skillkiln.cli.options import NO, JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.outcome import print_outcome, print_outcome_json
from skillkiln.notice.tables import read_table

command = typer.Typer(add_completion=False)


@command.command()
def adopt(
    path: Annotated[Path, typer.Argument(help="The skill's folder: SKILL.md, skill.py, tests.")],
    cases: Annotated[
        Path | None,
        typer.Option(help="Examples to seal: a table whose last column is the wanted result."),
    ] = None,
    author: Annotated[
        str, typer.Option(help="Who wrote it; recorded as `human:AUTHOR`.")
    ] = "unknown",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring in a skill that a person wrote, through the same gates.

    Without --cases there is nothing that its author did not see, so nothing can be sealed, and
    the launch gates say so.
    """
    table = None if cases is None else read_table(cases)
    with open_kiln(workspace, is_created=True) as kiln, LiveTeller(is_quiet=as_json) as tell:
        result = kiln.adopt(path, table, author, tell)
    if as_json:
        print_outcome_json(result)
    else:
        print_outcome(result)
    if not result.is_released:
        raise typer.Exit(NO)
