"""Invocations come back newest first; an idempotency key keeps its first answer."""

from typing import TYPE_CHECKING

import pytest

from skillkiln.records.invocations import CallOutcome
from skillkiln.store.interface import Store
from skillkiln.store.rows import KeptAnswer

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make

A, B = "a" * 64, "b" * 64


def test_calls_come_back_newest_first(store: Store, make: "Make") -> None:
    calls = [make.invocation(f"t{n}") for n in range(3)]
    for call in calls:
        store.invocations.save(call)
    assert store.invocations.load() == tuple(reversed(calls))
    assert store.invocations.load(limit=1) == (calls[2],)
    assert store.invocations.load(limit=0) == store.invocations.load(limit=-5) == ()


def test_calls_are_chosen_by_every_condition(store: Store, make: "Make") -> None:
    live, shadow = make.invocation("t1", digest=A), make.invocation("t2", digest=A, is_shadow=True)
    other = make.invocation("t3", digest=B)
    for call in (live, shadow, other):
        store.invocations.save(call)
    assert store.invocations.load(digest=A) == (shadow, live)
    assert store.invocations.load(digest=A, is_shadow=False) == (live,)
    assert store.invocations.load(name="nobody") == ()
    assert store.invocations.count(A) == 1
    assert store.invocations.count(A, is_shadow=True) == 1
    assert store.invocations.count("c" * 64) == 0


def test_a_call_is_found_by_its_trace(store: Store, make: "Make") -> None:
    first, again = make.invocation("t1", output="1"), make.invocation("t1", output="2")
    store.invocations.save(first)
    store.invocations.save(again)
    assert store.invocations.find("t1") == again
    assert store.invocations.find("t9") is None


def test_a_key_keeps_its_first_answer(store: Store, make: "Make") -> None:
    first = make.invocation("t1", key="k", output="first")
    store.invocations.save(first, inputs_sha256="1" * 64)
    store.invocations.save(make.invocation("t2", key="k", output="2"), inputs_sha256="2" * 64)
    kept = KeptAnswer(invocation=first, inputs_sha256="1" * 64)
    assert store.invocations.find_answer(first.digest, "k") == kept


def test_a_key_is_of_one_release(store: Store, make: "Make") -> None:
    store.invocations.save(make.invocation("t1", key="k", digest=A))
    assert store.invocations.find_answer(B, "k") is None
    assert store.invocations.find_answer(A, "K") is None


@pytest.mark.parametrize("why", ["failed", "replayed", "shadow", "without a key"])
def test_what_is_no_answer_keeps_none(store: Store, make: "Make", why: str) -> None:
    store.invocations.save(
        make.invocation(
            "t1",
            digest=A,
            key=None if why == "without a key" else "k",
            outcome=CallOutcome.FAILED if why == "failed" else CallOutcome.OK,
            is_replayed=why == "replayed",
            is_shadow=why == "shadow",
        )
    )
    assert store.invocations.find_answer(A, "k") is None
    later = make.invocation("t2", digest=A, key="k")
    store.invocations.save(later)
    kept = store.invocations.find_answer(A, "k")
    assert kept is not None
    assert kept.invocation == later
