"""`skillkiln skills`: the inventory."""

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, table

command = typer.Typer(add_completion=False)


@command.command()
def skills(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the inventory: every skill and where it stands."""
    with open_kiln(workspace) as kiln:
        releases = kiln.inventory()
    if as_json:
        print_json(releases)
        return
    if not releases:
        line("no skills yet; [bold]skillkiln scan[/] finds what is missing")
        return
    table(
        ["skill", "version", "status", "created", "source", "#tokens saved", "path", "description"],
        [
            (
                release.name,
                release.version,
                release.status,
                f"{release.created_at:%Y-%m-%d}",
                release.source_signal,
                _tokens(release.estimated_tokens_saved, release.measured_tokens_saved),
                release.path,
                release.description,
            )
            for release in releases
        ],
    )


def _tokens(estimated: float, measured: float | None) -> str:
    return f"~{estimated:,.0f}" if measured is None else f"{measured:,.0f} measured"
