"""Opening a store: new, old, newer, damaged, unreachable."""

import os
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic import ValidationError
from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateTable

from skillkiln.errors import StoreCorruptError, StoreError, StoreTooNewError
from skillkiln.skill.status import Status
from skillkiln.store.rows import ScannedSession
from skillkiln.store.sql import SqlStore, memory_store, open_store
from skillkiln.store.tables import (
    attempts,
    attestations,
    keys,
    metadata,
    releases,
    sessions,
    status_changes,
)
from skillkiln.trust.keyring import Keyring, rotate_key
from skillkiln.trust.keys import generate_key

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make

Clock = Callable[[], datetime]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_migrations_lead_to_the_tables(store: SqlStore) -> None:
    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_the_tables_can_be_made_in_postgresql(table: Table) -> None:
    ddl = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert f"CREATE TABLE {table.name}" in ddl


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in metadata.tables


def test_what_was_kept_is_there_after_opening_again(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.db"
    first = open_store(path, clock=clock)
    entry = first.ledger.append("published", "a")
    first.close()
    second = open_store(path, clock=clock)
    assert second.ledger.load() == (entry,)
    second.close()


def test_only_the_owner_may_read_it(tmp_path: Path, clock: Clock) -> None:
    before = os.umask(0)
    try:
        store = open_store(tmp_path / "s.db", clock=clock)
        store.ledger.append("published", "a")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert set(modes) == {"s.db", "s.db-wal", "s.db-shm"}
    assert set(modes.values()) == {0o600}


def test_a_store_of_a_newer_version_is_refused_as_it_is(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.db"
    open_store(path, clock=clock).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNewError, match="'9999'") as refusal:
        open_store(path, clock=clock)
    assert refusal.value.hint is not None
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough" * 40, b"SQLite format 3\0" * 9]
)
def test_what_is_no_database_is_refused_as_it_is(
    tmp_path: Path, clock: Clock, content: bytes
) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError) as refusal:
        open_store(path, clock=clock)
    assert refusal.value.where == str(path)
    assert path.read_bytes() == content


def test_a_damaged_page_is_named_as_damage(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.db"
    store = open_store(path, clock=clock)
    for number in range(200):
        store.ledger.append("published", f"s{number}")
    store.close()
    content = bytearray(path.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 64] = b"\xaa" * 64
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError):
        open_store(path, clock=clock).ledger.load()


@pytest.mark.parametrize("place", ["missing/s.db", ".", "file/s.db"])
def test_a_place_that_holds_no_file_is_named(tmp_path: Path, clock: Clock, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as refusal:
        open_store(tmp_path / place, clock=clock)
    assert refusal.value.where == str(tmp_path / place)


def test_a_row_that_does_not_read_back_is_damage(store: SqlStore) -> None:
    with store.database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO gaps (id, worth_tokens, body, saved_at) "
                "VALUES ('g', 1, '{\"id\": 7}', '2026-03-01 12:00:00')"
            )
        )
    with pytest.raises(StoreCorruptError, match="does not read back as Gap") as refusal:
        store.gaps.load_ranked()
    assert refusal.value.where == "gaps/g"
    assert isinstance(refusal.value.__cause__, ValidationError)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (table.name, column.name)
        for table in (releases, status_changes, attestations, keys, sessions, attempts)
        for column in table.columns
        if column.name not in {"id", "ordinal", "public_hex", "need_id", "is_redacted"}
        and not column.foreign_keys
        and not (table is releases and column.name in {"digest", "contract"})
    ],
)
def test_every_damaged_column_is_damage(
    store: SqlStore, make: "Make", table: str, column: str
) -> None:
    store.releases.save(make.release("a" * 64))
    store.releases.save_status("a" * 64, Status.LIVE, "why")
    store.attestations.save("a" * 64, b"{}")
    store.attempts.save(make.attempt("n1"))
    store.sessions.save([ScannedSession(session_id="s", path="p", sha256="1" * 64)])
    store.keys.save(rotate_key(Keyring(), generate_key().public, at=NOON))
    with store.database.writing() as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = CAST(x'ff2031' AS TEXT)"))
    with pytest.raises(StoreCorruptError, match="does not read back as") as damage:
        _read_everything(store)
    assert damage.value.where is not None
    assert table in damage.value.where


def _read_everything(store: SqlStore) -> None:
    store.releases.load_all()
    store.releases.load_history("parse-log")
    store.attestations.load("a" * 64)
    store.attempts.load()
    store.sessions.load_all()
    store.keys.load()


def test_two_active_keys_are_damage(store: SqlStore) -> None:
    store.keys.save(rotate_key(Keyring(), generate_key().public, at=NOON))
    other = rotate_key(Keyring(), generate_key().public, at=NOON).keys[0]
    with store.database.writing() as connection:
        row = {"h": other.public_hex, "b": other.model_dump_json()}
        connection.execute(text("INSERT INTO keys VALUES (:h, 1, :b)"), row)
    with pytest.raises(StoreCorruptError, match="more than one key is active"):
        store.keys.load()


def test_moments_are_kept_in_utc(clock: Clock) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    store = memory_store(clock=lambda: datetime(2026, 3, 1, 12, 30, tzinfo=east))
    entry = store.ledger.append("published", "a")
    assert entry.at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert store.ledger.check() == 1
    store.close()


def test_a_clock_without_a_zone_is_refused(make: "Make", clock: Clock) -> None:
    store = memory_store(clock=lambda: clock().replace(tzinfo=None))
    with pytest.raises(StatementError, match="time zone"):
        store.gaps.save([make.gap("g", make.signal("1", "a"))])
    assert store.gaps.load_ranked() == ()
    store.close()
