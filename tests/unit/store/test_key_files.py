"""Private keys on disk: made private, refused when they are not, and never left behind."""

import os
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from skillkiln.errors import KeyUnusableError, StoreFullError, UnknownNameError
from skillkiln.store.key_files import create_key, find_key_file, load_signer, revoke, rotate
from skillkiln.store.sql import SqlStore
from skillkiln.trust.keyring import KeyStatus
from skillkiln.trust.keys import generate_key

Clock = Callable[[], datetime]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_a_new_key_is_private_whatever_the_umask(
    folder: Path, store: SqlStore, clock: Clock, umask: int
) -> None:
    before = os.umask(umask)
    try:
        key = create_key(folder, store, clock=clock)
    finally:
        os.umask(before)
    assert _mode(folder) == 0o700
    assert _mode(find_key_file(folder, key.key_id)) == 0o600


def test_the_key_that_was_made_signs(folder: Path, store: SqlStore, clock: Clock) -> None:
    made = create_key(folder, store, clock=clock)
    assert load_signer(folder, store).public == made.public
    active = store.keys.load().active
    assert active is not None
    assert active.key_id == made.key_id


def test_the_store_never_holds_the_private_half(
    folder: Path, store: SqlStore, clock: Clock, tmp_path: Path
) -> None:
    key = create_key(folder, store, clock=clock)
    secret = key.render_private_key().splitlines()[1]
    for path in tmp_path.glob("s.db*"):
        assert secret not in path.read_bytes()
    assert secret.decode() not in store.keys.load().model_dump_json()
    assert all(secret.decode() not in e.model_dump_json() for e in store.ledger.load())


def test_a_second_first_key_is_refused(folder: Path, store: SqlStore, clock: Clock) -> None:
    create_key(folder, store, clock=clock)
    with pytest.raises(KeyUnusableError, match="already"):
        create_key(folder, store, clock=clock)
    assert len(list(folder.iterdir())) == 1


def test_rotation_replaces_the_file_and_keeps_the_public_half(
    folder: Path, store: SqlStore, clock: Clock
) -> None:
    first = create_key(folder, store, clock=clock)
    second = rotate(folder, store, clock=clock)
    assert load_signer(folder, store).key_id == second.key_id
    assert [path.name for path in folder.iterdir()] == [find_key_file(folder, second.key_id).name]
    before = store.keys.load().find(first.key_id)
    assert before is not None
    assert before.status is KeyStatus.RETIRED
    kinds = [entry.kind for entry in store.ledger.load()]
    assert kinds == ["key_added", "key_added", "key_retired"]


def test_revocation_leaves_no_signer(folder: Path, store: SqlStore, clock: Clock) -> None:
    key = create_key(folder, store, clock=clock)
    keyring = revoke(folder, store, key.key_id, "stolen", clock=clock)
    assert keyring == store.keys.load()
    assert list(folder.iterdir()) == []
    with pytest.raises(KeyUnusableError, match="no active signing key"):
        load_signer(folder, store)
    assert store.ledger.load(kind="key_revoked")[0].payload == {"reason": "stolen"}
    create_key(folder, store, clock=clock)
    assert load_signer(folder, store).key_id != key.key_id


def test_an_unknown_key_is_not_revoked(folder: Path, store: SqlStore, clock: Clock) -> None:
    create_key(folder, store, clock=clock)
    with pytest.raises(UnknownNameError):
        revoke(folder, store, "0" * 64, "", clock=clock)
    assert load_signer(folder, store)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o666, 0o601])
def test_a_key_that_others_may_read_is_refused(
    folder: Path, store: SqlStore, clock: Clock, mode: int
) -> None:
    key = create_key(folder, store, clock=clock)
    path = find_key_file(folder, key.key_id)
    path.chmod(mode)
    with pytest.raises(KeyUnusableError, match=f"expected mode 0600, got 0{mode:o}") as refusal:
        load_signer(folder, store)
    assert refusal.value.where == str(path)
    assert _mode(path) == mode, "refused, not repaired"


@pytest.mark.parametrize("mode", [0o701, 0o750, 0o777])
def test_a_folder_that_others_may_enter_is_refused(
    folder: Path, store: SqlStore, clock: Clock, mode: int
) -> None:
    create_key(folder, store, clock=clock)
    folder.chmod(mode)
    with pytest.raises(KeyUnusableError, match="expected mode 0700"):
        load_signer(folder, store)
    with pytest.raises(KeyUnusableError, match="expected mode 0700"):
        rotate(folder, store, clock=clock)


def test_links_are_not_followed(
    folder: Path, store: SqlStore, clock: Clock, tmp_path: Path
) -> None:
    key = create_key(folder, store, clock=clock)
    path = find_key_file(folder, key.key_id)
    path.rename(tmp_path / "elsewhere.pem")
    path.symlink_to(tmp_path / "elsewhere.pem")
    with pytest.raises(KeyUnusableError, match="cannot be read"):
        load_signer(folder, store)
    path.unlink()
    folder.rename(tmp_path / "real")
    folder.symlink_to(tmp_path / "real")
    with pytest.raises(KeyUnusableError, match="not a link"):
        load_signer(folder, store)


def test_a_pipe_does_not_hang(folder: Path, store: SqlStore, clock: Clock) -> None:
    key = create_key(folder, store, clock=clock)
    path = find_key_file(folder, key.key_id)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyUnusableError, match="plain file"):
        load_signer(folder, store)


def test_a_missing_file_says_what_to_do(folder: Path, store: SqlStore, clock: Clock) -> None:
    key = create_key(folder, store, clock=clock)
    find_key_file(folder, key.key_id).unlink()
    with pytest.raises(KeyUnusableError) as refusal:
        load_signer(folder, store)
    assert refusal.value.hint == "restore the file, or rotate the key"


def test_another_key_in_the_file_is_noticed(folder: Path, store: SqlStore, clock: Clock) -> None:
    key = create_key(folder, store, clock=clock)
    path = find_key_file(folder, key.key_id)
    path.write_bytes(generate_key().render_private_key())
    with pytest.raises(KeyUnusableError, match=f"expected key {key.key_id}"):
        load_signer(folder, store)


def test_a_store_that_fails_leaves_no_file(
    folder: Path, store: SqlStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = create_key(folder, store, clock=clock)

    def fail(*_: object, **__: object) -> None:
        raise StoreFullError("no room")

    monkeypatch.setattr(store.keys, "save", fail)
    with pytest.raises(StoreFullError):
        rotate(folder, store, clock=clock)
    assert load_signer(folder, store).key_id == first.key_id
    assert len(list(folder.iterdir())) == 1
