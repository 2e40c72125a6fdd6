"""A candidate and evidence of it in which every gate passed with nothing to complain about."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from skillkiln.judge.launch_gates import REQUIRED_GATES
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Finding, Outcome, Stage
from skillkiln.records.needs import Case, Need
from skillkiln.skill.contract import Contract
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.reasons import FailureReason

PERFECT = {
    "sealed_cases": {"sealed_count": 6, "sealed_right": 6},
    "own_tests": {"tests": 6, "line_coverage": 1.0},
    "review_tests": {
        "kind_ordinary": 1,
        "kind_null": 1,
        "kind_anomalous": 1,
        "kind_massive": 1,
    },
    "mutants": {"mutants": 5, "mutants_killed": 5},
    "structure": {"code_lines": 20, "max_complexity": 3, "max_nesting": 2, "copied_share": 0.0},
    "documentation": {
        "says_when": 1,
        "names_parameters": 1,
        "says_limits": 1,
        "has_docstrings": 1,
    },
    "limits": {"timeout_share": 0.1, "memory_share": 0.1},
}

Testify = Callable[..., Evidence]


@pytest.fixture
def candidate() -> Candidate:
    return Candidate(
        need_id="need:1",
        author="agent:test",
        contract=Contract(
            name="a-skill",
            version="1.0.0",
            input_schema={"type": "object"},
            output_schema={"type": "string"},
        ),
        files={"skill.py": "def run() -> str: ...\n"},
        learned_from=3,
        held_out=3,
    )


@pytest.fixture
def need() -> Need:
    return Need(
        id="need:1",
        gap_id=None,
        name="a-skill",
        purpose="Does it.",
        sealed=tuple(Case(inputs={"n": n}, expected=n) for n in range(6)),
    )


@pytest.fixture
def testify(candidate: Candidate) -> Testify:
    """Build evidence: perfect, but for the figures, failures and left-out gates that are named."""

    def build(
        figures: dict[str, float] | None = None,
        *,
        failed: dict[str, FailureReason] | None = None,
        without: frozenset[str] = frozenset(),
        digest: str | None = None,
    ) -> Evidence:
        changed, reasons = figures or {}, failed or {}
        files = {path: text.encode() for path, text in candidate.files.items()}
        return Evidence(
            candidate_digest=digest or folder_digest(files),
            findings=tuple(
                Finding(
                    gate=gate,
                    stage=Stage.TEST,
                    outcome=Outcome.FAILED if gate in reasons else Outcome.PASSED,
                    reason=reasons.get(gate),
                    summary="",
                    figures={
                        name: changed.get(name, value)
                        for name, value in PERFECT.get(gate, {}).items()
                    },
                )
                for gate in sorted(REQUIRED_GATES)
                if gate not in without
            ),
            began_at=datetime(2026, 1, 1, tzinfo=UTC),
            duration_ms=1,
        )

    return build
