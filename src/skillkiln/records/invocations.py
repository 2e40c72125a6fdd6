"""Invocations: one record for each call of a release, whatever came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.value import Value


class CallOutcome(StrEnum):
    """What came of a call."""

    OK = "ok"
    FAILED = "failed"


class Invocation(Value):
    """One call of a release."""

    trace_id: str
    name: str
    version: str
    digest: str
    began_at: datetime
    latency_ms: Annotated[float, Field(ge=0)]
    outcome: CallOutcome
    reason: FailureReason | None = None
    message: str = ""
    """For a failed call: what was wrong, for the caller. Never the skill's own output unescaped."""
    idempotency_key: str | None = None
    is_replayed: bool = False
    """Whether the answer is the kept one of an earlier call with the same key."""
    is_shadow: bool = False
    caller: str = ""
    """Who called, for example `mcp` or `cli`; `watch` for mirrored calls."""
    output: JsonValue = None
