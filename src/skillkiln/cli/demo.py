"""`skillkiln demo`: see the whole loop, from recorded sessions to a live skill."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from skillkiln.app import Skillkiln
from skillkiln.cli.live import LiveTeller
from skillkiln.cli.options import NO, JsonOption, open_kiln
from skillkiln.cli.outcome import print_outcome
from skillkiln.cli.scan import print_gap, print_gaps
from skillkiln.cli.screen import heading, line, print_json, safe, sheet
from skillkiln.demo.mcp_client import McpVisit
from skillkiln.demo.recorder import Recorded
from skillkiln.demo.story import DemoReport, LiveCheck, run_demo
from skillkiln.notice.interface import NoNeed
from skillkiln.notice.scan import ScanReport
from skillkiln.records.attempts import Attempt
from skillkiln.records.evidence import Outcome
from skillkiln.records.needs import Need
from skillkiln.records.signals import Gap
from skillkiln.settings import read_child_environment
from skillkiln.workflows.interface import ForgeResult

command = typer.Typer(add_completion=False)

SHOWN_GAPS = 6
SHOWN_SIGNALS = 4


@command.command()
def demo(
    seed: Annotated[int, typer.Option(min=0, help="Chooses tasks, data, formats and names.")] = 1,
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the recordings and the workspace in this folder."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """See the whole loop on real recordings, from a session to a live skill.

    Exits 1 when no gap could be met: some seeds hold only work that no embedded author can learn,
    and an honest refusal is an answer.
    """
    with _folder(keep) as folder, open_kiln(folder / "workspace", is_created=True) as kiln:
        report = _tell(kiln, folder, seed, is_quiet=as_json)
        if as_json:
            print_json(_as_json(report))
        elif keep is not None:
            line(
                f"kept in {safe(folder)}: try [bold]skillkiln skills -w {safe(folder)}/workspace[/]"
            )
    if not report.is_live or not report.is_sound:
        raise typer.Exit(NO)


def _tell(kiln: Skillkiln, folder: Path, seed: int, *, is_quiet: bool) -> DemoReport:
    with ScreenNarrator(is_quiet=is_quiet) as narrator:
        report = run_demo(kiln, folder, seed, read_child_environment(), narrator)
        narrator.ended(report)
    return report


@contextmanager
def _folder(keep: Path | None) -> Generator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="skillkiln-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class ScreenNarrator(LiveTeller):
    """Shows the demo's scenes on the screen."""

    def __init__(self, *, is_quiet: bool) -> None:
        super().__init__(is_quiet=is_quiet)
        self._is_silent = is_quiet
        self._has_planted = False

    def recorded(self, recorded: Recorded) -> None:
        """Show what was recorded."""
        if self._is_silent:
            return
        tasks = (recorded.main, recorded.secondary)
        sessions = sum(len(task.sessions) for task in tasks) + len(recorded.side_sessions)
        heading(
            f"1  recorded: {sessions} sessions of an agent at work, by really running its commands"
        )
        for task in tasks:
            line(
                f"{len(task.sessions)} sessions in {safe(task.project.name)}: "
                f"{safe(task.name)} ({len(task.seen_rows)} rows of data)"
            )
        line("[dim]and an excerpt of other people's sessions that ships with Skillkiln[/]")

    def scanned(self, report: ScanReport) -> None:
        """Show the gaps."""
        if self._is_silent:
            return
        heading("2  scanned: what is worth building?")
        line(f"read {report.summary}")
        print_gaps(report.gaps[:SHOWN_GAPS])

    def not_needed(self, gap: Gap, why: NoNeed) -> None:
        """Show why a gap was passed over."""
        if not self._is_silent:
            line(f"[yellow]passed over[/] {gap.id} {safe(gap.title)}: {safe(why.reason)}")

    def needed(self, gap: Gap, need: Need) -> None:
        """Show the evidence for the gap that is taken up."""
        if self._is_silent:
            return
        heading(f"3  the gap {gap.id}")
        print_gap(gap.model_copy(update={"signals": gap.signals[:SHOWN_SIGNALS]}))
        line(
            f"cases recovered from the recorded runs: {len(need.visible)} visible, "
            f"{len(need.sealed)} sealed, {len(need.held_back)} held back"
        )
        heading("4  forged: written, proved, judged, signed, shadowed")

    def forged(self, result: ForgeResult) -> None:
        """Show how forging ended."""
        if self._is_silent:
            return
        candidate = result.attempts[-1].candidate if result.attempts else None
        if candidate is not None and result.is_released:
            heading("skill.py, as it was written")
            line(safe_code(candidate.files["skill.py"]))
        print_outcome(result)

    def served(self, visit: McpVisit, check: LiveCheck) -> None:
        """Show the call over MCP."""
        if self._is_silent:
            return
        heading("5  called over MCP, on rows that are in no file")
        sheet(
            [
                ("tools", ", ".join(visit.tools)),
                ("find_skills", ", ".join(visit.found) or "nothing"),
                ("invoke_skill", dict(check.example_input)),
                ("answered", check.example_output),
                ("right", f"{check.right} of {check.calls}"),
                ("latency", f"{check.median_ms:.0f} ms median, each in a fresh sandbox"),
            ]
        )

    def planted(self, label: str, attempt: Attempt) -> None:
        """Show how a planted version fared."""
        if self._is_silent:
            return
        if not self._has_planted:
            heading("6  planted: four bad versions of the same skill, through the same gates")
            self._has_planted = True
        mark = "[bold red]accepted[/]" if attempt.is_accepted else "[green]rejected[/]"
        line(f"{mark} {label}: {safe(attempt.why_not)}")

    def ended(self, report: DemoReport) -> None:
        """Show the end."""
        if self._is_silent:
            return
        heading(f"seed {report.seed}: {report.wall_s:.0f} s")
        if not report.is_live:
            for reason in report.refusals:
                line(f"[yellow]not met[/] {safe(reason)}")


def safe_code(source: str) -> str:
    """Return source text that cannot steer the terminal, with its lines kept."""
    return "\n".join(safe(text) for text in source.splitlines())


def _as_json(report: DemoReport) -> dict[str, object]:
    result = report.result
    failed = (
        []
        if result is None
        else [
            f"{stage}: {note}" for stage, outcome, note in result.frame if outcome is Outcome.FAILED
        ]
    )
    check = report.check
    return {
        "seed": report.seed,
        "gaps": report.gaps,
        "released": None if result is None else result.release,
        "failed_stages": failed,
        "live": None
        if check is None
        else {
            "calls": check.calls,
            "right": check.right,
            "median_ms": check.median_ms,
        },
        "planted": {
            label: {"accepted": a.is_accepted, "reason": a.failure, "why": a.why_not}
            for label, a in report.planted.items()
        },
        "refusals": report.refusals,
        "wall_s": report.wall_s,
    }
