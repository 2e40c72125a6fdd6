"""What a skill's cell may say, and what the host makes of it.

Every frame is checked against one of these shapes; a frame that fits none is a broken contract.
The shapes mirror `runners/skill_runner.py`.
"""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import JsonValue, SkipValidation, ValidationError

from skillkiln.sandbox.interface import CallResult, Exit
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.value import Value

Frame = TypeVar("Frame", bound=Value)


class RaisedFrame(Value):
    """What a skill raised."""

    type: str
    bases: tuple[str, ...] = ()
    message: str
    is_denied: bool = False
    is_memory: bool = False
    line: int | None = None


class CompiledFrame(Value):
    """Whether skill.py compiles; sent before any of its code ran."""

    compiled: bool
    lines: tuple[int, ...] = ()
    exception: RaisedFrame | None = None


class LoadedFrame(Value):
    """Whether skill.py can be imported and has a `run`."""

    loaded: bool
    parameters: tuple[str, ...] = ()
    exception: RaisedFrame | None = None
    unanswered: str | None = None


class AnswerFrame(Value):
    """What one call came to: an output, an exception, or a result that is not JSON."""

    id: int
    output: SkipValidation[JsonValue] = None
    """Already known to be JSON: `frames` read it."""
    exception: RaisedFrame | None = None
    unanswered: str | None = None


class CoverageFrame(Value):
    """Lines of skill.py that ran."""

    covered: tuple[int, ...]


class AttemptFrame(Value):
    """A side effect that was tried."""

    attempt: str


def parse_as(shape: type[Frame], frame: Mapping[str, JsonValue]) -> Frame | None:
    """Read a frame as a shape; None when it does not fit."""
    try:
        return shape.model_validate(frame)
    except (ValidationError, RecursionError):
        return None


def build_answer_result(answer: AnswerFrame) -> CallResult:
    """Build the result of a call that was answered."""
    if answer.unanswered is not None:
        return CallResult(failure=FailureReason.CONTRACT_VIOLATION, message=answer.unanswered)
    if answer.exception is not None:
        return build_raised_result(answer.exception)
    return CallResult(output=answer.output)


def build_raised_result(raised: RaisedFrame) -> CallResult:
    """Build the result of a call that raised."""
    failure = FailureReason.RUNTIME_ERROR
    if raised.is_memory:
        failure = FailureReason.MEMORY_EXCEEDED
    elif raised.is_denied:
        failure = FailureReason.PERMISSION_DENIED
    where = f" (skill.py line {raised.line})" if raised.line is not None else ""
    return CallResult(
        failure=failure,
        message=f"{raised.type}: {raised.message}{where}",
        exception=raised.type,
        exception_bases=raised.bases,
    )


def build_ended_result(ended: Exit) -> CallResult:
    """Build the result of a call whose cell ended without an answer."""
    how = f"exit code {ended.code}" if ended.signal is None else f"signal {ended.signal}"
    return CallResult(
        failure=ended.failure or FailureReason.RUNTIME_ERROR,
        message=ended.message or f"the skill's process ended without an answer ({how})",
        cpu_ms=ended.cpu_ms,
        peak_memory_bytes=ended.peak_memory_bytes,
        printed=ended.stdout + ended.stderr,
    )
