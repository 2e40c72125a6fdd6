"""Findings and evidence: a reason goes with failing, and only with it."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from skillkiln.records.evidence import Evidence, Finding, Outcome, ScoreLine, Stage, Verdict
from skillkiln.skill.reasons import FailureReason


def finding(gate: str, outcome: Outcome, **figures: float) -> Finding:
    reason = FailureReason.TIMEOUT if outcome is Outcome.FAILED else None
    return Finding(
        gate=gate, stage=Stage.TEST, outcome=outcome, summary="s", reason=reason, figures=figures
    )


def evidence(*findings: Finding) -> Evidence:
    return Evidence(
        candidate_digest="0" * 64,
        findings=findings,
        began_at=datetime(2026, 3, 1, tzinfo=UTC),
        duration_ms=1,
    )


def test_the_stages_are_the_eight_in_their_order() -> None:
    names = ["write", "typecheck", "test", "lint", "critique", "refine", "escalate", "arbiter"]
    assert [str(stage) for stage in Stage] == names


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("reason", [None, FailureReason.TIMEOUT])
def test_a_reason_goes_with_failing_and_only_with_it(
    outcome: Outcome, reason: FailureReason | None
) -> None:
    fields = {"gate": "g", "stage": "test", "outcome": outcome, "summary": "s", "reason": reason}
    if (outcome is Outcome.FAILED) == (reason is not None):
        assert Finding.model_validate(fields).reason is reason
    else:
        with pytest.raises(ValidationError, match="a reason goes with failing"):
            Finding.model_validate(fields)


def test_a_reason_outside_the_closed_list_is_refused() -> None:
    fields = {
        "gate": "g",
        "stage": "test",
        "outcome": "failed",
        "summary": "s",
        "reason": "bad luck",
    }
    with pytest.raises(ValidationError, match="reason"):
        Finding.model_validate(fields)


def test_the_failures_are_those_that_failed_in_order() -> None:
    seen = evidence(
        finding("a", Outcome.PASSED),
        finding("b", Outcome.FAILED),
        finding("c", Outcome.NOT_NEEDED),
        finding("d", Outcome.FAILED),
    )
    assert [failure.gate for failure in seen.failures] == ["b", "d"]


def test_a_figure_is_found_whichever_gate_measured_it() -> None:
    seen = evidence(
        finding("a", Outcome.PASSED, p50_ms=0.0), finding("b", Outcome.PASSED, share=0.5, p50_ms=9)
    )
    assert seen.figure("share") == 0.5
    assert seen.figure("p50_ms", default=7) == 0.0
    assert seen.figure("never_measured") == 0.0
    assert seen.figure("never_measured", default=7) == 7


def test_evidence_survives_json() -> None:
    seen = evidence(finding("a", Outcome.PASSED, p50_ms=1.5), finding("b", Outcome.FAILED))
    assert Evidence.model_validate_json(seen.model_dump_json()) == seen


@pytest.mark.parametrize("score", [-0.1, 10.1, float("nan")])
def test_a_score_lies_between_0_and_10(score: float) -> None:
    line = ScoreLine(criterion="c", points=1, out_of=2, because="b")
    with pytest.raises(ValidationError, match="score"):
        Verdict(score=score, min_score=7, lines=(line,), is_accepted=False)


def test_a_criterion_is_out_of_something() -> None:
    with pytest.raises(ValidationError, match="out_of"):
        ScoreLine(criterion="c", points=0, out_of=0, because="b")
