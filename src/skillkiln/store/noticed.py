"""Scanned sessions and gaps in SQL."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from skillkiln.errors import InvalidInputError
from skillkiln.records.signals import Gap, Signal
from skillkiln.store.bodies import parse_body, parse_row, render_body
from skillkiln.store.database import Database
from skillkiln.store.rows import ScannedSession
from skillkiln.store.tables import gaps, ledger, sessions, signals

SESSION_FORGOTTEN = "session_forgotten"
"""The kind of ledger entry that keeps a session forgotten."""


class SqlSessions:
    """Scanned sessions on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, sessions_read: Iterable[ScannedSession]) -> None:
        """Keep recordings."""
        with self._database.writing() as connection:
            forgotten = load_forgotten(connection)
            for session in sessions_read:
                if session.session_id in forgotten:
                    continue
                connection.execute(
                    delete(sessions).where(
                        sessions.c.session_id == session.session_id,
                        sessions.c.path == session.path,
                    )
                )
                connection.execute(insert(sessions).values(session.model_dump(mode="json")))

    def load_all(self) -> tuple[ScannedSession, ...]:
        """Return all, sorted by path."""
        with self._database.reading() as connection:
            rows = connection.execute(select(sessions).order_by(sessions.c.path))
            return tuple(
                parse_row(ScannedSession, row, where="sessions") for row in rows.mappings()
            )

    def load_forgotten(self) -> frozenset[str]:
        """Return the ids of forgotten sessions."""
        with self._database.reading() as connection:
            return load_forgotten(connection)


def load_forgotten(connection: Connection) -> frozenset[str]:
    """Return the ids of forgotten sessions, as the ledger names them."""
    query = select(ledger.c.subject).where(ledger.c.kind == SESSION_FORGOTTEN)
    return frozenset(connection.execute(query).scalars())


class SqlGaps:
    """Gaps and signals on a database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def save(self, found: Iterable[Gap]) -> None:
        """Keep gaps, merged with what is known of them."""
        at = self._clock()
        with self._database.writing() as connection:
            forgotten = load_forgotten(connection)
            for gap in found:
                remembered = without_sessions(gap, forgotten)
                if remembered is not None:
                    known = find_gap(connection, gap.id)
                    replace_gap(connection, merge_gaps(known, remembered), at=at)

    def load_ranked(self) -> tuple[Gap, ...]:
        """Return all, the worthiest first."""
        ranked = select(gaps.c.id, gaps.c.body).order_by(gaps.c.worth_tokens.desc(), gaps.c.id)
        seen = select(signals.c.gap_id, signals.c.body).order_by(signals.c.ordinal)
        with self._database.reading() as connection:
            bodies = connection.execute(ranked).all()
            signals_of = defaultdict[str, list[str]](list)
            for gap_id, body in connection.execute(seen):
                signals_of[gap_id].append(body)
        return tuple(_parse_gap(gap_id, body, signals_of[gap_id]) for gap_id, body in bodies)

    def find(self, id_or_prefix: str) -> Gap | None:
        """Return the gap of that id, or the only one whose id begins so."""
        beginning = gaps.c.id.startswith(id_or_prefix, autoescape=True)
        with self._database.reading() as connection:
            if exact := find_gap(connection, id_or_prefix):
                return exact
            found = connection.execute(select(gaps.c.id).where(beginning).order_by(gaps.c.id))
            ids = found.scalars().all() if id_or_prefix else ()
            if len(ids) > 1:
                raise InvalidInputError(
                    f"{id_or_prefix!r} is the beginning of {len(ids)} gaps: "
                    f"{', '.join(ids[:5])}{', ...' if len(ids) > 5 else ''}",
                    hint="give more of the id",
                )
            return find_gap(connection, ids[0]) if ids else None


def without_sessions(gap: Gap, session_ids: frozenset[str]) -> Gap | None:
    """Return the gap as the other sessions show it; None when they show nothing.

    The title becomes the first remaining summary, as the old one may quote what was forgotten; the
    worth shrinks with the number of signals.
    """
    left = tuple(s for s in gap.signals if s.pointer.session_id not in session_ids)
    if len(left) == len(gap.signals):
        return gap
    if not left:
        return None
    share = len(left) / len(gap.signals)
    worth = gap.worth.model_copy(
        update={
            "tokens": gap.worth.tokens * share,
            "arithmetic": f"{len(left)} of {len(gap.signals)} signals are left of "
            f"{gap.worth.tokens:.0f}: {gap.worth.tokens * share:.0f}",
            "terms": (),
        }
    )
    return gap.model_copy(
        update={
            "title": left[0].summary,
            "signals": left,
            "sessions": _count_sessions(left),
            "days": min(gap.days, _count_days(left)),
            "worth": worth,
        }
    )


def merge_gaps(known: Gap | None, found: Gap) -> Gap:
    """Return the newly found gap, with the signals of sessions that it does not speak of.

    Its worth is then at least the larger of both, and is taken to be that.
    """
    spoken_of = {signal.pointer.session_id for signal in found.signals}
    kept = tuple(
        signal
        for signal in (known.signals if known else ())
        if signal.pointer.session_id not in spoken_of
    )
    if known is None or not kept:
        return found
    together = (*kept, *found.signals)
    return found.model_copy(
        update={
            "signals": together,
            "sessions": _count_sessions(kept) + found.sessions,
            "days": max(found.days, _count_days(together)),
            "worth": max(known.worth, found.worth, key=lambda worth: worth.tokens),
        }
    )


def _count_sessions(seen: Sequence[Signal]) -> int:
    return len({signal.pointer.session_id for signal in seen})


def _count_days(seen: Sequence[Signal]) -> int:
    return len({signal.pointer.day for signal in seen if signal.pointer.day})


def replace_gap(connection: Connection, gap: Gap, *, at: datetime) -> None:
    """Write a gap and its signals in place of the gap of the same id."""
    connection.execute(delete(gaps).where(gaps.c.id == gap.id))
    connection.execute(
        insert(gaps).values(
            id=gap.id,
            worth_tokens=gap.worth.tokens,
            body=render_body(gap.model_copy(update={"signals": ()})),
            saved_at=at,
        )
    )
    rows = [
        {
            "gap_id": gap.id,
            "id": signal.id,
            "session_id": signal.pointer.session_id,
            "ordinal": ordinal,
            "body": render_body(signal),
        }
        for ordinal, signal in enumerate({signal.id: signal for signal in gap.signals}.values())
    ]
    if rows:
        connection.execute(insert(signals), rows)


def find_gap(connection: Connection, gap_id: str) -> Gap | None:
    """Return the gap of exactly that id with its signals, if it is there."""
    body = connection.execute(select(gaps.c.body).where(gaps.c.id == gap_id)).scalar()
    if body is None:
        return None
    seen = connection.execute(
        select(signals.c.body).where(signals.c.gap_id == gap_id).order_by(signals.c.ordinal)
    )
    return _parse_gap(gap_id, body, seen.scalars())


def _parse_gap(gap_id: str, body: str, signal_bodies: Iterable[str]) -> Gap:
    where = f"gaps/{gap_id}"
    seen = tuple(parse_body(Signal, text, where=where) for text in signal_bodies)
    return parse_body(Gap, body, where=where).model_copy(update={"signals": seen})
