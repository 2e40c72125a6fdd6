"""`skillkiln retire`: take a skill out of service."""

from typing import Annotated

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, safe

command = typer.Typer(add_completion=False)


@command.command()
def retire(
    name: Annotated[str, typer.Argument(help="The skill's name.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "asked for by hand",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a skill out of service. Its release, evidence and history stay."""
    with open_kiln(workspace) as kiln:
        release = kiln.retire(name, reason)
    if as_json:
        print_json(release)
    else:
        line(f"[bold]{safe(release.name)}[/] {release.version} is retired: {safe(reason)}")
