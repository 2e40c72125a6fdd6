"""Needs and attempts: every case and every try comes back as it was."""

from typing import TYPE_CHECKING

import pytest

from skillkiln.errors import UnknownNameError
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Refusal
from skillkiln.records.evidence import Evidence, Finding, Outcome, Stage
from skillkiln.skill.reasons import FailureReason
from skillkiln.store.interface import Store

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make


def test_a_need_reads_back_with_all_its_cases(store: Store, make: "Make") -> None:
    need = make.need(
        "n1",
        visible=(make.case("v1", "s1"), make.case("v2")),
        sealed=(make.case("x1", "s1"),),
        held_back=(make.case("h1", "s2"), make.case("h0", "s1")),
        gap_id="3f",
    )
    store.needs.save(need)
    assert store.needs.load("n1") == need
    assert store.needs.find("n1") == need


def test_saving_again_replaces_every_case(store: Store, make: "Make") -> None:
    store.needs.save(make.need("n1", visible=(make.case("a"), make.case("b"))))
    fewer = make.need("n1", sealed=(make.case("c"),))
    store.needs.save(fewer)
    assert store.needs.load_all() == (fewer,)


def test_an_unknown_need_is_named(store: Store) -> None:
    assert store.needs.find("n9") is None
    with pytest.raises(UnknownNameError, match="n9"):
        store.needs.load("n9")


def test_odd_values_come_back(store: Store, make: "Make") -> None:
    case = make.case("\0 \u2028 \U0001f600 ' \" \\ %s").model_copy(
        update={"expected": {"deep": [None, True, 1, 2.5, {"": 10**30}], "\u00e9": -0.0}}
    )
    need = make.need("n'; DROP TABLE needs; --", visible=(case,))
    store.needs.save(need)
    assert store.needs.load(need.id) == need


def test_every_attempt_is_kept_in_order(store: Store, make: "Make") -> None:
    first = store.attempts.save(make.attempt("n1", number=1))
    second = store.attempts.save(make.attempt("n1", number=1))
    other = store.attempts.save(make.attempt("n2"))
    assert store.attempts.load("n1") == (first, second)
    assert store.attempts.load() == (first, second, other)
    assert store.attempts.load("n3") == ()
    assert first.at < second.at


def test_an_attempt_stands_in_the_ledger_with_its_reason_and_none_of_its_text(
    store: Store, make: "Make"
) -> None:
    finding = Finding(
        gate="sealed_cases",
        stage=Stage.TEST,
        outcome=Outcome.FAILED,
        summary="SECRET 3 of 5",
        reason=FailureReason.SEALED_CASE_FAILED,
    )
    accepted = make.attempt("n1", text="SECRET")
    assert accepted.evidence is not None
    failed = Attempt(
        need_id="n1",
        author="agent:a",
        number=2,
        candidate=accepted.candidate,
        evidence=Evidence(
            candidate_digest="d" * 64,
            findings=(finding,),
            began_at=accepted.evidence.began_at,
            duration_ms=3,
        ),
    )
    refusal = Refusal(author="agent:b", reason="SECRET")
    refused = Attempt(need_id="n1", author="agent:b", number=1, refusal=refusal)
    for attempt in (accepted, failed, refused):
        store.attempts.save(attempt)
    entries = store.ledger.load(kind="attempt", subject="n1")
    told = [(e.payload["outcome"], e.payload["reason"], e.payload["candidate"]) for e in entries]
    assert told == [
        ("accepted", None, "c" * 64),
        ("rejected", "sealed_case_failed", "d" * 64),
        ("refused", None, None),
    ]
    assert not any("SECRET" in entry.model_dump_json() for entry in entries)
