"""`skillkiln forget`: remove what came from a session."""

from typing import Annotated

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, safe

command = typer.Typer(add_completion=False)


@command.command()
def forget(
    session: Annotated[str, typer.Argument(help="The session's id.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove what came from a session: signals, gaps and cases. A later scan passes it over."""
    with open_kiln(workspace) as kiln:
        removed = kiln.forget(session)
    if as_json:
        print_json(removed)
        return
    line(
        f"forgot {safe(session)}: {removed.signals} signals, {removed.gaps} gaps, "
        f"{removed.needs} needs, {removed.cases} cases; {removed.attempts} attempts redacted"
    )
    for digest in removed.releases_affected:
        line(f"release {digest[:12]} was proved on its cases; `skillkiln retire` it if it must go")
