"""What went wrong in the database or the file system, said in our words.

SQLite's primary result code is the low byte of its extended one. A write that the disk refused
comes back as FULL, or, when it was the shared-memory file of the write-ahead log that could not
grow, as one I/O error of its own.

Source: SQLite, "Result and Error Codes".
"""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

from skillkiln.errors import (
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
)

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_UNREACHABLE = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}
)


def build_store_error(error: DBAPIError, *, where: str) -> StoreError:
    """Build the error of our tree that says what the database said.

    Args:
        error: what SQLAlchemy raised.
        where: the store's file.
    """
    cause = error.orig
    extended = getattr(cause, "sqlite_errorcode", None)
    code = extended & 0xFF if isinstance(extended, int) else None
    if code in _BUSY:
        return StoreBusyError(
            f"another process kept the store locked: {cause}",
            where=where,
            hint="try again when it is done",
        )
    if code == sqlite3.SQLITE_FULL or extended == sqlite3.SQLITE_IOERR_SHMSIZE:
        return StoreFullError(
            f"no room to write: {cause}; nothing was changed",
            where=where,
            hint="free disk space and run the command again",
        )
    if code in _CORRUPT:
        return StoreCorruptError(
            f"the file is damaged: {cause}", where=where, hint="restore it from a backup"
        )
    if code in _UNREACHABLE:
        return StoreError(
            f"the file cannot be read or written: {cause}",
            where=where,
            hint="check that its folder exists and belongs to you",
        )
    return StoreError(f"the database refused: {cause}", where=where)


def build_file_error(error: OSError, *, where: str) -> StoreError:
    """Build the error of our tree that says why a file could not be written.

    Args:
        error: what the file system said.
        where: the file or folder.
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StoreFullError(
            f"no room to write: {error.strerror}; nothing was changed",
            where=where,
            hint="free disk space and run the command again",
        )
    return StoreError(
        f"it cannot be written: {error.strerror}",
        where=where,
        hint="check that its folder exists and belongs to you",
    )
