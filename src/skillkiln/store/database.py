"""One database and its units of work. Knows connections and transactions, and no table.

A write takes the database's write lock as it begins (`BEGIN IMMEDIATE`), so two writers queue
instead of failing half-way; within one process they queue on a lock of our own, which is fairer. A
read sees one snapshot. Within a thread everything joins the transaction that is open there.

An inner transaction is a savepoint. When the database itself fails inside one, SQLite may already
have rolled back more than that savepoint; so the whole transaction is marked as lost, refuses
further work, and is rolled back at its end even if the error was swallowed on the way.
"""

import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from skillkiln.errors import StoreBusyError, StoreError
from skillkiln.store.failures import build_store_error

RETRY_MS = 5
_IS_WRITE = "skillkiln_is_write"


@dataclass(slots=True)
class _Unit:
    """The transaction or snapshot that is open in a thread."""

    connection: Connection
    is_write: bool
    is_lost: bool = False


class Database:
    """A database that units of work are done on.

    Args:
        engine: where; see `build_engine`.
        where: the file's name for messages.
        is_single: whether all threads share one connection and must take turns.
    """

    def __init__(self, engine: Engine, *, where: str, is_single: bool) -> None:
        self._engine = engine
        self._where = where
        self._write_lock = threading.RLock()
        self._read_lock = self._write_lock if is_single else nullcontext()
        self._open = threading.local()

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Open a transaction that may write, or a savepoint in the one that is open here.

        Raises:
            StoreError: the database failed; nothing of the transaction is kept.
        """
        unit = self._find_unit()
        if unit is None:
            with self._write_lock, self._begin(is_write=True) as unit:
                yield unit.connection
                self._check_not_lost(unit)
        elif unit.is_write:
            with self._translating(), _savepoint(unit):
                yield unit.connection
        else:
            raise RuntimeError("a snapshot only reads: write after it")

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Read from one snapshot, or within the transaction or snapshot that is open here.

        Raises:
            StoreError: the database failed.
        """
        unit = self._find_unit()
        if unit is None:
            with self._read_lock, self._begin(is_write=False) as unit:
                yield unit.connection
        else:
            with self._translating():
                yield unit.connection

    def set_up_file(self, *, wait_ms: int) -> None:
        """Make a file keep a write-ahead log, so that readers and the writer do not wait.

        Args:
            wait_ms: how long to try while other processes are at it, 0 or more.

        Raises:
            StoreBusyError: they were at it for longer.
        """
        # SQLite itself does not wait for this one lock, however long its busy timeout.
        gives_up_at = time.monotonic() + wait_ms / 1000
        while True:
            try:
                return self._run_outside_transaction("PRAGMA journal_mode = WAL")
            except StoreBusyError:
                if time.monotonic() >= gives_up_at:
                    raise
                time.sleep(RETRY_MS / 1000)

    def empty_log(self) -> None:
        """Copy the write-ahead log into the file and empty it, as far as readers let go.

        Inside a transaction it does nothing: the log cannot be emptied while it is written.
        """
        if self._find_unit() is not None:
            return
        self._run_outside_transaction("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _run_outside_transaction(self, statement: str) -> None:
        with self._translating(), self._engine.connect() as connection:
            # The driver's own cursor: through SQLAlchemy a transaction would begin first.
            cursor = connection.connection.cursor()
            try:
                cursor.execute(statement)
            except sqlite3.Error as error:
                raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error
            finally:
                cursor.close()

    @contextmanager
    def _begin(self, *, is_write: bool) -> Generator[_Unit]:
        with (
            self._translating(),
            self._engine.connect() as connection,
            connection.execution_options(**{_IS_WRITE: is_write}).begin(),
        ):
            unit = self._open.unit = _Unit(connection, is_write=is_write)
            try:
                yield unit
            finally:
                self._open.unit = None

    @contextmanager
    def _translating(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            raise build_store_error(error, where=self._where) from error

    def _find_unit(self) -> _Unit | None:
        unit: _Unit | None = getattr(self._open, "unit", None)
        if unit is not None:
            self._check_not_lost(unit)
        return unit

    def _check_not_lost(self, unit: _Unit) -> None:
        if unit.is_lost:
            raise StoreError(
                "this transaction failed before and is rolled back as a whole", where=self._where
            )


@contextmanager
def _savepoint(unit: _Unit) -> Generator[None]:
    # SQLite and PostgreSQL let savepoints of one name nest; the innermost answers.
    unit.connection.exec_driver_sql("SAVEPOINT unit")
    try:
        yield
        unit.connection.exec_driver_sql("RELEASE SAVEPOINT unit")
    except (DBAPIError, StoreError):
        unit.is_lost = True
        raise
    except BaseException:
        unit.is_lost = True  # unless it can be rolled back this far
        unit.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
        unit.connection.exec_driver_sql("RELEASE SAVEPOINT unit")
        unit.is_lost = False
        raise


def _decode_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def build_engine(path: Path | None, *, busy_timeout_ms: int) -> Engine:
    """Build the SQLAlchemy engine for a SQLite file, or for memory where the path is None.

    Its errors show no parameters: these hold what recordings hold.
    """
    if path is None:
        # One connection for all threads, which `Database` lets take turns.
        alone = {"check_same_thread": False}
        engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args=alone, hide_parameters=True
        )
    else:
        # No upper bound: a thread that waits for the write lock must not keep readers from one.
        engine = create_engine(f"sqlite:///{path}", max_overflow=-1, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:  # pyright: ignore[reportUnusedFunction] - the event calls it
        # We say BEGIN ourselves; left to itself the driver would begin late, without the lock.
        connection.isolation_level = None
        # A text that is not UTF-8 any more is for the row's reader to name, not for the driver.
        connection.text_factory = _decode_text
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")
        # What is forgotten must not linger in freed pages.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] - the event calls it
        is_write = connection.get_execution_options().get(_IS_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    return engine
