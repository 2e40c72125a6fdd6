"""Gate `sealed_cases`: the candidate is right on cases that no author ever saw.

The finding carries counts alone. Which case failed, on what, and what the skill said about it would
each teach the next author the answer.
"""

from dataclasses import dataclass

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import try_cases
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.reasons import FailureReason


@dataclass(frozen=True, slots=True)
class SealedCasesGate:
    """Refuses a candidate that is wrong on a sealed case, or that has none to be right on."""

    min_cases: int = 1

    @property
    def name(self) -> str:
        """The gate's id."""
        return "sealed_cases"

    @property
    def stage(self) -> Stage:
        """The stage that it is part of."""
        return Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Call the skill on every sealed case; compare on the host."""
        tally = try_cases(subject, subject.need.sealed)
        figures = {"sealed_count": tally.count, "sealed_right": tally.right}
        if tally.count < self.min_cases:
            return build_failed(
                self,
                FailureReason.SEALED_CASE_FAILED,
                f"expected at least {self.min_cases} sealed cases, got {tally.count}",
                figures=figures,
            )
        summary = f"{tally.right} of {tally.count} sealed cases right"
        if tally.wrong:
            return build_failed(self, FailureReason.SEALED_CASE_FAILED, summary, figures=figures)
        return build_passed(self, summary, figures=figures)
