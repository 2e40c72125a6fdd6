"""The demo: the whole loop on recordings made for the occasion, told as it happens.

    record     a scripted agent plays some days of real work; its runs are recorded
    scan       those recordings and a shipped excerpt of other people's, read as any others
    forge      the worthiest gap that holds enough, through every stage
    serve      an MCP client calls the live skill on rows that are in no file, and checks it
    plant      bad versions of the same skill, through the same gates

Nothing is canned: the story calls what every user calls, and ends where an honest answer ends it.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Protocol

from skillkiln.app import Skillkiln
from skillkiln.demo.mcp_client import McpVisit, visit
from skillkiln.demo.planted import plant_bad_versions
from skillkiln.demo.recorder import Recorded, RecordedTask, record_sessions
from skillkiln.notice.interface import NoNeed
from skillkiln.notice.scan import ScanReport
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.needs import Need
from skillkiln.records.signals import Gap, SignalKind
from skillkiln.workflows.interface import ForgeResult, Teller

SHIPPED_RECORDINGS = Path(__file__).parent / "recordings"
CHECKED_ROWS = 8
"""Fresh rows that the live skill is called on."""


class Narrator(Teller, Protocol):
    """Shows the story to a person, scene by scene."""

    def recorded(self, recorded: Recorded) -> None:
        """The recordings are made."""
        ...

    def scanned(self, report: ScanReport) -> None:
        """The gaps are found."""
        ...

    def not_needed(self, gap: Gap, why: NoNeed) -> None:
        """A gap holds too little to write a skill from."""
        ...

    def needed(self, gap: Gap, need: Need) -> None:
        """A gap became a need; forging begins."""
        ...

    def forged(self, result: ForgeResult) -> None:
        """Forging ended, one way or the other."""
        ...

    def served(self, visit: McpVisit, check: "LiveCheck") -> None:
        """The live skill answered an MCP client."""
        ...

    def planted(self, label: str, attempt: Attempt) -> None:
        """A planted bad version went through the gates."""
        ...


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """How the live skill did on rows that are in no file."""

    calls: int
    right: int
    median_ms: float
    example_input: Mapping[str, str]
    example_output: object


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What a demo run came to."""

    seed: int
    gaps: int
    result: ForgeResult | None
    check: LiveCheck | None
    planted: Mapping[str, Attempt]
    wall_s: float
    refusals: tuple[str, ...]
    """Why gaps were passed over or not met."""

    @property
    def is_live(self) -> bool:
        """Whether a skill went live and answered."""
        return self.check is not None

    @property
    def is_sound(self) -> bool:
        """Whether everything that went live was right and everything planted was rejected."""
        check = self.check
        return (check is None or check.right == check.calls) and not any(
            attempt.is_accepted for attempt in self.planted.values()
        )


def run_demo(
    kiln: Skillkiln,
    folder: Path,
    seed: int,
    child_environment: Mapping[str, str],
    narrator: Narrator,
) -> DemoReport:
    """Run the demo.

    Args:
        kiln: an open workspace, empty or not.
        folder: an existing folder for the recordings and the files worked on.
        seed: chooses tasks, data, formats and names.
        child_environment: environment variables of the MCP server that the client starts.
        narrator: shows it.
    """
    began_at = time.monotonic()
    recorded = record_sessions(folder, seed=seed, clock=kiln.clock)
    narrator.recorded(recorded)
    report = kiln.scan([recorded.sessions, SHIPPED_RECORDINGS])
    narrator.scanned(report)
    gap, result, refusals = _forge_best(kiln, recorded, report, narrator)
    check, planted = None, dict[str, Attempt]()
    if gap is not None and result is not None and result.promotion is not None:
        if result.promotion.is_live:
            check = _serve(kiln, result, _find_task(recorded, gap), child_environment, narrator)
        planted = _plant(kiln, result, narrator)
    return DemoReport(
        seed, len(report.gaps), result, check, planted, time.monotonic() - began_at, refusals
    )


def _forge_best(
    kiln: Skillkiln, recorded: Recorded, report: ScanReport, narrator: Narrator
) -> tuple[Gap | None, ForgeResult | None, tuple[str, ...]]:
    """Forge the worthiest gap that holds enough; go on to the next where one cannot be met."""
    refusals: list[str] = []
    tried: Gap | None = None
    result: ForgeResult | None = None
    for gap in report.gaps:
        if not gap.opens_skill or gap.kind is not SignalKind.REWORK:
            continue
        need = kiln.build_need(gap.id, (recorded.work,))
        if isinstance(need, NoNeed):
            narrator.not_needed(gap, need)
            refusals.append(f"{gap.title}: {need.reason}")
            continue
        narrator.needed(gap, need)
        tried, result = gap, kiln.forge(need, narrator)
        narrator.forged(result)
        if result.is_released:
            break
        refusals.append(f"{gap.title}: {result.reason}")
    return tried, result, tuple(refusals)


def _find_task(recorded: Recorded, gap: Gap) -> RecordedTask:
    """Return the recorded task that a gap was seen in."""
    seen_in = {signal.pointer.path for signal in gap.signals}
    in_second = {str(path) for path in recorded.secondary.sessions}
    return recorded.secondary if seen_in & in_second else recorded.main


def _serve(
    kiln: Skillkiln,
    result: ForgeResult,
    task: RecordedTask,
    child_environment: Mapping[str, str],
    narrator: Narrator,
) -> LiveCheck:
    release = result.release
    assert release is not None
    rows = task.unseen_rows[:CHECKED_ROWS]
    # The recorder names a row's input as its files do; the skill's contract has the last word.
    (parameter,) = result.need.parameters
    asked = [{parameter: "".join(row.inputs.values())} for row in rows]
    workspace = kiln.settings.workspace.resolve()
    seen = visit(
        [sys.executable, "-m", "skillkiln", "mcp", "--workspace", str(workspace)],
        child_environment,
        query=release.description,
        skill=release.name,
        inputs=asked,
        cwd=workspace,
    )
    right = sum(
        answer.output == row.expected and not answer.is_error
        for answer, row in zip(seen.answers, rows, strict=True)
    )
    check = LiveCheck(
        len(rows),
        right,
        median(answer.latency_ms for answer in seen.answers),
        asked[0],
        seen.answers[0].output,
    )
    narrator.served(seen, check)
    return check


def _plant(kiln: Skillkiln, result: ForgeResult, narrator: Narrator) -> dict[str, Attempt]:
    good = result.attempts[-1].candidate
    assert good is not None
    versions = plant_bad_versions(good.files, visible=result.need.visible)
    attempts: dict[str, Attempt] = {}
    for label, files in versions.items():
        bad = Candidate.model_validate(
            {**good.model_dump(), "files": files, "author": "agent:demo"}
        )
        attempts[label] = kiln.weigh(bad, result.need)
        narrator.planted(label, attempts[label])
    return attempts
