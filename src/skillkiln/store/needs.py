"""Needs and attempts in SQL. Visible, sealed and held-back cases lie in three tables."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, RowMapping, delete, insert, select

from skillkiln.errors import UnknownNameError
from skillkiln.records.attempts import Attempt
from skillkiln.records.needs import Case, Need
from skillkiln.store.bodies import parse_body, parse_row, render_body
from skillkiln.store.database import Database
from skillkiln.store.ledger import SqlLedger
from skillkiln.store.noticed import load_forgotten
from skillkiln.store.rows import KeptAttempt
from skillkiln.store.tables import attempts, held_back_cases, needs, sealed_cases, visible_cases

CASE_TABLES = {
    "visible": visible_cases,
    "sealed": sealed_cases,
    "held_back": held_back_cases,
}
"""The table of each sort of case, by the need's field."""


class SqlNeeds:
    """Needs and their cases on a database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def save(self, need: Need) -> None:
        """Keep a need."""
        with self._database.writing() as connection:
            forgotten = load_forgotten(connection)
            replace_need(connection, without_cases_of(need, forgotten), at=self._clock())

    def load(self, need_id: str) -> Need:
        """Return a need with all its cases."""
        need = self.find(need_id)
        if need is None:
            raise UnknownNameError("need", need_id)
        return need

    def find(self, need_id: str) -> Need | None:
        """Return a need with all its cases, if it is there."""
        with self._database.reading() as connection:
            return find_need(connection, need_id)

    def load_all(self) -> tuple[Need, ...]:
        """Return all, sorted by name and id."""
        with self._database.reading() as connection:
            ids = connection.execute(select(needs.c.id).order_by(needs.c.name, needs.c.id))
            found = [find_need(connection, need_id) for need_id in ids.scalars().all()]
        return tuple(need for need in found if need is not None)


def without_cases_of(need: Need, session_ids: frozenset[str]) -> Need:
    """Return the need without the cases of some sessions.

    Where any go, the unlabelled inputs go too: they do not say which session they came from.
    """
    left: dict[str, Any] = {
        field: tuple(case for case in _cases(need, field) if case.session_id not in session_ids)
        for field in CASE_TABLES
    }
    remaining = need.model_copy(update=left)
    if count_cases(remaining) == count_cases(need):
        return need
    return remaining.model_copy(update={"unlabelled": ()})


def count_cases(need: Need) -> int:
    """Return how many cases a need has, of all three sorts."""
    return sum(len(_cases(need, field)) for field in CASE_TABLES)


def _cases(need: Need, field: str) -> Sequence[Case]:
    cases: tuple[Case, ...] = getattr(need, field)
    return cases


def replace_need(connection: Connection, need: Need, *, at: datetime) -> None:
    """Write a need and its cases in place of the need of the same id."""
    connection.execute(delete(needs).where(needs.c.id == need.id))
    bare = need.model_copy(update=dict.fromkeys(CASE_TABLES, ()))
    connection.execute(
        insert(needs).values(
            id=need.id, gap_id=need.gap_id, name=need.name, body=render_body(bare), saved_at=at
        )
    )
    for field, table in CASE_TABLES.items():
        rows = [
            {
                "need_id": need.id,
                "ordinal": ordinal,
                "session_id": case.session_id,
                "body": render_body(case),
            }
            for ordinal, case in enumerate(_cases(need, field))
        ]
        if rows:
            connection.execute(insert(table), rows)


def find_need(connection: Connection, need_id: str) -> Need | None:
    """Return a need with all its cases, if it is there."""
    body = connection.execute(select(needs.c.body).where(needs.c.id == need_id)).scalar()
    if body is None:
        return None
    where = f"needs/{need_id}"
    cases: dict[str, Any] = {}
    for field, table in CASE_TABLES.items():
        rows = connection.execute(
            select(table.c.body).where(table.c.need_id == need_id).order_by(table.c.ordinal)
        )
        cases[field] = tuple(parse_body(Case, text, where=where) for text in rows.scalars())
    return parse_body(Need, body, where=where).model_copy(update=cases)


class SqlAttempts:
    """Attempts on a database."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], ledger: SqlLedger
    ) -> None:
        self._database = database
        self._clock = clock
        self._ledger = ledger

    def save(self, attempt: Attempt) -> KeptAttempt:
        """Keep an attempt and enter its outcome in the ledger."""
        at = self._clock()
        with self._database.writing() as connection:
            result = connection.execute(
                insert(attempts).values(
                    need_id=attempt.need_id, at=at, is_redacted=False, body=render_body(attempt)
                )
            )
            (attempt_id,) = result.inserted_primary_key or (0,)
            self._ledger.append("attempt", attempt.need_id, _summarise(attempt_id, attempt))
        return KeptAttempt(id=attempt_id, at=at, attempt=attempt)

    def load(self, need_id: str | None = None) -> tuple[KeptAttempt, ...]:
        """Return the attempts at a need, or all, oldest first."""
        query = select(attempts).order_by(attempts.c.id)
        if need_id is not None:
            query = query.where(attempts.c.need_id == need_id)
        with self._database.reading() as connection:
            return tuple(parse_attempt(row) for row in connection.execute(query).mappings())


def parse_attempt(row: RowMapping) -> KeptAttempt:
    """Read an attempt from its row."""
    where = f"attempts/{row['id']}"
    attempt = parse_body(Attempt, row["body"], where=where)
    return parse_row(KeptAttempt, {**row, "attempt": attempt}, where=where)


def _summarise(attempt_id: int, attempt: Attempt) -> dict[str, JsonValue]:
    outcome = "accepted" if attempt.is_accepted else "rejected"
    return {
        "attempt": attempt_id,
        "author": attempt.author,
        "number": attempt.number,
        "outcome": "refused" if attempt.refusal else outcome,
        "reason": attempt.failure,
        "candidate": attempt.evidence.candidate_digest if attempt.evidence else None,
        "score": attempt.verdict.score if attempt.verdict else None,
    }
