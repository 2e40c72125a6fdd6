"""The closed lists are contracts with stored records: a word once written is never renamed."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.value import Value

FIELD_OWN_REASONS = [
    "syntax_error",
    "test_assertion_failed",
    "timeout",
    "permission_denied",
    "dependency_resolution_failed",
    "non_deterministic_output",
    "side_effect_detected",
]
OUR_REASONS = {
    "contract_violation",
    "memory_exceeded",
    "output_exceeded",
    "type_error",
    "runtime_error",
    "weak_tests",
    "sealed_case_failed",
    "duplicate",
    "policy_violation",
    "judge_rejected",
}


def test_the_failure_reasons_begin_with_the_fields_own() -> None:
    reasons = [str(reason) for reason in FailureReason]
    assert reasons[: len(FIELD_OWN_REASONS)] == FIELD_OWN_REASONS
    assert set(reasons[len(FIELD_OWN_REASONS) :]) >= OUR_REASONS


def test_the_kinds_of_artefacts_are_these() -> None:
    kinds = {"code", "instructions", "agent", "hook", "integration", "rule"}
    assert {str(kind) for kind in ArtefactKind} == kinds


class Sample(Value):
    """A value."""

    at: datetime
    """When it was taken."""


def test_a_value_is_frozen_closed_and_described_by_its_docstrings() -> None:
    sample = Sample(at=datetime(2026, 3, 1, tzinfo=UTC))
    with pytest.raises(ValidationError, match="frozen"):
        sample.at = datetime(2027, 3, 1, tzinfo=UTC)  # pyright: ignore[reportAttributeAccessIssue] - the attack
    with pytest.raises(ValidationError, match="extra"):
        Sample.model_validate(sample.model_dump() | {"extra": 1})
    properties = Sample.model_json_schema()["properties"]
    assert properties["at"]["description"] == "When it was taken."
