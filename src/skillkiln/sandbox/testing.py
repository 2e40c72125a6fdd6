"""Run a skill's tests with the tests in one cell and the skill in another.

The skill never shares a process with what judges it. The verdict is put together here, out of one
report for each phase of each collected test: a run that ends early, reports a test twice, skips
over one, or reports one that was not collected, is no verdict at all, whatever it says.
"""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from skillkiln.sandbox.calls import Coverage, SkillSession, open_skill
from skillkiln.sandbox.interface import (
    MIB,
    CallResult,
    Cell,
    Policy,
    Program,
    Sandbox,
    TestCase,
    TestRun,
)
from skillkiln.sandbox.skill_frames import parse_as
from skillkiln.skill.folder import TEST_PY
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.value import Value

TEST_WALL_MS = 120_000
"""A whole test file; each call of the skill keeps the contract's own clock."""
TEST_MEMORY_BYTES = 1024 * MIB
MAX_BROKEN_CALLS = 20
"""Calls that broke their cell before the run is given up: each may take the whole timeout."""
PHASES = ("setup", "call", "teardown")


class CollectedFrame(Value):
    """Every test of the file."""

    collected: tuple[str, ...]


class UncollectedFrame(Value):
    """Why the file could not be collected."""

    uncollected: str


class ReportFrame(Value):
    """One phase of one test."""

    report: str
    when: str
    outcome: str
    message: str = ""


class CallFrame(Value):
    """A test wants the skill called."""

    call: dict[str, JsonValue]


class FinishedFrame(Value):
    """pytest came to its end."""

    finished: int


TestFrame = CollectedFrame | UncollectedFrame | ReportFrame | CallFrame | FinishedFrame
SHAPES: tuple[type[TestFrame], ...] = (
    CollectedFrame,
    UncollectedFrame,
    ReportFrame,
    CallFrame,
    FinishedFrame,
)


@dataclass(slots=True)
class Tally:
    """What a test run has reported so far."""

    collected: tuple[str, ...] | None = None
    uncollected: str = ""
    reports: dict[tuple[str, str], ReportFrame] = field(
        default_factory=dict[tuple[str, str], ReportFrame]
    )
    is_finished: bool = False
    calls: int = 0
    broken_calls: int = 0
    broken: CallResult | None = None
    """The first call that broke a limit or the contract."""

    def add(self, frame: CollectedFrame | UncollectedFrame | ReportFrame) -> str | None:
        """Take a frame in; a message when it cannot be true."""
        if isinstance(frame, UncollectedFrame):
            self.uncollected = frame.uncollected
            return None
        if isinstance(frame, CollectedFrame):
            if self.collected is not None:
                return "the tests were collected twice"
            self.collected = frame.collected
            return None
        key = (frame.report, frame.when)
        if frame.report not in (self.collected or ()) or frame.when not in PHASES:
            return f"a report of {frame.report!r}, which was not collected"
        if key in self.reports:
            return f"two reports of {frame.report!r} ({frame.when})"
        self.reports[key] = frame
        return None

    def cases(self) -> tuple[TestCase, ...]:
        """Put the phases of each test together."""
        return tuple(self._case(test_id) for test_id in self.collected or ())

    def _case(self, test_id: str) -> TestCase:
        phases = [self.reports.get((test_id, when)) for when in PHASES]
        reports = [report for report in phases if report is not None]
        bad = next((report for report in reports if report.outcome == "failed"), None)
        if bad is not None:
            return TestCase(test_id, "failed", bad.message)
        if any(report.outcome == "skipped" for report in reports):
            return TestCase(test_id, "skipped")
        if len(reports) == len(PHASES) and all(report.outcome == "passed" for report in reports):
            return TestCase(test_id, "passed")
        return TestCase(test_id, "failed", "the test was collected and never reported to its end")


def run_tests(
    sandbox: Sandbox, skill_files: Mapping[str, bytes], test_source: bytes, policy: Policy
) -> TestRun:
    """Run a test file against a skill.

    Args:
        sandbox: the tier.
        skill_files: the skill's folder.
        test_source: the test file; it sees `skill.run` and results as JSON.
        policy: of the skill's calls.

    Raises:
        SandboxUnavailableError: this machine cannot isolate, or pytest is not installed.
        SandboxFailedError: a cell did not come up.
    """
    started = time.monotonic()
    tally = Tally()
    with open_skill(sandbox, skill_files, policy, is_traced=True) as session:
        if session.load_failure is not None:
            return build_unloaded_run(session.load_failure, session.coverage())
        test_policy = dataclasses.replace(
            policy,
            wall_ms=TEST_WALL_MS,
            cpu_s=TEST_WALL_MS // 1000,
            memory_bytes=max(policy.memory_bytes, TEST_MEMORY_BYTES),
        )
        program = Program(
            runner="test_runner",
            files={TEST_PY: test_source},
            arguments={"parameters": list(session.parameters)},
            modules=("pytest",),
        )
        with sandbox.open_cell(program, test_policy) as cell:
            problem = _follow(cell, session, tally)
            ended = cell.close()
        coverage = session.coverage()
    run = TestRun(
        cases=tally.cases(),
        covered_lines=coverage.covered,
        executable_lines=coverage.executable,
        calls=tally.calls,
        wall_ms=(time.monotonic() - started) * 1000,
    )
    failure, message = judge_run(tally, run.cases, problem)
    if failure is None or not ended.failure:
        return dataclasses.replace(run, failure=failure, message=message)
    return dataclasses.replace(run, failure=ended.failure, message=ended.message)


def build_unloaded_run(failure: CallResult, coverage: Coverage) -> TestRun:
    """Build the run of tests against a skill that cannot even be loaded."""
    return TestRun(
        cases=(),
        failure=failure.failure,
        message=f"the skill does not load: {failure.message}",
        executable_lines=coverage.executable,
        wall_ms=failure.wall_ms,
    )


def judge_run(
    tally: Tally, cases: tuple[TestCase, ...], problem: str | None
) -> tuple[FailureReason | None, str]:
    """Say what is wrong with a run as a whole; (None, "") when it is a verdict."""
    if problem is not None:
        return FailureReason.CONTRACT_VIOLATION, problem
    if tally.broken is not None and tally.broken.failure is not None:
        return tally.broken.failure, tally.broken.message
    if tally.uncollected:
        return FailureReason.RUNTIME_ERROR, f"the tests do not load: {tally.uncollected}"
    if not tally.is_finished:
        return FailureReason.RUNTIME_ERROR, "the tests' process ended before its last report"
    if not cases:
        return FailureReason.WEAK_TESTS, "no test was collected"
    failed = sum(case.outcome == "failed" for case in cases)
    if failed:
        return FailureReason.TEST_ASSERTION_FAILED, f"{failed} of {len(cases)} tests failed"
    return None, ""


def _follow(cell: Cell, session: SkillSession, tally: Tally) -> str | None:
    """Follow the tests to their end; a message when they say what cannot be true."""
    while (body := cell.receive()) is not None:
        frame = next((found for shape in SHAPES if (found := parse_as(shape, body))), None)
        if frame is None:
            return f"the tests sent a frame with {sorted(body)!s:.200}"
        if isinstance(frame, FinishedFrame):
            tally.is_finished = True
            return None
        if isinstance(frame, CallFrame):
            cell.send(_forward(session, frame, tally))
            if tally.broken_calls >= MAX_BROKEN_CALLS:
                return None
            continue
        problem = tally.add(frame)
        if problem is not None:
            return problem
    return None


def _forward(session: SkillSession, frame: CallFrame, tally: Tally) -> JsonValue:
    """Call the skill for a test and render what the test is told."""
    result = session.call(frame.call)
    tally.calls += 1
    if not result.is_ok and result.exception is None:
        tally.broken_calls += 1
        tally.broken = tally.broken or result
    message = result.message.removeprefix(f"{result.exception}: ")
    return {
        "output": result.output,
        "failure": result.failure,
        "exception": result.exception,
        "bases": list(result.exception_bases),
        "message": message,
    }
