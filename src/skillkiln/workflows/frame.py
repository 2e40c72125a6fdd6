"""The eight stages as a person sees them: what each came to over all attempts, and why.

A stage with nothing to do says `not_needed` with its reason, never `passed`.
"""

from skillkiln.records.attempts import Attempt
from skillkiln.records.evidence import Outcome, Stage

Frame = tuple[tuple[Stage, Outcome, str], ...]
"""For each of the eight stages: what it came to, and one line of why."""

PROVING = (Stage.TYPECHECK, Stage.TEST, Stage.LINT)


def build_frame(attempts: tuple[Attempt, ...]) -> Frame:
    """Build the frame of a finished run from its attempts; the last written candidate speaks."""
    written = [attempt for attempt in attempts if attempt.candidate is not None]
    last = written[-1] if written else None
    refusals = "; ".join(a.refusal.reason for a in attempts if a.refusal is not None)
    return (
        _write(last, refusals),
        *(_gates(stage, last) for stage in PROVING),
        _critique(last),
        _refine(attempts),
        _escalate(attempts),
        _arbiter(last),
    )


def _write(last: Attempt | None, refusals: str) -> tuple[Stage, Outcome, str]:
    if last is None:
        return Stage.WRITE, Outcome.FAILED, f"no author wrote a candidate: {refusals}"
    stage, outcome, note = _gates(Stage.WRITE, last)
    return stage, outcome, f"{last.author}; {note}"


def _gates(stage: Stage, last: Attempt | None) -> tuple[Stage, Outcome, str]:
    findings = (
        []
        if last is None or last.evidence is None
        else [finding for finding in last.evidence.findings if finding.stage is stage]
    )
    failed = [finding for finding in findings if finding.outcome is Outcome.FAILED]
    passed = [finding for finding in findings if finding.outcome is Outcome.PASSED]
    if failed:
        return stage, Outcome.FAILED, f"{failed[0].gate}: {failed[0].summary}"
    if passed:
        names = ", ".join(finding.gate for finding in passed)
        return stage, Outcome.PASSED, f"{len(passed)} of {len(findings)} gates: {names}"
    why = findings[0].summary if findings else "nothing was written"
    return stage, Outcome.NOT_NEEDED, why


def _critique(last: Attempt | None) -> tuple[Stage, Outcome, str]:
    if last is None or last.verdict is None:
        return Stage.CRITIQUE, Outcome.NOT_NEEDED, "there was nothing to score"
    verdict = last.verdict
    outcome = Outcome.PASSED if verdict.is_accepted else Outcome.FAILED
    return Stage.CRITIQUE, outcome, f"{verdict.score:.2f} of 10, accepted from {verdict.min_score}"


def _refine(attempts: tuple[Attempt, ...]) -> tuple[Stage, Outcome, str]:
    again = [attempt for attempt in attempts if attempt.number > 1]
    if not again:
        why = "the first draft was accepted" if _is_good(attempts) else "no visible case was wrong"
        return Stage.REFINE, Outcome.NOT_NEEDED, why
    outcome = Outcome.PASSED if again[-1].is_accepted else Outcome.FAILED
    return Stage.REFINE, outcome, f"written again {len(again)} times"


def _escalate(attempts: tuple[Attempt, ...]) -> tuple[Stage, Outcome, str]:
    authors = list(dict.fromkeys(attempt.author for attempt in attempts))
    if len(authors) <= 1:
        why = "the first author was accepted" if _is_good(attempts) else "there is no other author"
        return Stage.ESCALATE, Outcome.NOT_NEEDED, why
    outcome = Outcome.PASSED if _is_good(attempts) else Outcome.FAILED
    return Stage.ESCALATE, outcome, " -> ".join(authors)


def _arbiter(last: Attempt | None) -> tuple[Stage, Outcome, str]:
    if last is None:
        return Stage.ARBITER, Outcome.NOT_NEEDED, "there was nothing to decide on"
    if last.is_accepted:
        return Stage.ARBITER, Outcome.PASSED, "every launch gate holds"
    return Stage.ARBITER, Outcome.FAILED, last.why_not


def _is_good(attempts: tuple[Attempt, ...]) -> bool:
    return bool(attempts) and attempts[-1].is_accepted
