"""What SQLite and the file system say, in our words."""

import errno
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from skillkiln.errors import StoreBusyError, StoreCorruptError, StoreError, StoreFullError
from skillkiln.store.failures import build_file_error, build_store_error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, StoreBusyError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusyError),
        (sqlite3.SQLITE_LOCKED, StoreBusyError),
        (sqlite3.SQLITE_FULL, StoreFullError),
        (sqlite3.SQLITE_IOERR_SHMSIZE, StoreFullError),
        (sqlite3.SQLITE_CORRUPT, StoreCorruptError),
        (sqlite3.SQLITE_CORRUPT_VTAB, StoreCorruptError),
        (sqlite3.SQLITE_NOTADB, StoreCorruptError),
        (sqlite3.SQLITE_IOERR_WRITE, StoreError),
        (sqlite3.SQLITE_CANTOPEN, StoreError),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreError),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, StoreError),
        (None, StoreError),
    ],
)
def test_codes(code: int | None, expected: type[StoreError]) -> None:
    cause = sqlite3.OperationalError("said SQLite")
    if code is not None:
        cause.sqlite_errorcode = code
    error = build_store_error(OperationalError("SELECT", None, cause), where="s.db")
    assert type(error) is expected
    assert "said SQLite" in error.message
    assert error.where == "s.db"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, StoreFullError),
        (errno.EDQUOT, StoreFullError),
        (errno.EFBIG, StoreFullError),
        (errno.EACCES, StoreError),
        (errno.EROFS, StoreError),
    ],
)
def test_file_errors(number: int, expected: type[StoreError]) -> None:
    error = build_file_error(OSError(number, "said the kernel"), where="keys")
    assert type(error) is expected
    assert "said the kernel" in error.message
