"""The ledger only grows, and every change to it is named."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from skillkiln.errors import LedgerBrokenError, StoreError
from skillkiln.store.ledger import hash_entry
from skillkiln.store.rows import GENESIS
from skillkiln.store.sql import SqlStore

GUARDS = ("ledger_refuses_update", "ledger_refuses_delete", "ledger_continues")


@pytest.fixture
def five(store: SqlStore) -> SqlStore:
    """A store with five entries."""
    for number in range(5):
        store.ledger.append("status_changed", f"s{number % 2}", {"n": number, "why": "caf\u00e9"})
    return store


def _change(store: SqlStore, *statements: str, **values: Any) -> None:
    """Change the store as somebody with a SQLite shell would, guards taken off first."""
    with store.database.writing() as connection:
        for guard in GUARDS:
            connection.execute(text(f"DROP TRIGGER {guard}"))
        for statement in statements:
            connection.execute(text(statement), values)


def test_a_new_ledger_holds(store: SqlStore) -> None:
    assert store.ledger.check() == 0
    assert store.ledger.find_head() == GENESIS
    assert store.ledger.load() == ()


def test_entries_are_chained(five: SqlStore) -> None:
    entries = five.ledger.load()
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [e.previous for e in entries] == [GENESIS, *(e.hash for e in entries[:-1])]
    assert five.ledger.find_head() == entries[-1].hash
    assert five.ledger.check() == 5


def test_entries_are_chosen_by_kind_and_subject(five: SqlStore) -> None:
    five.ledger.append("published", "s0")
    assert [entry.seq for entry in five.ledger.load(subject="s0")] == [1, 3, 5, 6]
    assert [entry.seq for entry in five.ledger.load(kind="published")] == [6]
    assert five.ledger.load(kind="published", subject="s1") == ()


def test_anybody_can_compute_a_hash_again(five: SqlStore) -> None:
    entry = five.ledger.load()[2]
    fields = json.loads(entry.model_dump_json(exclude={"hash"}))
    with five.database.writing() as connection:
        fields["at"] = connection.execute(text("SELECT at FROM ledger WHERE seq = 3")).scalar()
    assert hash_entry(fields) == entry.hash


@pytest.mark.parametrize("kind", ["", "Published", "a b", "a_", "a__b", "1"])
def test_kinds_are_plain_words(store: SqlStore, kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        store.ledger.append(kind, "s")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET payload = '{}' WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 5",
        "DELETE FROM ledger",
        "INSERT INTO ledger SELECT 9, previous, at, kind, subject, payload, 'x' FROM ledger "
        "WHERE seq = 5",
        "INSERT INTO ledger SELECT 6, previous, at, kind, subject, payload, 'x' FROM ledger "
        "WHERE seq = 5",
        "INSERT OR REPLACE INTO ledger SELECT 5, previous, at, kind, 'forged', payload, hash "
        "FROM ledger WHERE seq = 5",
    ],
)
def test_the_database_itself_refuses(five: SqlStore, statement: str) -> None:
    with pytest.raises(StoreError, match="ledger"), five.database.writing() as connection:
        connection.execute(text(statement))
    assert five.ledger.check() == 5


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-03-01T13:00:00+00:00"),
        ("at", "yesterday"),
        ("kind", "published"),
        ("subject", "somebody else"),
        ("payload", '{"n":9,"why":"caf\\u00e9"}'),
        ("payload", b"\xff\xfe"),
        ("hash", "f" * 64),
        ("hash", "short"),
        ("previous", "f" * 64),
    ],
)
@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_changed_column_is_named(
    five: SqlStore, column: str, value: str | bytes, seq: int
) -> None:
    _change(
        five, f"UPDATE ledger SET {column} = CAST(:value AS TEXT) WHERE seq = {seq}", value=value
    )
    with pytest.raises(LedgerBrokenError) as broken:
        five.ledger.check()
    assert broken.value.seq == seq


@pytest.mark.parametrize("seq", [1, 3, 4])
def test_an_entry_taken_out_is_named(five: SqlStore, seq: int) -> None:
    _change(five, f"DELETE FROM ledger WHERE seq = {seq}")
    with pytest.raises(LedgerBrokenError) as broken:
        five.ledger.check()
    assert broken.value.seq == seq


def test_an_entry_taken_out_and_closed_up_is_named(five: SqlStore) -> None:
    _change(
        five, "DELETE FROM ledger WHERE seq = 3", "UPDATE ledger SET seq = seq - 1 WHERE seq > 3"
    )
    with pytest.raises(LedgerBrokenError) as broken:
        five.ledger.check()
    assert broken.value.seq == 3


def test_swapped_entries_are_named(five: SqlStore) -> None:
    _change(
        five,
        "UPDATE ledger SET seq = 99 WHERE seq = 2",
        "UPDATE ledger SET seq = 2 WHERE seq = 3",
        "UPDATE ledger SET seq = 3 WHERE seq = 99",
    )
    with pytest.raises(LedgerBrokenError) as broken:
        five.ledger.check()
    assert broken.value.seq == 2


def test_a_tail_cut_off_is_named_by_who_knows_its_head(five: SqlStore) -> None:
    head = five.ledger.find_head()
    earlier = five.ledger.load()[1].hash
    assert five.ledger.check(heads=[head, earlier, GENESIS]) == 5
    _change(five, "DELETE FROM ledger WHERE seq > 3")
    assert five.ledger.check() == 3, "the chain alone cannot tell"
    with pytest.raises(LedgerBrokenError, match=head) as broken:
        five.ledger.check(heads=[head, earlier])
    assert broken.value.seq == 4


@pytest.mark.parametrize("payload", ["", "not json", "[]", "{", '{"n": NaN'])
def test_an_unreadable_payload_is_named(five: SqlStore, payload: str) -> None:
    _change(five, "UPDATE ledger SET payload = :payload WHERE seq = 4", payload=payload)
    with pytest.raises(LedgerBrokenError) as broken:
        five.ledger.check()
    assert broken.value.seq == 4


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, 5), place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_flipped_byte_of_a_payload_is_named(
    five: SqlStore, seq: int, place: float, flip: int
) -> None:
    with five.database.writing() as connection:
        for guard in GUARDS:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {guard}"))
        select = text("SELECT payload FROM ledger WHERE seq = :seq")
        payload: str = connection.execute(select, {"seq": seq}).scalar_one()
        changed = bytearray(payload.encode())
        changed[int(place * len(changed))] ^= flip
        update = text("UPDATE ledger SET payload = CAST(:payload AS TEXT) WHERE seq = :seq")
        connection.execute(update, {"payload": bytes(changed), "seq": seq})
    with pytest.raises(LedgerBrokenError) as broken:
        five.ledger.check()
    assert broken.value.seq == seq
    with five.database.writing() as connection:
        connection.execute(update, {"payload": payload, "seq": seq})
    assert five.ledger.check() == 5
