"""One try at a need: what an author handed in and what came of it. Kept for ever, good or bad."""

from typing import Annotated

from pydantic import Field

from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.evidence import Evidence, Verdict
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.value import Value


class Attempt(Value):
    """A candidate with its evidence and verdict, or a refusal."""

    need_id: str
    author: str
    number: Annotated[int, Field(ge=1)]
    """1 for an author's first try; each refinement adds one."""
    candidate: Candidate | None = None
    refusal: Refusal | None = None
    evidence: Evidence | None = None
    verdict: Verdict | None = None
    objections: tuple[str, ...] = ()
    """What the launch gates said against it; empty when it may be released."""

    @property
    def is_accepted(self) -> bool:
        """Whether it may be released."""
        return self.verdict is not None and self.verdict.is_accepted and not self.objections

    @property
    def failure(self) -> FailureReason | None:
        """The first failure reason, `judge_rejected` when only the score was too low."""
        if self.is_accepted or self.evidence is None:
            return None
        failed = self.evidence.failures
        return failed[0].reason if failed else FailureReason.JUDGE_REJECTED

    @property
    def why_not(self) -> str:
        """One line: why it was not released; empty when it may be."""
        if self.refusal is not None:
            return f"{self.author} refused: {self.refusal.reason}"
        if self.evidence is not None and self.evidence.failures:
            finding = self.evidence.failures[0]
            return f"{finding.reason}: {finding.gate}: {finding.summary}"
        if self.verdict is not None and not self.verdict.is_accepted:
            return f"{FailureReason.JUDGE_REJECTED}: {self.verdict.reason}"
        return "; ".join(self.objections)
