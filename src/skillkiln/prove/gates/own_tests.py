"""Gate `own_tests`: the candidate's own tests pass, and reach most of its code.

They run in one cell and the skill in another, so a skill cannot write its own verdict.
"""

from dataclasses import dataclass

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.records.evidence import Finding, Stage
from skillkiln.sandbox.interface import TestRun
from skillkiln.sandbox.testing import run_tests
from skillkiln.skill.folder import TEST_PY
from skillkiln.skill.reasons import FailureReason


@dataclass(frozen=True, slots=True)
class OwnTestsGate:
    """Refuses a candidate whose tests fail, are skipped, or miss most of its code."""

    min_tests: int = 2
    min_coverage: float = 0.6

    @property
    def name(self) -> str:
        """The gate's id."""
        return "own_tests"

    @property
    def stage(self) -> Stage:
        """The stage that it is part of."""
        return Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Run test_skill.py."""
        run = run_tests(subject.sandbox, subject.files, subject.files[TEST_PY], subject.policy)
        figures = _measure(run)
        reason, problem = self._judge(run, figures)
        if reason is not None:
            lines = [f"{c.test_id}: {c.message}" for c in run.cases if c.outcome != "passed"]
            return build_failed(
                self, reason, problem, detail="\n".join(lines) or run.message, figures=figures
            )
        return build_passed(
            self,
            f"{len(run.cases)} tests pass, {figures['line_coverage']:.0%} of skill.py reached",
            figures=figures,
        )

    def _judge(self, run: TestRun, figures: dict[str, float]) -> tuple[FailureReason | None, str]:
        not_passed = {
            outcome: sum(c.outcome == outcome for c in run.cases)
            for outcome in ("failed", "skipped")
        }
        checks = (
            (run.failure is not None, run.failure, run.message),
            (
                not_passed["failed"] > 0,
                FailureReason.TEST_ASSERTION_FAILED,
                f"{not_passed['failed']} of {len(run.cases)} tests fail",
            ),
            (
                not_passed["skipped"] > 0,
                FailureReason.WEAK_TESTS,
                f"{not_passed['skipped']} of {len(run.cases)} tests are skipped",
            ),
            (
                len(run.cases) < self.min_tests,
                FailureReason.WEAK_TESTS,
                f"expected at least {self.min_tests} tests, got {len(run.cases)}",
            ),
            (
                figures["line_coverage"] < self.min_coverage,
                FailureReason.WEAK_TESTS,
                f"expected at least {self.min_coverage:.0%} of skill.py reached, "
                f"got {figures['line_coverage']:.0%}",
            ),
        )
        return next(((reason, text) for is_bad, reason, text in checks if is_bad), (None, ""))


def _measure(run: TestRun) -> dict[str, float]:
    reached = set(run.covered_lines) & set(run.executable_lines)
    return {
        "tests": len(run.cases),
        "tests_passed": sum(case.outcome == "passed" for case in run.cases),
        "skill_calls": run.calls,
        "line_coverage": len(reached) / len(run.executable_lines) if run.executable_lines else 0.0,
    }
