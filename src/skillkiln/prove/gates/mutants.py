"""Gate `mutants`: the candidate's own tests notice when the skill is changed."""

from dataclasses import dataclass, replace

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.mutate import Mutant, build_mutants
from skillkiln.prove.source import parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.sandbox.testing import run_tests
from skillkiln.skill.folder import SKILL_PY, TEST_PY
from skillkiln.skill.reasons import FailureReason

MAX_CALL_MS = 1_000


@dataclass(frozen=True, slots=True)
class MutantsGate:
    """Refuses tests that pass whatever the skill does."""

    max_mutants: int = 5
    min_killed_share: float = 0.5

    @property
    def name(self) -> str:
        """The gate's id."""
        return "mutants"

    @property
    def stage(self) -> Stage:
        """The stage that it is part of."""
        return Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Run the tests on each changed skill."""
        mutants = build_mutants(parse_source(subject.source, SKILL_PY), self.max_mutants)
        survivors = [mutant for mutant in mutants if not _is_noticed(mutant, subject)]
        killed = len(mutants) - len(survivors)
        figures = {"mutants": len(mutants), "mutants_killed": killed}
        summary = f"the tests notice {killed} of {len(mutants)} planted changes"
        detail = "\n".join(f"not noticed: {mutant.change}" for mutant in survivors)
        # The first mutant answers nothing at all: tests that accept it test nothing.
        if mutants[0] in survivors or killed < self.min_killed_share * len(mutants):
            return build_failed(
                self, FailureReason.WEAK_TESTS, summary, detail=detail, figures=figures
            )
        return build_passed(self, summary, detail=detail, figures=figures)


def _is_noticed(mutant: Mutant, subject: Subject) -> bool:
    # A changed loop may never end; each call of it would wait for the contract's whole timeout.
    policy = replace(subject.policy, wall_ms=min(subject.policy.wall_ms, MAX_CALL_MS))
    files = {**subject.files, SKILL_PY: mutant.text.encode()}
    run = run_tests(subject.sandbox, files, subject.files[TEST_PY], policy)
    return run.failure is not None or any(case.outcome != "passed" for case in run.cases)
