"""The score: a sum that can be checked, and that lets nothing over a failed gate."""

from collections.abc import Callable

import pytest

from skillkiln.judge.criteria import CRITERIA
from skillkiln.judge.history import OUT_OF
from skillkiln.judge.score import score
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence
from skillkiln.skill.reasons import FailureReason

Testify = Callable[..., Evidence]


def test_the_table_adds_up_to_ten() -> None:
    assert round(sum(criterion.out_of for criterion in CRITERIA) + OUT_OF, 2) == 10


def test_a_candidate_without_a_flaw_gets_ten(candidate: Candidate, testify: Testify) -> None:
    verdict = score(candidate, testify())
    assert (verdict.score, verdict.is_accepted, verdict.reason) == (10, True, "")


WEAKNESSES = {
    "no null test": {"kind_null": 0},
    "no anomalous test": {"kind_anomalous": 0},
    "no massive test": {"kind_massive": 0},
    "no ordinary test": {"kind_ordinary": 0},
    "two tests": {"tests": 2},
    "three tests, some code missed": {"tests": 3, "line_coverage": 0.85},
    "a fifth of the code not reached": {"line_coverage": 0.8},
    "tests notice little": {"mutants_killed": 1},
    "a knot": {"max_complexity": 9},
    "a deep nest": {"max_nesting": 6},
    "long": {"code_lines": 190},
    "copied examples": {"copied_share": 0.2},
    "undocumented": {"says_when": 0, "says_limits": 0, "names_parameters": 0},
    "one sealed case": {"sealed_count": 1, "sealed_right": 1},
    "no sealed case": {"sealed_count": 0, "sealed_right": 0},
    "no head-room": {"timeout_share": 0.95},
    "no memory left": {"memory_share": 0.95},
}


@pytest.mark.parametrize("figures", WEAKNESSES.values(), ids=WEAKNESSES)
def test_one_weakness_is_not_accepted_though_every_gate_passed(
    candidate: Candidate, testify: Testify, figures: dict[str, float]
) -> None:
    verdict = score(candidate, testify(figures))
    assert not verdict.is_accepted
    assert verdict.score < 9.6
    assert verdict.reason


BLEMISHES = {
    "four tests": {"tests": 4},
    "one change not noticed": {"mutants_killed": 4},
    "complexity 6": {"max_complexity": 6},
    "nine tenths reached": {"line_coverage": 0.9},
    "three sealed cases": {"sealed_count": 3, "sealed_right": 3},
    "a hundred lines": {"code_lines": 100},
    "no docstring": {"has_docstrings": 0},
}


@pytest.mark.parametrize("figures", BLEMISHES.values(), ids=BLEMISHES)
def test_a_blemish_is_forgiven(
    candidate: Candidate, testify: Testify, figures: dict[str, float]
) -> None:
    assert score(candidate, testify(figures)).is_accepted


@pytest.mark.parametrize(
    ("changes", "is_accepted"),
    [
        ({"surviving_programs": 1}, True),
        ({"surviving_programs": 3}, False),
        ({"surviving_programs": 1_000}, False),
        ({"held_out": 2, "learned_from": 4}, True),
        ({"held_out": 0}, False),
        ({"held_out": 0, "learned_from": 0}, True),
    ],
)
def test_how_well_the_examples_settle_it_counts(
    candidate: Candidate, testify: Testify, changes: dict[str, int], is_accepted: bool
) -> None:
    verdict = score(candidate.model_copy(update=changes), testify())
    assert verdict.is_accepted is is_accepted


@pytest.mark.parametrize(
    "gate", ["sealed_cases", "style", "side_effects", "files", "visible_cases"]
)
def test_no_score_lifts_a_candidate_over_a_failed_gate(
    candidate: Candidate, testify: Testify, gate: str
) -> None:
    evidence = testify(failed={gate: FailureReason.POLICY_VIOLATION})
    verdict = score(candidate, evidence, min_score=0)
    assert not verdict.is_accepted
    assert f"`{gate}`" in verdict.reason


def test_what_was_not_measured_earns_nothing(candidate: Candidate, testify: Testify) -> None:
    everything = frozenset(gate for criterion in CRITERIA for gate in criterion.gates)
    verdict = score(candidate, testify(without=everything))
    assert verdict.score == OUT_OF
    assert not verdict.is_accepted


def test_the_lines_say_why_and_add_up(candidate: Candidate, testify: Testify) -> None:
    verdict = score(candidate, testify({"kind_null": 0, "tests": 4}))
    assert round(sum(line.points for line in verdict.lines), 2) == verdict.score
    assert "no test with null input" in verdict.reason
    assert all(0 <= line.points <= line.out_of and line.because for line in verdict.lines)


def test_the_threshold_is_the_callers(candidate: Candidate, testify: Testify) -> None:
    evidence = testify({"kind_null": 0})
    assert score(candidate, evidence, min_score=9).is_accepted
    assert not score(candidate, testify({"tests": 4}), min_score=10).is_accepted


def attempt(evidence: Evidence) -> Attempt:
    return Attempt(need_id="need:1", author="agent:test", number=1, evidence=evidence)


def test_failing_again_the_same_way_costs_and_is_said(
    candidate: Candidate, testify: Testify
) -> None:
    failed = {"sealed_cases": FailureReason.SEALED_CASE_FAILED}
    history = tuple(attempt(testify(failed=failed, digest=letter * 64)) for letter in "ab")
    first = score(candidate, testify(failed=failed))
    third = score(candidate, testify(failed=failed), history)
    assert third.score == pytest.approx(first.score - OUT_OF)
    assert (
        "no progress: `sealed_cases` failed with sealed_case_failed in 3 attempts" in third.reason
    )


def test_another_failure_in_between_ends_the_row(candidate: Candidate, testify: Testify) -> None:
    sealed = {"sealed_cases": FailureReason.SEALED_CASE_FAILED}
    types = {"types": FailureReason.TYPE_ERROR}
    history = (attempt(testify(failed=sealed, digest="a" * 64)), attempt(testify(failed=types)))
    verdict = score(candidate, testify(failed=sealed, digest="c" * 64), history)
    assert "no progress" not in verdict.reason


def test_the_very_same_candidate_is_no_progress(candidate: Candidate, testify: Testify) -> None:
    weak = testify({"kind_null": 0})
    verdict = score(candidate, weak, (attempt(weak),))
    assert verdict.reason.endswith("the very same candidate was handed in before")


def test_history_does_not_hold_back_a_repaired_candidate(
    candidate: Candidate, testify: Testify
) -> None:
    failed = {"types": FailureReason.TYPE_ERROR}
    history = (attempt(testify(failed=failed, digest="a" * 64)),)
    assert score(candidate, testify(), history).score == 10
