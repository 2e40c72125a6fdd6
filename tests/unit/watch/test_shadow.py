"""Replaying held-back cases: what agrees, what differs, what fails, and that all of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from skillkiln.errors import InvalidInputError, TrustError
from skillkiln.records.invocations import CallOutcome
from skillkiln.records.needs import Case
from skillkiln.skill.digest import sha256_hex
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.status import Status
from skillkiln.trust.canonical_json import render_canonical_json
from skillkiln.watch.shadow import replay

if TYPE_CHECKING:
    from tests.unit.watch.conftest import Bench


def case(text: Any, expected: Any) -> Case:
    return Case(inputs={"text": text}, expected=expected)


def test_each_case_agrees_differs_or_fails(bench: Bench) -> None:
    release = bench.release()
    cases = [case("a b", "a"), case("c d", "c"), case("e f", "f"), case("", "")]
    report = replay(release, cases, bench.mirror())
    assert (report.calls, report.agreed, report.differed, report.failed) == (4, 2, 1, 1)
    assert report.reasons == {FailureReason.RUNTIME_ERROR: 1}
    assert report.agreement == 0.5
    assert 0 < report.p50_ms <= report.max_ms


def test_every_mirrored_call_is_recorded_as_such_with_what_it_answered(bench: Bench) -> None:
    release = bench.release()
    replay(release, [case("a b", "a"), case("", "")], bench.mirror())
    failed, answered = bench.store.invocations.load(digest=release.digest)
    assert answered.is_shadow
    assert failed.is_shadow
    assert (answered.output, answered.caller) == ("a", "watch")
    assert (failed.outcome, failed.output) == (CallOutcome.FAILED, None)
    assert "ValueError" in failed.message
    assert bench.store.invocations.count(release.digest, is_shadow=True) == 2
    assert bench.store.invocations.count(release.digest) == 0


def test_a_mirrored_call_answers_no_idempotency_key(bench: Bench) -> None:
    release = bench.release()
    replay(release, [case("a b", "a")], bench.mirror())
    digest = sha256_hex(render_canonical_json({"text": "a b"}))
    assert bench.store.invocations.find_answer(release.digest, digest) is None


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ("7", FailureReason.CONTRACT_VIOLATION),
        ("chr(0xd800)", FailureReason.CONTRACT_VIOLATION),
        ("open('/etc/x', 'w').name", FailureReason.SIDE_EFFECT_DETECTED),
    ],
)
def test_a_broken_promise_is_a_failed_call(
    bench: Bench, returned: str, reason: FailureReason
) -> None:
    release = bench.release(code=f"def run(text: str) -> str:\n    return {returned}\n")
    report = replay(release, [case("a", "a")], bench.mirror())
    assert (report.failed, dict(report.reasons)) == (1, {reason: 1})


def test_numbers_agree_by_value_and_texts_exactly(bench: Bench) -> None:
    release = bench.release(code="def run(text: str) -> object:\n    return len(text)\n")
    cases = [case("a", 1.0), case("a", "1"), case("a", True)]
    report = replay(release, cases, bench.mirror())
    assert (report.agreed, report.differed) == (1, 2)


def test_no_cases_is_a_report_of_no_calls(bench: Bench) -> None:
    report = replay(bench.release(), [], bench.mirror())
    assert (report.calls, report.agreement, report.p50_ms, report.max_ms) == (0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("after", [Status.LIVE, Status.RETIRED])
def test_only_a_release_in_shadow_is_mirrored(bench: Bench, after: Status) -> None:
    release = bench.release()
    bench.registry.change_status(release.digest, after, "for a test")
    with pytest.raises(InvalidInputError, match="shadow"):
        replay(release, [case("a", "a")], bench.mirror())
    assert bench.store.invocations.load() == ()


def test_a_release_that_is_not_what_was_signed_is_not_mirrored(bench: Bench) -> None:
    release = bench.release()
    bench.store.keys.save(bench.store.keys.load().model_copy(update={"keys": ()}))
    with pytest.raises(TrustError):
        replay(release, [case("a", "a")], bench.mirror())
    assert bench.store.invocations.load() == ()
