"""`skillkiln skills`: the inventory."""

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, safe
from skillkiln.skill.status import Status

command = typer.Typer(add_completion=False)

COLOURS = {
    Status.LIVE: "[bold green]",
    Status.CANARY: "[green]",
    Status.SHADOW: "[yellow]",
    Status.QUARANTINED: "[bold red]",
}


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
    for release in releases:
        saved = _tokens(release.estimated_tokens_saved, release.measured_tokens_saved)
        colour = COLOURS.get(release.status, "[dim]")
        line(
            f"[bold]{safe(release.name)}[/] {release.version}  {colour}{release.status}[/]  "
            f"{release.created_at:%Y-%m-%d}  {saved}  "
            f"[dim]{safe(release.source_signal)}  {safe(release.path)}[/]"
        )
        line(f"    {safe(release.description)}")


def _tokens(estimated: float, measured: float | None) -> str:
    if measured is not None:
        return f"saved {measured:,.0f} tokens"
    return f"saves about {estimated:,.0f} tokens" if estimated else "saving not estimated"
