"""`skillkiln doctor`: what this machine can isolate."""

import typer

from skillkiln.app import Skillkiln
from skillkiln.cli.options import NO, JsonOption, WorkspaceOption
from skillkiln.cli.screen import line, print_json, safe
from skillkiln.settings import read_settings

command = typer.Typer(add_completion=False)


@command.command()
def doctor(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say what this machine can isolate, and what is missing.

    Really confines one small program. Exits 1 when the machine cannot isolate: nothing that an
    agent wrote would be run on it.
    """
    probe = Skillkiln.probe_sandbox(read_settings(workspace))
    if as_json:
        print_json(
            {
                "tier": probe.tier,
                "is_usable": probe.is_usable,
                "hint": probe.hint,
                "capabilities": [
                    {"name": c.name, "is_present": c.is_present, "detail": c.detail, "hint": c.hint}
                    for c in probe.capabilities
                ],
            }
        )
    else:
        for capability in probe.capabilities:
            mark = "[green]✓[/]" if capability.is_present else "[yellow]·[/]"
            line(f"{mark} {capability.name:<24} {safe(capability.detail)}")
            if capability.hint and not capability.is_present:
                line(f"  [dim]hint: {safe(capability.hint)}[/]")
        verdict = "[bold green]can isolate[/]" if probe.is_usable else "[bold red]cannot isolate[/]"
        line(f"\nthis machine {verdict} (tier: {probe.tier})")
        if probe.hint and not probe.is_usable:
            line(f"hint: {safe(probe.hint)}")
    if not probe.is_usable:
        raise typer.Exit(NO)
