"""Signals and gaps: what was noticed in recorded sessions, and what is missing because of it.

A signal points back at the session and line that it was seen at. A gap gathers the signals that
describe one missing capability and says what closing it is worth, with the arithmetic shown.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from skillkiln.skill.value import Value


class SignalKind(StrEnum):
    """What sort of observation a signal is."""

    INCIDENT = "incident"
    REWORK = "rework"
    COST = "cost"
    INCONSISTENCY = "inconsistency"
    REQUEST = "request"
    CURRICULUM = "curriculum"


class RootCause(StrEnum):
    """Why it happened: a closed list. The first two open a skill gap."""

    MISSING_PROCEDURAL_KNOWLEDGE = "missing_procedural_knowledge"
    INCONSISTENT_APPROACH = "inconsistent_approach"
    MISSING_DEPENDENCY = "missing_dependency"
    WRONG_COMMAND = "wrong_command"
    WRONG_EDIT = "wrong_edit"
    FAILING_CHECK = "failing_check"
    PERMISSION = "permission"
    UNREACHABLE_SERVICE = "unreachable_service"
    TRANSIENT = "transient"
    MISUNDERSTOOD_PERSON = "misunderstood_person"
    UNKNOWN = "unknown"


SKILL_GAP_CAUSES = frozenset(
    {RootCause.MISSING_PROCEDURAL_KNOWLEDGE, RootCause.INCONSISTENT_APPROACH}
)


class Pointer(Value):
    """A place in a recording."""

    session_id: str
    path: str
    """The recording's file, as it was given to the scan."""
    line: Annotated[int, Field(ge=1)]
    """The record's line, from 1."""
    day: date | None = None
    """The UTC day of the record, where the recording says so."""


class Signal(Value):
    """One observation in a session, already redacted."""

    id: str
    kind: SignalKind
    root_cause: RootCause
    pointer: Pointer
    summary: str
    """One line for a person."""
    fingerprint: str
    """Equal for observations of the same thing; clusters are built on it."""
    tokens: Annotated[int, Field(ge=0)] = 0
    """Tokens spent on it, measured where the recording counts them, else estimated."""
    detail: dict[str, JsonValue] = {}
    """Kind-specific evidence: code, command, error text, files, usage. Redacted and bounded."""


class WorthTerm(Value):
    """One term of the estimate of worth, so that a person can check the sum."""

    label: str
    value: float
    unit: str


class Worth(Value):
    """What closing a gap is estimated to save, in tokens over the observed period."""

    tokens: Annotated[float, Field(ge=0)]
    arithmetic: str
    """The sum as text, for example `4 uses x (312 written + 95 read) - 120 to call = ...`."""
    terms: tuple[WorthTerm, ...] = ()


class Gap(Value):
    """Signals that describe one missing capability."""

    id: str
    title: str
    kind: SignalKind
    """The kind of its strongest signals."""
    root_cause: RootCause
    signals: tuple[Signal, ...]
    sessions: Annotated[int, Field(ge=1)]
    """Distinct sessions that it was seen in."""
    days: Annotated[int, Field(ge=0)]
    """Distinct days; 0 where the recordings carry no time."""
    worth: Worth

    @property
    def opens_skill(self) -> bool:
        """Whether its root cause is one that a skill can remove."""
        return self.root_cause in SKILL_GAP_CAUSES
