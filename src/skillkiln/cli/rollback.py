"""`skillkiln rollback`: switch a name back to its previous good version."""

from typing import Annotated

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, safe

command = typer.Typer(add_completion=False)


@command.command()
def rollback(
    name: Annotated[str, typer.Argument(help="The skill's name.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "asked for by hand",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the previous good version back. Switches a pointer; nothing is rebuilt."""
    with open_kiln(workspace) as kiln:
        live = kiln.roll_back(name, reason)
    if as_json:
        print_json({"name": name, "live": live})
    elif live is None:
        line(f"[bold]{safe(name)}[/] is rolled back; there was no earlier version, so none is live")
    else:
        line(f"[bold]{safe(name)}[/] is back at {live.version}")
