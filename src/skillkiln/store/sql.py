"""The store on SQLAlchemy: a SQLite file, or memory for tests and trials. Same code, same tables.

    store = open_store(workspace / "store.db", clock=clock)
    store = memory_store(clock=clock)

Opening brings the tables up to date (`store.migrate`). The file is made readable to its owner only:
it holds what recordings hold.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from skillkiln.store.blobs import SqlAttestations, SqlBlobs
from skillkiln.store.database import Database, build_engine
from skillkiln.store.failures import build_file_error
from skillkiln.store.forget import forget_rows
from skillkiln.store.invocations import SqlInvocations
from skillkiln.store.keys import SqlKeys
from skillkiln.store.ledger import SqlLedger
from skillkiln.store.migrate import migrate
from skillkiln.store.needs import SqlAttempts, SqlNeeds
from skillkiln.store.noticed import SESSION_FORGOTTEN, SqlGaps, SqlSessions, load_forgotten
from skillkiln.store.releases import SqlReleases
from skillkiln.store.rows import Forgotten

DEFAULT_BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another process's transaction."""


class SqlStore:
    """All shelves on one database; see `store.interface` for what each promises.

    Attributes:
        database: what they lie on, for whoever has to look below the shelves.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self.database = database
        self._clock = clock
        self.sessions = SqlSessions(database)
        self.gaps = SqlGaps(database, clock)
        self.needs = SqlNeeds(database, clock)
        self.ledger = SqlLedger(database, clock)
        self.attempts = SqlAttempts(database, clock, self.ledger)
        self.releases = SqlReleases(database, clock)
        self.blobs = SqlBlobs(database)
        self.attestations = SqlAttestations(database, clock)
        self.invocations = SqlInvocations(database)
        self.keys = SqlKeys(database)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Open a unit of work: everything inside is kept, or nothing."""
        with self.database.writing():
            yield

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Read everything inside as of one moment."""
        with self.database.reading():
            yield

    def forget_session(self, session_id: str) -> Forgotten:
        """Remove everything that came from a session."""
        with self.database.writing() as connection:
            forgotten = forget_rows(connection, session_id, at=self._clock())
            if session_id not in load_forgotten(connection):
                self.ledger.append(SESSION_FORGOTTEN, session_id)
        self.database.empty_log()
        return forgotten

    def close(self) -> None:
        """Let go of the store's files."""
        self.database.close()


def open_store(
    path: Path,
    *,
    clock: Callable[[], datetime],
    busy_timeout_ms: int = DEFAULT_BUSY_TIMEOUT_MS,
) -> SqlStore:
    """Open the store in a file, making it where there is none.

    Args:
        path: the file; its folder exists.
        clock: gives the present moment in UTC.
        busy_timeout_ms: how long to wait for another process's transaction, 0 or more.

    Raises:
        StoreTooNewError: a newer version of Skillkiln wrote it.
        StoreCorruptError: it is no store, or is damaged.
        StoreBusyError: another process kept it locked.
        StoreFullError: the disk is full.
        StoreError: it cannot be read or written.
    """
    _make_private_file(path)
    database = Database(
        build_engine(path, busy_timeout_ms=busy_timeout_ms), where=str(path), is_single=False
    )
    try:
        database.set_up_file(wait_ms=busy_timeout_ms)
        migrate(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database, clock=clock)


def memory_store(*, clock: Callable[[], datetime]) -> SqlStore:
    """Open an empty store in memory; it is gone when it is closed."""
    engine = build_engine(None, busy_timeout_ms=0)
    database = Database(engine, where="memory", is_single=True)
    migrate(database)
    return SqlStore(database, clock=clock)


def _make_private_file(path: Path) -> None:
    # A file that is there is left alone: closing any descriptor of it would drop the locks that
    # SQLite holds on it elsewhere in this process.
    if path.exists():
        return
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return  # another process was faster
    except OSError as error:
        raise build_file_error(error, where=str(path)) from error
