"""Why something failed: the closed list of failure reasons.

The first seven are the field's own; the rest are what governing a library needs beyond them. A
finding, an invocation and a ledger entry all name one of these and nothing else.
"""

from enum import StrEnum


class FailureReason(StrEnum):
    """One reason for one failure."""

    SYNTAX_ERROR = "syntax_error"
    TEST_ASSERTION_FAILED = "test_assertion_failed"
    TIMEOUT = "timeout"
    PERMISSION_DENIED = "permission_denied"
    DEPENDENCY_RESOLUTION_FAILED = "dependency_resolution_failed"
    NON_DETERMINISTIC_OUTPUT = "non_deterministic_output"
    SIDE_EFFECT_DETECTED = "side_effect_detected"
    CONTRACT_VIOLATION = "contract_violation"
    MEMORY_EXCEEDED = "memory_exceeded"
    OUTPUT_EXCEEDED = "output_exceeded"
    TYPE_ERROR = "type_error"
    RUNTIME_ERROR = "runtime_error"
    WEAK_TESTS = "weak_tests"
    SEALED_CASE_FAILED = "sealed_case_failed"
    DUPLICATE = "duplicate"
    POLICY_VIOLATION = "policy_violation"
    JUDGE_REJECTED = "judge_rejected"
