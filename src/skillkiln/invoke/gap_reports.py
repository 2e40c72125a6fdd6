"""What an agent says it lacks becomes a request: a gap that a person or the forge can take up.

Rules: everything an agent writes is untrusted. It is bounded, made inert (no control or hidden
characters), and redacted before it is kept; nothing is named after it. The same title reported
again is the same gap, so repeating it shows as recurrence and not as a flood of gaps. What the gap
is worth is not known, and it says so.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue

from skillkiln.errors import InvalidInputError
from skillkiln.records.signals import Gap, Pointer, RootCause, Signal, SignalKind, Worth
from skillkiln.sessions.text import make_inert, make_inert_line
from skillkiln.skill.digest import sha256_hex
from skillkiln.skill.schema_fit import find_not_json
from skillkiln.skill.value import Value
from skillkiln.store.interface import Store

MAX_TITLE = 120
MAX_DESCRIPTION = 4_000
MAX_EXAMPLES = 50
MAX_EXAMPLES_CHARS = 64 * 1024
GAP_ID_LENGTH = 12

Redact = Callable[[str], str]
"""Takes secrets out of a text."""


class Example(Value):
    """One call that the missing skill should have answered."""

    inputs: dict[str, JsonValue]
    """Named inputs."""
    expected: JsonValue = None
    """What it should have returned; null where the reporter does not know."""


class GapReport(Value):
    """What an agent reports."""

    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE)]
    """One line: what is missing."""
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION)]
    """When it would have helped, and what it should do."""
    examples: Annotated[tuple[Example, ...], Field(max_length=MAX_EXAMPLES)] = ()


def report_gap(
    report: GapReport,
    *,
    store: Store,
    redact: Redact,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Gap:
    """Keep a report as a gap and return it.

    Raises:
        InvalidInputError: the title has no words, or the examples are too large or no JSON.
    """
    _check_examples(report.examples)
    title = make_inert_line(_clean_text(report.title, redact), MAX_TITLE)
    signal = Signal(
        id=f"request-{new_id()}",
        kind=SignalKind.REQUEST,
        root_cause=RootCause.MISSING_PROCEDURAL_KNOWLEDGE,
        pointer=Pointer(
            session_id=f"request-{new_id()}", path="report_gap", line=1, day=clock().date()
        ),
        summary=title,
        fingerprint=_fingerprint(title),
        detail={
            "description": _clean_text(report.description, redact),
            "examples": [_clean(e.model_dump(mode="json"), redact) for e in report.examples],
        },
    )
    gap = build_request(signal)
    with store.transaction():
        store.gaps.save([gap])
        store.ledger.append("gap_reported", gap.id, {"examples": len(report.examples)})
    return gap


def build_request(signal: Signal) -> Gap:
    """Build the gap that one request opens; its id follows from what is asked for."""
    return Gap(
        id=signal.fingerprint[:GAP_ID_LENGTH],
        title=signal.summary,
        kind=signal.kind,
        root_cause=signal.root_cause,
        signals=(signal,),
        sessions=1,
        days=1,
        worth=Worth(tokens=0, arithmetic="asked for by an agent; nothing was measured"),
    )


def _fingerprint(title: str) -> str:
    words = "".join(char if char.isalnum() else " " for char in title.casefold()).split()
    if not words:
        raise InvalidInputError(
            f"title: expected words, got {title!r}", hint="say what is missing, in one line"
        )
    return sha256_hex(f"request: {' '.join(words)}".encode())


def _check_examples(examples: tuple[Example, ...]) -> None:
    fields = [{"inputs": example.inputs, "expected": example.expected} for example in examples]
    if problem := find_not_json(fields, root="examples", max_bytes=MAX_EXAMPLES_CHARS):
        raise InvalidInputError(
            problem, hint="three to six short examples say more than a long one"
        )


def _clean(value: JsonValue, redact: Redact) -> JsonValue:
    if isinstance(value, str):
        return _clean_text(value, redact)
    if isinstance(value, list):
        return [_clean(item, redact) for item in value]
    if isinstance(value, dict):
        return {
            make_inert_line(redact(key)): _clean_field(key, value[key], redact) for key in value
        }
    return value


def _clean_field(key: str, value: JsonValue, redact: Redact) -> JsonValue:
    # A value may be a secret by its name alone, as in {"password": "hunter2"}.
    as_assigned = f'{key}="{value}"'
    if isinstance(value, str) and redact(as_assigned) != as_assigned:
        return redact(value) if redact(value) != value else "[redacted]"
    return _clean(value, redact)


def _clean_text(text: str, redact: Redact) -> str:
    # Made inert first, so that an escape sequence inside a secret cannot hide it; cut last, so that
    # no half of a secret is left that its whole would betray.
    inert = make_inert(text, MAX_EXAMPLES_CHARS)
    return make_inert(redact(inert), MAX_DESCRIPTION)
