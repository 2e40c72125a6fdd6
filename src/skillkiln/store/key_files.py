"""Private keys on disk: one file for each, in a folder that is nobody else's.

Rules: the folder is 0700 and each file 0600, both owned by the user that runs; anything looser is
refused, not repaired, because who could read a key may have. No link is followed. A private key is
never printed and never enters the store: that holds the public halves, whose changes stand in the
ledger. A file is written before its public half is announced and removed after it left service, so
that a crash in between leaves a spare file and never a key without one.
"""

import os
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from skillkiln.errors import KeyUnusableError
from skillkiln.store.failures import build_file_error
from skillkiln.store.interface import Store
from skillkiln.trust.keyring import Keyring, KnownKey, revoke_key, rotate_key
from skillkiln.trust.keys import SigningKey, generate_key, parse_signing_key

MAX_KEY_FILE_BYTES = 4096
_FILE_NAME_DIGITS = 16


def create_key(folder: Path, store: Store, *, clock: Callable[[], datetime]) -> SigningKey:
    """Make the workspace's signing key.

    Args:
        folder: where private keys lie; made if it is not there.
        store: keeps the public half.
        clock: gives the present moment in UTC.

    Raises:
        KeyUnusableError: there is an active key already, or the folder is not private.
    """
    return _install_key(folder, store, clock, may_replace=False)


def rotate(folder: Path, store: Store, *, clock: Callable[[], datetime]) -> SigningKey:
    """Make a new signing key; the one before may only vouch for what it signed until now.

    Raises:
        KeyUnusableError: the folder is not private.
    """
    return _install_key(folder, store, clock, may_replace=True)


def _install_key(
    folder: Path, store: Store, clock: Callable[[], datetime], *, may_replace: bool
) -> SigningKey:
    _make_private_folder(folder)
    successor = generate_key()
    path = find_key_file(folder, successor.key_id)
    _write_private(path, successor.render_private_key())
    try:
        replaced = _announce(store, successor, at=clock(), may_replace=may_replace)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if replaced is not None:
        find_key_file(folder, replaced.key_id).unlink(missing_ok=True)
    return successor


def _announce(
    store: Store, successor: SigningKey, *, at: datetime, may_replace: bool
) -> KnownKey | None:
    with store.transaction():
        keyring = store.keys.load()
        active = keyring.active
        if active is not None and not may_replace:
            raise KeyUnusableError(
                f"the workspace signs with key {active.key_id} already", hint="rotate it instead"
            )
        store.keys.save(rotate_key(keyring, successor.public, at=at))
        store.ledger.append("key_added", successor.key_id)
        if active is not None:
            store.ledger.append("key_retired", active.key_id)
    return active


def revoke(
    folder: Path, store: Store, key_id: str, reason: str, *, clock: Callable[[], datetime]
) -> Keyring:
    """Declare that nothing a key ever signed counts, and remove its private file.

    What only this key signed is quarantined when it is next loaded. Where it was the active key,
    the workspace cannot sign until a new one is made.

    Raises:
        UnknownNameError: no such key.
        KeyUnusableError: it is revoked already.
    """
    with store.transaction():
        keyring = revoke_key(store.keys.load(), key_id, at=clock(), reason=reason)
        store.keys.save(keyring)
        store.ledger.append("key_revoked", key_id, {"reason": reason})
    find_key_file(folder, key_id).unlink(missing_ok=True)
    return keyring


def load_signer(folder: Path, store: Store) -> SigningKey:
    """Return the private half of the active key.

    Raises:
        KeyUnusableError: there is no active key, its file is missing, others may read it, or it is
            not that key.
    """
    active = store.keys.load().active
    if active is None:
        raise KeyUnusableError(
            "the workspace has no active signing key", hint="make one with `skillkiln init`"
        )
    _check_folder(folder)
    path = find_key_file(folder, active.key_id)
    key = parse_signing_key(_read_private(path), where=str(path))
    if key.key_id != active.key_id:
        raise KeyUnusableError(
            f"expected key {active.key_id}, the file holds {key.key_id}", where=str(path)
        )
    return key


def find_key_file(folder: Path, key_id: str) -> Path:
    """Return where the private half of a key lies, if it is kept here."""
    return folder / f"{key_id[:_FILE_NAME_DIGITS]}.pem"


def _make_private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyUnusableError(
            f"the folder for keys cannot be made: {error.strerror}", where=str(folder)
        ) from error
    _check_folder(folder)


def _check_folder(folder: Path) -> None:
    try:
        found = folder.lstat()
    except OSError as error:
        raise KeyUnusableError(
            f"the folder for keys cannot be read: {error.strerror}", where=str(folder)
        ) from error
    if not stat.S_ISDIR(found.st_mode):
        raise KeyUnusableError("expected a folder, not a link or file", where=str(folder))
    _check_private(found, folder, expected=0o700)


def _check_private(found: os.stat_result, path: Path, *, expected: int) -> None:
    if found.st_uid != os.geteuid():
        raise KeyUnusableError("it belongs to another user", where=str(path))
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise KeyUnusableError(
            f"others may read it: expected mode {expected:04o}, got {mode:04o}",
            where=str(path),
            hint=f"if nobody did, `chmod {expected:o} {path}`; else rotate the key",
        )


def _write_private(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise build_file_error(error, where=str(path)) from error


def _read_private(path: Path) -> bytes:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise KeyUnusableError(
            f"the private key cannot be read: {error.strerror}",
            where=str(path),
            hint="restore the file, or rotate the key",
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise KeyUnusableError("expected a plain file", where=str(path))
        _check_private(found, path, expected=0o600)
        return file.read(MAX_KEY_FILE_BYTES)
