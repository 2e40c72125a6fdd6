"""The rule from shadow to live, its arithmetic, and what is done about it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.skill.status import Status
from skillkiln.watch.promotion import (
    PromotionPolicy,
    decide_promotion,
    promote,
    wilson_interval,
)
from skillkiln.watch.shadow import ShadowReport

if TYPE_CHECKING:
    from tests.unit.watch.conftest import Bench

COUNTS = st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def report(agreed: int, calls: int, *, failed: int = 0, digest: str = "d") -> ShadowReport:
    return ShadowReport(
        digest=digest,
        calls=calls,
        agreed=agreed,
        differed=calls - agreed - failed,
        failed=failed,
        p50_ms=1.0,
        max_ms=1.0,
    )


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: Wilson without correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(
    successes: int, trials: int, lower: float, upper: float
) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((lower, upper), abs=5e-5)


def test_nothing_tried_says_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(COUNTS)
def test_the_interval_holds_the_rate_and_is_symmetric(counts: tuple[int, int]) -> None:
    successes, trials = counts
    lower, upper = wilson_interval(successes, trials)
    assert 0 <= lower <= successes / trials <= upper <= 1
    mirrored = wilson_interval(trials - successes, trials)
    assert mirrored == pytest.approx((1 - upper, 1 - lower))


@pytest.mark.parametrize(
    ("agreed", "calls", "policy", "after"),
    [
        (5, 5, PromotionPolicy(), Status.LIVE),
        (4, 4, PromotionPolicy(), Status.SHADOW),
        (0, 0, PromotionPolicy(), Status.SHADOW),
        (4, 5, PromotionPolicy(), Status.ROLLED_BACK),
        (0, 1, PromotionPolicy(), Status.ROLLED_BACK),
        (19, 20, PromotionPolicy(min_agreement=0.9), Status.LIVE),
        (17, 20, PromotionPolicy(min_agreement=0.9), Status.SHADOW),
        (10, 20, PromotionPolicy(min_agreement=0.9), Status.ROLLED_BACK),
        (99, 100, PromotionPolicy(min_calls=101, min_agreement=0.9), Status.SHADOW),
    ],
)
def test_the_rule(agreed: int, calls: int, policy: PromotionPolicy, after: Status) -> None:
    decision = decide_promotion(report(agreed, calls), policy)
    assert decision.after is after
    assert f"{agreed} of {calls}" in decision.reason
    assert "95% interval" in decision.reason


def test_a_failed_call_counts_as_one_that_did_not_agree() -> None:
    decision = decide_promotion(report(9, 10, failed=1), PromotionPolicy())
    assert decision.after is Status.ROLLED_BACK
    assert "1 failed" in decision.reason


@given(COUNTS, st.integers(1, 50), st.floats(0.01, 1))
def test_more_agreement_never_makes_it_worse(
    counts: tuple[int, int], min_calls: int, min_agreement: float
) -> None:
    policy = PromotionPolicy(min_calls, min_agreement)
    order = [Status.ROLLED_BACK, Status.SHADOW, Status.LIVE]
    steps = {0, counts[0] // 2, counts[0], counts[1]}
    ranks = [
        order.index(decide_promotion(report(agreed, counts[1]), policy).after)
        for agreed in sorted(steps)
    ]
    assert all(before <= after for before, after in itertools.pairwise(ranks))


def test_a_release_that_agrees_goes_live_with_its_figures_in_history_and_ledger(
    bench: Bench,
) -> None:
    release = bench.release()
    promotion = promote(
        release, report(6, 6, digest=release.digest), PromotionPolicy(), bench.registry
    )
    assert promotion.is_live
    assert promotion.release.status is Status.LIVE
    assert bench.registry.resolve("first-word").digest == release.digest
    assert bench.registry.history("first-word")[-1].reason == promotion.reason
    (*_, entry) = bench.store.ledger.load(kind="status_changed", subject=release.digest)
    assert entry.payload["reason"] == promotion.reason


def test_a_release_that_differs_is_rolled_back_and_what_was_live_stays(bench: Bench) -> None:
    first = bench.go_live()
    second = bench.release(code="def run(text: str) -> str:\n    return text\n")
    promotion = promote(
        second, report(1, 6, digest=second.digest), PromotionPolicy(), bench.registry
    )
    assert not promotion.is_live
    assert promotion.release.status is Status.ROLLED_BACK
    assert bench.registry.resolve("first-word").digest == first.digest


def test_a_release_with_too_few_calls_stays_where_it_is(bench: Bench) -> None:
    release = bench.release()
    promotion = promote(
        release, report(3, 3, digest=release.digest), PromotionPolicy(), bench.registry
    )
    assert (promotion.is_live, promotion.release.status) == (False, Status.SHADOW)
    assert "5 calls are needed" in promotion.reason
    assert len(bench.registry.history("first-word")) == 1
