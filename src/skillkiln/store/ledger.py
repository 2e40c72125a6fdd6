"""The ledger in SQL: append, walk, check.

An entry's hash is the sha256 of the canonical JSON of everything else in it, the hash of the entry
before included; so a changed byte breaks its own entry, and an entry that is taken out, put in or
moved breaks the next. Sequence numbers are given inside the write transaction and have no gaps.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue, ValidationError
from sqlalchemy import Connection, RowMapping, insert, select

from skillkiln.errors import LedgerBrokenError
from skillkiln.skill.digest import sha256_hex
from skillkiln.store.database import Database
from skillkiln.store.rows import GENESIS, LedgerEntry
from skillkiln.store.tables import ledger
from skillkiln.trust.canonical_json import render_canonical_json

_KIND = re.compile(r"[a-z]+(_[a-z]+)*")


def hash_entry(fields: Mapping[str, JsonValue]) -> str:
    """Return the hash of an entry.

    Args:
        fields: `seq`, `previous`, `at`, `kind`, `subject` and `payload`, as they are kept.
    """
    return sha256_hex(render_canonical_json(dict(fields)))


class SqlLedger:
    """The ledger on a database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def append(
        self, kind: str, subject: str, payload: Mapping[str, JsonValue] | None = None
    ) -> LedgerEntry:
        """Enter a decision."""
        if not _KIND.fullmatch(kind):
            raise ValueError(f"kind: expected lowercase words and underscores, got {kind!r}")
        at = self._clock().isoformat()
        with self._database.writing() as connection:
            last = connection.execute(
                select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
            ).first()
            fields: dict[str, Any] = {
                "seq": last.seq + 1 if last else 1,
                "previous": last.hash if last else GENESIS,
                "at": at,
                "kind": kind,
                "subject": subject,
                "payload": dict(payload or {}),
            }
            fields["hash"] = hash_entry(fields)
            row = {**fields, "payload": render_canonical_json(fields["payload"]).decode("ascii")}
            connection.execute(insert(ledger).values(row))
        return LedgerEntry.model_validate(fields)

    def find_head(self) -> str:
        """Return the last entry's hash."""
        with self._database.reading() as connection:
            head = connection.execute(
                select(ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
            ).scalar()
        return head or GENESIS

    def load(
        self, *, kind: str | None = None, subject: str | None = None
    ) -> tuple[LedgerEntry, ...]:
        """Return the entries that fit, oldest first."""
        query = select(ledger).order_by(ledger.c.seq)
        if kind is not None:
            query = query.where(ledger.c.kind == kind)
        if subject is not None:
            query = query.where(ledger.c.subject == subject)
        with self._database.reading() as connection:
            return tuple(_parse_entry(row) for row in connection.execute(query).mappings())

    def check(self, *, heads: Sequence[str] = ()) -> int:
        """Walk the whole chain."""
        with self._database.reading() as connection:
            return _walk(connection, missing=set(heads) - {GENESIS})


def _walk(connection: Connection, *, missing: set[str]) -> int:
    count, previous = 0, GENESIS
    rows = connection.execute(select(ledger).order_by(ledger.c.seq))
    for row in rows.mappings():
        entry = _parse_entry(row)
        count += 1
        if entry.seq != count:
            raise LedgerBrokenError(count, f"of an entry {count}", f"entry {entry.seq}")
        if entry.previous != previous:
            raise LedgerBrokenError(count, f"{previous} before it", entry.previous)
        computed = hash_entry(
            entry.model_dump(mode="json", exclude={"hash", "at"}) | {"at": row["at"]}
        )
        if entry.hash != computed:
            raise LedgerBrokenError(count, computed, entry.hash)
        missing.discard(entry.hash)
        previous = entry.hash
    if missing:
        raise LedgerBrokenError(count + 1, min(missing), "the ledger's end")
    return count


def _parse_entry(row: RowMapping) -> LedgerEntry:
    try:
        return LedgerEntry.model_validate({**row, "payload": json.loads(row["payload"])})
    except (ValidationError, ValueError) as error:
        raise LedgerBrokenError(row["seq"], "of a readable entry", repr(str(error))) from error
