"""Units of work: all or nothing, nested, and each thread its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from skillkiln.errors import StoreBusyError, StoreError, StoreFullError
from skillkiln.store.sql import SqlStore, memory_store, open_store

Clock = Callable[[], datetime]


class Interruption(BaseException):
    """What no `except Exception` catches, like a Ctrl-C."""


def _fail_inside(store: SqlStore, error: BaseException) -> None:
    with store.transaction():
        store.blobs.save(b"one")
        store.ledger.append("published", "inner")
        with store.transaction():
            store.ledger.append("published", "innermost")
        raise error


@pytest.mark.parametrize("error", [ValueError(), Interruption()])
def test_a_transaction_that_fails_keeps_nothing(store: SqlStore, error: BaseException) -> None:
    with pytest.raises(type(error)):
        _fail_inside(store, error)
    assert store.ledger.load() == ()
    store.ledger.append("published", "b")
    assert store.ledger.check() == 1


def test_what_happens_inside_is_seen_inside(store: SqlStore) -> None:
    with store.transaction():
        entry = store.ledger.append("published", "a")
        assert store.ledger.find_head() == entry.hash
        assert store.ledger.check() == 1


@pytest.mark.parametrize("error", [ValueError(), Interruption()])
def test_an_inner_transaction_that_fails_undoes_only_itself(
    store: SqlStore, error: BaseException
) -> None:
    with store.transaction():
        store.ledger.append("published", "outer")
        with pytest.raises(type(error)):
            _fail_inside(store, error)
        store.ledger.append("published", "after")
    assert [entry.subject for entry in store.ledger.load()] == ["outer", "after"]
    assert store.ledger.check() == 2


def _swallow_a_database_error(store: SqlStore, *, goes_on: bool) -> None:
    with store.transaction():
        store.ledger.append("published", "before")
        with pytest.raises(StoreError, match="FOREIGN KEY"):
            store.attestations.save("no such release", b"{}")
        if goes_on:
            store.ledger.append("published", "after")


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_database_error_that_is_swallowed_still_loses_the_transaction(
    store: SqlStore, goes_on: bool
) -> None:
    with pytest.raises(StoreError, match="rolled back as a whole"):
        _swallow_a_database_error(store, goes_on=goes_on)
    assert store.ledger.load() == ()
    store.ledger.append("published", "later")
    assert store.ledger.check() == 1


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_full_database_keeps_nothing_and_works_again(store: SqlStore, is_nested: bool) -> None:
    kept = store.blobs.save(b"kept")
    with store.database.writing() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 4}"))
    with pytest.raises(StoreFullError, match="nothing was changed"):
        _fill_nested(store) if is_nested else _fill(store)
    with store.database.writing() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
    assert store.blobs.load(kept) == b"kept"
    assert store.ledger.load() == ()
    _fill(store)
    assert store.ledger.check() == 1


def _fill_nested(store: SqlStore) -> None:
    with store.transaction():
        store.ledger.append("published", "outer")
        _fill(store)


def _fill(store: SqlStore) -> None:
    with store.transaction():
        store.ledger.append("published", "filling")
        store.blobs.save(b"x" * 100_000)


def test_threads_take_turns(store: SqlStore) -> None:
    def work(worker: int) -> None:
        for number in range(10):
            with store.transaction():
                store.ledger.append("published", f"{worker}", {"n": number})
                store.ledger.append("attested", f"{worker}", {"n": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    entries = store.ledger.load()
    assert store.ledger.check() == 160
    pairs = list(zip(entries[::2], entries[1::2], strict=True))
    assert all(a.subject == b.subject and a.payload == b.payload for a, b in pairs)


def test_a_transaction_belongs_to_its_thread(tmp_path: Path, clock: Clock) -> None:
    store = open_store(tmp_path / "s.db", clock=clock)
    seen: list[int] = []
    with store.transaction():
        store.ledger.append("published", "a")
        reader = threading.Thread(target=lambda: seen.append(len(store.ledger.load())))
        reader.start()
        reader.join()
    assert seen == [0], "another thread reads what was there before, and does not wait"
    assert len(store.ledger.load()) == 1
    store.close()


def test_another_process_waits_only_so_long(tmp_path: Path, clock: Clock) -> None:
    first = open_store(tmp_path / "s.db", clock=clock)
    second = open_store(tmp_path / "s.db", clock=clock, busy_timeout_ms=20)
    with first.transaction():
        first.ledger.append("published", "a")
        assert second.ledger.load() == (), "readers do not wait"
        with pytest.raises(StoreBusyError, match="locked") as refusal:
            second.ledger.append("published", "b")
    assert refusal.value.where == str(tmp_path / "s.db")
    second.ledger.append("published", "b")
    assert first.ledger.check() == 2
    first.close()
    second.close()


def test_a_snapshot_sees_one_moment(tmp_path: Path, clock: Clock) -> None:
    first = open_store(tmp_path / "s.db", clock=clock)
    second = open_store(tmp_path / "s.db", clock=clock)
    with first.snapshot():
        assert first.ledger.check() == 0
        second.ledger.append("published", "b")
        assert first.ledger.check() == len(first.ledger.load()) == 0
    assert first.ledger.check() == 1
    first.close()
    second.close()


def test_a_snapshot_only_reads(store: SqlStore) -> None:
    with store.snapshot():
        with pytest.raises(RuntimeError, match="only reads"):
            store.ledger.append("published", "a")
        with store.snapshot():
            assert store.ledger.load() == ()
    store.ledger.append("published", "a")
    assert store.ledger.check() == 1


def test_a_snapshot_inside_a_transaction_sees_it(store: SqlStore) -> None:
    with store.transaction():
        store.ledger.append("published", "a")
        with store.snapshot():
            assert store.ledger.check() == 1
            store.ledger.append("published", "b")
    assert store.ledger.check() == 2


def test_a_read_sees_one_moment(tmp_path: Path, clock: Clock) -> None:
    first = open_store(tmp_path / "s.db", clock=clock)
    second = open_store(tmp_path / "s.db", clock=clock)
    with first.database.reading() as connection:
        count = text("SELECT count(*) FROM ledger")
        assert connection.execute(count).scalar_one() == 0
        second.ledger.append("published", "b")
        assert connection.execute(count).scalar_one() == 0
    assert len(first.ledger.load()) == 1
    first.close()
    second.close()


def test_stores_in_memory_share_nothing(clock: Clock) -> None:
    first, second = memory_store(clock=clock), memory_store(clock=clock)
    first.ledger.append("published", "a")
    assert second.ledger.load() == ()
    first.close()
    second.close()
