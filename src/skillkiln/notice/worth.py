"""What closing a gap would save, in tokens over the observed period, with the sum shown.

Rules: figures come from the observed calls alone and nothing is extrapolated. A skill saves the
writing of the code and the attempts that failed, and costs a call each time; what the agent reads
as the result it would read as well from the skill. A recurring failure costs what was written for
and read from the failed calls. A worth is never below zero.
"""

from collections.abc import Sequence

from skillkiln.notice.clusters import SeenRun
from skillkiln.records.signals import Worth, WorthTerm

TOKENS_TO_CALL = 120
"""Tokens an agent spends to find and call a skill: one search result and one short call."""


def estimate_rework_worth(runs: Sequence[SeenRun]) -> Worth:
    """Return what a skill in place of these runs would have saved."""
    uses = [seen for seen in runs if not seen.run.has_failed]
    failed = [seen for seen in runs if seen.run.has_failed]
    written = sum(seen.tokens_written for seen in uses)
    wasted = sum(seen.tokens_written + seen.tokens_read for seen in failed)
    calls = max(1, len(uses)) * TOKENS_TO_CALL
    tokens = max(0, written + wasted - calls)
    average = round(written / len(uses)) if uses else 0
    parts = [f"{len(uses)} uses x {average} tokens written on average = {written}"]
    if failed:
        parts.append(f"+ {wasted} for {len(failed)} failed attempts")
    parts.append(f"- {max(1, len(uses))} x {TOKENS_TO_CALL} to call a skill = {tokens}")
    return Worth(
        tokens=tokens,
        arithmetic=" ".join(parts),
        terms=(
            WorthTerm(label="written by hand", value=written, unit="tokens"),
            WorthTerm(label="failed attempts", value=wasted, unit="tokens"),
            WorthTerm(label="calls of the skill", value=-calls, unit="tokens"),
        ),
    )


def estimate_incident_worth(tokens_by_occurrence: Sequence[int]) -> Worth:
    """Return what the failed or corrected calls cost."""
    tokens = sum(tokens_by_occurrence)
    count = len(tokens_by_occurrence)
    average = round(tokens / count) if count else 0
    return Worth(
        tokens=tokens,
        arithmetic=f"{count} times x {average} tokens written and read each = {tokens}",
        terms=(WorthTerm(label="failed calls", value=tokens, unit="tokens"),),
    )
