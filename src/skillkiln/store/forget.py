"""Forgetting a session: everything that came from it goes, in one transaction.

What may quote a session without saying so is treated as if it did: the texts of every attempt at a
need that drew on it, and the answers of shadow calls made on such a need's cases. Names, digests,
figures, outcomes and failure reasons stay: they are the record of what was decided. A release is
immutable and stays too; it is named, so that a person can retire it and forge it again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, union, update

from skillkiln.records.attempts import Attempt
from skillkiln.records.evidence import Evidence
from skillkiln.records.invocations import Invocation
from skillkiln.store.bodies import parse_body, render_body
from skillkiln.store.needs import (
    CASE_TABLES,
    count_cases,
    find_need,
    parse_attempt,
    replace_need,
    without_cases_of,
)
from skillkiln.store.noticed import find_gap, replace_gap, without_sessions
from skillkiln.store.rows import Forgotten
from skillkiln.store.tables import attempts, gaps, invocations, needs, releases, sessions, signals

REDACTED = "(removed: a session that this may quote was forgotten)"


def forget_rows(connection: Connection, session_id: str, *, at: datetime) -> Forgotten:
    """Remove everything that came from a session; the ledger is the caller's to write."""
    of_session = signals.c.session_id == session_id
    gap_ids = connection.execute(select(signals.c.gap_id).where(of_session).distinct()).scalars()
    touched_gaps = gap_ids.all()
    touched_needs = _find_needs(connection, session_id, touched_gaps)
    affected = _find_releases(connection, touched_needs)
    signal_count = connection.execute(
        select(func.count()).select_from(signals).where(of_session)
    ).scalar_one()
    emptied_gaps = sum(_forget_in_gap(connection, g, session_id, at) for g in touched_gaps)
    case_counts = [_forget_in_need(connection, n, session_id, at) for n in touched_needs]
    redacted = sum(_redact_attempts(connection, need_id) for need_id in touched_needs)
    for digest in affected:
        _blank_shadow_answers(connection, digest)
    connection.execute(delete(sessions).where(sessions.c.session_id == session_id))
    return Forgotten(
        session_id=session_id,
        signals=signal_count,
        gaps=emptied_gaps,
        needs=sum(is_gone for _, is_gone in case_counts),
        cases=sum(count for count, _ in case_counts),
        attempts=redacted,
        releases_affected=affected,
    )


def _find_needs(connection: Connection, session_id: str, gap_ids: Sequence[str]) -> list[str]:
    with_cases = [
        select(table.c.need_id).where(table.c.session_id == session_id)
        for table in CASE_TABLES.values()
    ]
    of_gaps = select(needs.c.id).where(needs.c.gap_id.in_(gap_ids))
    return sorted(connection.execute(union(*with_cases, of_gaps)).scalars())


def _find_releases(connection: Connection, need_ids: list[str]) -> tuple[str, ...]:
    query = select(releases.c.digest).where(releases.c.need_id.in_(need_ids))
    return tuple(connection.execute(query.order_by(releases.c.digest)).scalars())


def _forget_in_gap(connection: Connection, gap_id: str, session_id: str, at: datetime) -> bool:
    gap = find_gap(connection, gap_id)
    left = without_sessions(gap, frozenset({session_id})) if gap else None
    if left is None:
        connection.execute(delete(gaps).where(gaps.c.id == gap_id))
        return True
    replace_gap(connection, left, at=at)
    return False


def _forget_in_need(
    connection: Connection, need_id: str, session_id: str, at: datetime
) -> tuple[int, bool]:
    """Return how many cases went, and whether the need went with them."""
    need = find_need(connection, need_id)
    if need is None:
        return 0, False
    left = without_cases_of(need, frozenset({session_id}))
    gone = count_cases(need) - count_cases(left)
    if count_cases(left) == 0:
        connection.execute(delete(needs).where(needs.c.id == need_id))
        return gone, True
    # Inputs without a label do not say which session they came from.
    replace_need(connection, left.model_copy(update={"unlabelled": ()}), at=at)
    return gone, False


def _redact_attempts(connection: Connection, need_id: str) -> int:
    rows = connection.execute(select(attempts).where(attempts.c.need_id == need_id))
    kept = [parse_attempt(row) for row in rows.mappings()]
    for row in kept:
        body = render_body(redact_attempt(row.attempt))
        connection.execute(
            update(attempts).where(attempts.c.id == row.id).values(body=body, is_redacted=True)
        )
    return len(kept)


def redact_attempt(attempt: Attempt) -> Attempt:
    """Return the attempt without any text that could quote a session."""
    candidate, refusal, verdict = attempt.candidate, attempt.refusal, attempt.verdict
    return attempt.model_copy(
        update={
            "candidate": candidate
            and candidate.model_copy(
                update={"files": dict.fromkeys(candidate.files, ""), "explanation": ""}
            ),
            "refusal": refusal
            and refusal.model_copy(update={"reason": REDACTED, "hint": "", "ask": ()}),
            "evidence": attempt.evidence and _redact_evidence(attempt.evidence),
            "verdict": verdict
            and verdict.model_copy(
                update={
                    "lines": tuple(
                        line.model_copy(update={"because": REDACTED}) for line in verdict.lines
                    ),
                    "reason": REDACTED if verdict.reason else "",
                }
            ),
            "objections": tuple(REDACTED for _ in attempt.objections),
        }
    )


def _redact_evidence(evidence: Evidence) -> Evidence:
    findings = tuple(
        finding.model_copy(update={"summary": REDACTED, "detail": ""})
        for finding in evidence.findings
    )
    return evidence.model_copy(update={"findings": findings})


def _blank_shadow_answers(connection: Connection, digest: str) -> None:
    of_release = (invocations.c.digest == digest) & invocations.c.is_shadow
    rows = connection.execute(select(invocations.c.id, invocations.c.body).where(of_release))
    for row_id, body in rows.all():
        call = parse_body(Invocation, body, where=f"invocations/{row_id}")
        blank = call.model_copy(update={"output": None, "message": REDACTED})
        connection.execute(
            update(invocations).where(invocations.c.id == row_id).values(body=render_body(blank))
        )
