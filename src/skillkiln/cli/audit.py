"""`skillkiln audit`: check everything that can be checked again."""

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, safe

command = typer.Typer(add_completion=False)


@command.command()
def audit(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check the ledger's chain and every release's digest and signature.

    Exits 3 and names the first broken link, or every release that does not hold.
    """
    with open_kiln(workspace) as kiln:
        report = kiln.audit()
    if as_json:
        print_json(report)
    else:
        line(
            f"ledger: {report.entries} entries, "
            + (
                "[green]the chain holds[/]"
                if report.ledger_problem is None
                else f"[bold red]{safe(report.ledger_problem)}[/]"
            )
        )
        for release in report.releases:
            mark = (
                "[green]holds[/]"
                if release.problem is None
                else (f"[bold red]{safe(release.problem)}[/]")
            )
            line(f"{safe(release.name)} {release.version} {release.status}: {mark}")
    if not report.is_sound:
        raise typer.Exit(3)
