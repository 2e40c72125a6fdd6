"""`skillkiln init`: make a workspace with a store and a signing key."""

import typer

from skillkiln.app import Skillkiln
from skillkiln.cli.options import JsonOption, WorkspaceOption
from skillkiln.cli.screen import line, print_json, safe
from skillkiln.settings import read_settings

command = typer.Typer(add_completion=False)


@command.command()
def init(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Make a workspace here: a store and a signing key.

    Doing it again changes nothing.
    """
    settings = read_settings(workspace)
    is_new = not Skillkiln.has_workspace(settings)
    key_id = Skillkiln.create(settings)
    if as_json:
        print_json({"workspace": str(settings.workspace), "key_id": key_id, "is_new": is_new})
        return
    made = "made" if is_new else "found"
    line(f"{made} the workspace [bold]{safe(settings.workspace)}[/], signing key {key_id}")
    line("next: [bold]skillkiln scan[/] reads the sessions your agents recorded")
