"""Signals and gaps: closed lists, bounded numbers, and which causes a skill can remove."""

from datetime import date

import pytest
from pydantic import ValidationError

from skillkiln.records.signals import Gap, Pointer, RootCause, Signal, SignalKind, Worth

SIGNAL = Signal(
    id="s1",
    kind=SignalKind.REWORK,
    root_cause=RootCause.MISSING_PROCEDURAL_KNOWLEDGE,
    pointer=Pointer(session_id="4f1c", path="a.jsonl", line=88, day=date(2026, 2, 3)),
    summary="the same parser was written again",
    fingerprint="f",
    tokens=312,
    detail={"code": "print(1)"},
)
GAP = Gap(
    id="g1",
    title="Parse the access log",
    kind=SignalKind.REWORK,
    root_cause=RootCause.MISSING_PROCEDURAL_KNOWLEDGE,
    signals=(SIGNAL,),
    sessions=3,
    days=2,
    worth=Worth(tokens=936, arithmetic="3 x 312 = 936"),
)
OPENING = {RootCause.MISSING_PROCEDURAL_KNOWLEDGE, RootCause.INCONSISTENT_APPROACH}


@pytest.mark.parametrize("cause", list(RootCause))
def test_two_root_causes_open_a_skill(cause: RootCause) -> None:
    assert GAP.model_copy(update={"root_cause": cause}).opens_skill is (cause in OPENING)


def test_the_kinds_of_signals_are_these() -> None:
    kinds = ["incident", "rework", "cost", "inconsistency", "request", "curriculum"]
    assert [str(kind) for kind in SignalKind] == kinds


def test_a_gap_survives_json() -> None:
    assert Gap.model_validate_json(GAP.model_dump_json()) == GAP


@pytest.mark.parametrize(
    ("field", "value"), [("sessions", 0), ("days", -1), ("root_cause", "bad luck"), ("kind", "x")]
)
def test_a_gap_was_seen_somewhere_for_a_listed_cause(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        Gap.model_validate(GAP.model_dump() | {field: value})


def test_lines_count_from_1_and_tokens_from_0() -> None:
    with pytest.raises(ValidationError, match="line"):
        Pointer(session_id="4f1c", path="a.jsonl", line=0)
    with pytest.raises(ValidationError, match="tokens"):
        Signal.model_validate(SIGNAL.model_dump() | {"tokens": -1})
