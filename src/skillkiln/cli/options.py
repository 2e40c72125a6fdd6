"""The options that many commands share, and how a command opens its workspace."""

from pathlib import Path
from typing import Annotated

import typer

from skillkiln.app import Skillkiln
from skillkiln.settings import read_settings

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="Folder of the workspace.",
        envvar="SKILLKILN_WORKSPACE",
        show_default=".skillkiln",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout instead of text.")
]

NO = 1
"""Exit code: it ran, and the answer is no."""


def open_kiln(workspace: Path | None, *, is_created: bool = False) -> Skillkiln:
    """Open the workspace that a command was pointed at.

    Args:
        workspace: the folder that was given, if any.
        is_created: make the workspace where there is none, and say so.

    Raises:
        WorkspaceError: there is none and it may not be made.
    """
    settings = read_settings(workspace)
    if is_created and not Skillkiln.has_workspace(settings):
        Skillkiln.create(settings)
        typer.echo(f"made a workspace in {settings.workspace}", err=True)
    return Skillkiln.open(settings)
