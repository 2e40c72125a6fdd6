"""How findings are built: for a gate, and safe to show.

Summaries and details quote what a candidate wrote, or what a tool said about it. So they are cut to
a length and stripped of control characters before they reach a terminal, a page or the ledger.
"""

from collections.abc import Mapping

from skillkiln.prove.interface import Gate
from skillkiln.records.evidence import Finding, Outcome
from skillkiln.skill.reasons import FailureReason

MAX_SUMMARY = 300
MAX_DETAIL = 4_000


def build_passed(
    gate: Gate, summary: str, *, detail: str = "", figures: Mapping[str, float] | None = None
) -> Finding:
    """Say that a gate saw nothing wrong."""
    return _build(gate, Outcome.PASSED, None, summary, detail, figures)


def build_failed(
    gate: Gate,
    reason: FailureReason,
    summary: str,
    *,
    detail: str = "",
    figures: Mapping[str, float] | None = None,
) -> Finding:
    """Say that a gate refuses the candidate, and for which reason."""
    return _build(gate, Outcome.FAILED, reason, summary, detail, figures)


def build_not_needed(gate: Gate, why: str) -> Finding:
    """Say that a gate had nothing to do, and why."""
    return _build(gate, Outcome.NOT_NEEDED, None, why, "", None)


def _build(
    gate: Gate,
    outcome: Outcome,
    reason: FailureReason | None,
    summary: str,
    detail: str,
    figures: Mapping[str, float] | None,
) -> Finding:
    return Finding(
        gate=gate.name,
        stage=gate.stage,
        outcome=outcome,
        reason=reason,
        summary=clean_text(summary.replace("\n", " "), MAX_SUMMARY),
        detail=clean_text(detail, MAX_DETAIL),
        figures=dict(figures or {}),
    )


def clean_text(text: str, max_length: int) -> str:
    """Cut a text to a length and replace what could steer a terminal or break an encoder."""
    cut = text if len(text) <= max_length else f"{text[: max_length - 3]}..."
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in cut
    )
