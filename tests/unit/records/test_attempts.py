"""An attempt says whether its candidate may be released and, if not, why not, in one line."""

from datetime import UTC, datetime

import pytest

from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate, Edit, Refusal
from skillkiln.records.evidence import Evidence, Finding, Outcome, Stage, Verdict
from skillkiln.skill.contract import Contract
from skillkiln.skill.reasons import FailureReason

CANDIDATE = Candidate(
    need_id="n1",
    author="agent:by-example",
    contract=Contract(name="a", version="1.0.0", input_schema={"type": "object"}, output_schema={}),
    files={"skill.py": "def run() -> int:\n    return 1\n"},
)
PASSED = Finding(gate="types", stage=Stage.TYPECHECK, outcome=Outcome.PASSED, summary="0 errors")
LATE = Finding(
    gate="tests",
    stage=Stage.TEST,
    outcome=Outcome.FAILED,
    summary="ran 5.0 s",
    reason=FailureReason.TIMEOUT,
)


def evidence(*findings: Finding) -> Evidence:
    return Evidence(
        candidate_digest="0" * 64,
        findings=findings,
        began_at=datetime(2026, 3, 1, tzinfo=UTC),
        duration_ms=1,
    )


def attempt(
    *findings: Finding, score: float | None = None, objections: tuple[str, ...] = ()
) -> Attempt:
    verdict = None
    if score is not None:
        is_accepted = score >= 7
        reason = "" if is_accepted else f"{score} of 10"
        verdict = Verdict(
            score=score, min_score=7, lines=(), is_accepted=is_accepted, reason=reason
        )
    return Attempt(
        need_id="n1",
        author="agent:by-example",
        number=1,
        candidate=CANDIDATE,
        evidence=evidence(*findings),
        verdict=verdict,
        objections=objections,
    )


REFUSED = Attempt(
    need_id="n1",
    author="by-example",
    number=1,
    refusal=Refusal(author="agent:by-example", reason="the examples contradict each other"),
)


@pytest.mark.parametrize(
    ("tried", "is_accepted", "failure", "why_not"),
    [
        (attempt(PASSED, score=9), True, None, ""),
        (attempt(PASSED, score=9, objections=("no sealed case",)), False, "judge_rejected",
         "no sealed case"),
        (attempt(PASSED, score=3), False, "judge_rejected", "judge_rejected: 3 of 10"),
        (attempt(PASSED, LATE, score=3), False, "timeout", "timeout: tests: ran 5.0 s"),
        (attempt(LATE), False, "timeout", "timeout: tests: ran 5.0 s"),
        (REFUSED, False, None, "by-example refused: the examples contradict each other"),
    ],
)  # fmt: skip
def test_an_attempt_says_what_came_of_it(
    tried: Attempt, is_accepted: bool, failure: str | None, why_not: str
) -> None:
    assert tried.is_accepted is is_accepted
    assert tried.failure == failure
    assert tried.why_not == why_not


def test_no_verdict_is_no_acceptance() -> None:
    assert not attempt(PASSED).is_accepted


def test_an_attempt_survives_json() -> None:
    for tried in (attempt(PASSED, LATE, score=3, objections=("a", "b")), REFUSED):
        assert Attempt.model_validate_json(tried.model_dump_json()) == tried


def test_an_edit_removes_something() -> None:
    with pytest.raises(ValueError, match="remove"):
        Edit(path="skill.py", remove="", add="x")
