"""How a forge run ends on the screen: the eight stages, the score, the release or why not."""

from dataclasses import asdict

from skillkiln.cli.live import MARKS
from skillkiln.cli.screen import heading, line, print_json, safe, sheet, table
from skillkiln.records.evidence import Verdict
from skillkiln.watch.shadow import ShadowReport
from skillkiln.workflows.interface import ForgeResult


def print_outcome(result: ForgeResult) -> None:
    """Print a finished run for a person."""
    heading("stages")
    for stage, outcome, note in result.frame:
        line(f"{MARKS[outcome]} {stage:<10} {outcome:<10} {safe(note)}")
    best = next((a for a in reversed(result.attempts) if a.verdict is not None), None)
    if best is not None and best.verdict is not None:
        heading(f"score {best.verdict.score:.2f} of 10, accepted from {best.verdict.min_score}")
        print_score(best.verdict)
    if result.release is None:
        line(f"\n[bold red]not released[/]: {safe(result.reason)}")
        for attempt in result.attempts:
            if attempt.refusal is not None and attempt.refusal.hint:
                line(f"[dim]{safe(attempt.author)}: {safe(attempt.refusal.hint)}[/]")
        return
    release = result.release
    heading("release")
    rows = [
        ("skill", f"{release.name} {release.version}"),
        ("status", release.status),
        ("sha256", release.digest),
        ("path", release.path),
    ]
    if result.shadow is not None:
        rows.append(("shadow", summarise_shadow(result.shadow)))
    sheet(rows)
    if result.reason:
        line(f"[yellow]not live[/]: {safe(result.reason)}")
    else:
        line(
            f"next: [bold]skillkiln show {release.name}[/], [bold]skillkiln invoke "
            f"{release.name}[/], or [bold]skillkiln mcp[/] for agents"
        )


def summarise_shadow(report: ShadowReport) -> str:
    """Say in one line how a release fared on held-back inputs."""
    return (
        f"{report.agreed} of {report.calls} held-back inputs agreed, {report.differed} differed, "
        f"{report.failed} failed; median {report.p50_ms:.0f} ms"
    )


def print_score(verdict: Verdict) -> None:
    """Print the table that adds up to the score."""
    table(
        ["criterion", "#points", "#of", "because"],
        [
            (row.criterion, f"{row.points:.2f}", f"{row.out_of:g}", row.because)
            for row in verdict.lines
        ],
    )


def print_outcome_json(result: ForgeResult) -> None:
    """Print a finished run as one JSON document. Sealed and held-back cases are not in it."""
    print_json(
        {
            "need": result.need.brief(),
            "stages": [
                {"stage": stage, "outcome": outcome, "note": note}
                for stage, outcome, note in result.frame
            ],
            "attempts": result.attempts,
            "release": result.release,
            "shadow": None if result.shadow is None else asdict(result.shadow),
            "reason": result.reason,
        }
    )
