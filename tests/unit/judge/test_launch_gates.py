"""The arbiter: nothing becomes a release that breaks one of its rules."""

from collections.abc import Callable

import pytest

from skillkiln.judge.launch_gates import REQUIRED_GATES, LaunchPolicy, arbitrate
from skillkiln.judge.score import score
from skillkiln.prove.gate_list import build_gates
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Outcome
from skillkiln.records.needs import Need
from skillkiln.skill.contract import Idempotency, Permissions, SideEffect
from skillkiln.skill.reasons import FailureReason

Testify = Callable[..., Evidence]

MAY_BE_NOT_NEEDED = {"duplicate"}


def test_silence_means_go(candidate: Candidate, need: Need, testify: Testify) -> None:
    evidence = testify()
    assert arbitrate(candidate, need, evidence, score(candidate, evidence)) == ()


def test_every_gate_there_is_is_required_or_named_as_an_exception() -> None:
    names = {gate.name for gates in build_gates() for gate in gates}
    assert names - MAY_BE_NOT_NEEDED == REQUIRED_GATES


def test_a_failed_gate_is_objected_to_whatever_the_verdict_says(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    forged = score(candidate, testify())
    evidence = testify(failed={"types": FailureReason.TYPE_ERROR})
    objections = arbitrate(candidate, need, evidence, forged)
    assert any("types (type_error)" in objection for objection in objections)


@pytest.mark.parametrize("gate", sorted(REQUIRED_GATES))
def test_a_gate_that_did_not_run_is_objected_to(
    candidate: Candidate, need: Need, testify: Testify, gate: str
) -> None:
    forged = score(candidate, testify())
    objections = arbitrate(candidate, need, testify(without=frozenset({gate})), forged)
    assert f"gates that did not pass: {gate}" in objections


def test_a_gate_that_was_not_needed_has_not_passed(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    evidence = testify()
    skipped = tuple(
        finding.model_copy(update={"outcome": Outcome.NOT_NEEDED})
        if finding.gate == "limits"
        else finding
        for finding in evidence.findings
    )
    stopped = evidence.model_copy(update={"findings": skipped})
    objections = arbitrate(candidate, need, stopped, score(candidate, evidence))
    assert "gates that did not pass: limits" in objections


def test_evidence_of_other_files_is_objected_to(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    evidence = testify()
    verdict = score(candidate, evidence)
    changed = candidate.model_copy(update={"files": {"skill.py": "import os\n"}})
    assert arbitrate(changed, need, evidence, verdict)[0].startswith("the evidence is about")


def test_another_need_is_objected_to(candidate: Candidate, need: Need, testify: Testify) -> None:
    evidence = testify()
    other = need.model_copy(update={"id": "need:2"})
    objections = arbitrate(candidate, other, evidence, score(candidate, evidence))
    assert "'need:1', not 'need:2'" in objections[0]


def test_a_verdict_that_does_not_add_up_is_objected_to(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    evidence = testify({"kind_massive": 0})
    forged = score(candidate, evidence).model_copy(
        update={"score": 10.0, "is_accepted": True, "reason": ""}
    )
    objections = arbitrate(candidate, need, evidence, forged)
    assert objections == ("the score table adds up to 9.55, the verdict says 10.0",)


def test_a_softer_judge_does_not_pass_a_harder_policy(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    evidence = testify({"kind_massive": 0})
    verdict = score(candidate, evidence, min_score=9)
    assert verdict.is_accepted
    assert arbitrate(candidate, need, evidence, verdict) == (
        "score: expected at least 9.6, got 9.55",
    )


def test_a_rejecting_judge_is_heard_at_any_score(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    evidence = testify()
    verdict = score(candidate, evidence).model_copy(
        update={"is_accepted": False, "reason": "it smells"}
    )
    assert arbitrate(candidate, need, evidence, verdict) == (
        "the judge does not accept it: it smells",
    )


def test_too_few_sealed_cases_are_objected_to(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    evidence = testify({"sealed_count": 2, "sealed_right": 2})
    few = need.model_copy(update={"sealed": need.sealed[:2]})
    policy = LaunchPolicy(min_score=0)
    verdict = score(candidate, evidence, min_score=0)
    assert arbitrate(candidate, few, evidence, verdict, policy=policy) == (
        "sealed cases: expected at least 3, got 2",
    )


def test_sealed_cases_that_were_not_tried_are_objected_to(
    candidate: Candidate, need: Need, testify: Testify
) -> None:
    evidence = testify({"sealed_count": 5, "sealed_right": 5})
    objections = arbitrate(candidate, need, evidence, score(candidate, evidence))
    assert objections == ("sealed cases: expected all 6 right, got 5",)


def test_untested_kinds_are_objected_to(candidate: Candidate, need: Need, testify: Testify) -> None:
    evidence = testify({"kind_null": 0})
    verdict = score(candidate, evidence, min_score=0)
    policy = LaunchPolicy(min_score=0)
    assert arbitrate(candidate, need, evidence, verdict, policy=policy) == (
        "no test with null input",
    )


def test_petitions_wait_for_a_person(candidate: Candidate, need: Need, testify: Testify) -> None:
    contract = candidate.contract.model_copy(
        update={
            "side_effects": (SideEffect.NETWORK,),
            "permissions": Permissions(network=("example.org:443",)),
            "idempotency": Idempotency.KEYED,
        }
    )
    asking = candidate.model_copy(update={"contract": contract})
    evidence = testify()
    objections = arbitrate(asking, need, evidence, score(asking, evidence))
    assert objections == ("petitions for network: a person grants that first",)
