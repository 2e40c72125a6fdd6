"""`skillkiln gaps`: list the gaps, or show one with its evidence."""

from typing import Annotated

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.scan import print_gap, print_gaps
from skillkiln.cli.screen import line, print_json

command = typer.Typer(add_completion=False)


@command.command()
def gaps(
    gap_id: Annotated[
        str | None, typer.Argument(metavar="GAP", help="A gap's id, or how it begins.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the gaps found, or show one with its evidence."""
    with open_kiln(workspace) as kiln:
        if gap_id is not None:
            gap = kiln.load_gap(gap_id)
            print_json(gap) if as_json else print_gap(gap)
            return
        found = kiln.gaps()
    if as_json:
        print_json(found)
    elif found:
        print_gaps(found)
    else:
        line("no gaps known; [bold]skillkiln scan[/] looks for them")
