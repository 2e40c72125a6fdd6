"""Evidence: what every gate saw, in the frame of the eight stages."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.value import Value


class Stage(StrEnum):
    """The eight stages, by these names everywhere."""

    WRITE = "write"
    TYPECHECK = "typecheck"
    TEST = "test"
    LINT = "lint"
    CRITIQUE = "critique"
    REFINE = "refine"
    ESCALATE = "escalate"
    ARBITER = "arbiter"


class Outcome(StrEnum):
    """What a gate or stage came to. A stage with nothing to do is `not_needed`, never `passed`."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


class Finding(Value):
    """What one gate saw."""

    gate: str
    stage: Stage
    outcome: Outcome
    summary: str
    """One line with the figures that matter."""
    reason: FailureReason | None = None
    """Set when, and only when, the gate failed."""
    detail: str = ""
    """More for a reviewer; never a sealed case."""
    figures: dict[str, float] = {}
    """Measured numbers by name, with units in the names."""
    duration_ms: Annotated[float, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _failed_has_reason(self) -> "Finding":
        if (self.outcome is Outcome.FAILED) != (self.reason is not None):
            raise ValueError(f"gate {self.gate!r}: a reason goes with failing, and only with it")
        return self


class Evidence(Value):
    """All findings about one candidate."""

    candidate_digest: str
    findings: tuple[Finding, ...]
    began_at: datetime
    duration_ms: Annotated[float, Field(ge=0)]
    tools: dict[str, str] = {}
    """Version by tool name, for example {"ruff": "0.17.5"}."""

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that failed."""
        return tuple(f for f in self.findings if f.outcome is Outcome.FAILED)

    def figure(self, name: str, default: float = 0.0) -> float:
        """Return a measured number by name, whichever gate measured it."""
        for finding in self.findings:
            if name in finding.figures:
                return finding.figures[name]
        return default


class ScoreLine(Value):
    """One row of the score table: what was measured and how many points it cost or gave."""

    criterion: str
    points: float
    out_of: Annotated[float, Field(gt=0)]
    because: str


class Verdict(Value):
    """A judge's score from 0 to 10 with the table that adds up to it."""

    score: Annotated[float, Field(ge=0, le=10)]
    min_score: Annotated[float, Field(ge=0, le=10)]
    lines: tuple[ScoreLine, ...]
    is_accepted: bool
    reason: str = ""
    """Why not, when not accepted."""
