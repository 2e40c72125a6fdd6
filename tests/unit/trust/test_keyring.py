"""The keyring: keys come in, retire and are revoked, and never come back."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from skillkiln.errors import KeyUnusableError, UnknownNameError
from skillkiln.trust.keyring import Keyring, KeyStatus, revoke_key, rotate_key
from skillkiln.trust.keys import PublicKey, SigningKey


def test_the_first_key_is_active(keyring: Keyring, signer: SigningKey) -> None:
    assert keyring.active is not None
    assert keyring.active.key_id == signer.key_id


def test_an_empty_keyring_has_no_active_key() -> None:
    assert Keyring().active is None
    assert Keyring().find("0" * 64) is None


def test_rotation_retires_the_key_before(
    keyring: Keyring, signer: SigningKey, stranger: SigningKey, noon: datetime
) -> None:
    later = noon + timedelta(days=1)
    rotated = rotate_key(keyring, stranger.public, at=later)
    before = rotated.find(signer.key_id)
    assert before is not None
    assert (before.status, before.added_at, before.changed_at) == (KeyStatus.RETIRED, noon, later)
    assert rotated.active is not None
    assert rotated.active.public == stranger.public
    assert keyring.active is not None, "the keyring that was passed in is as it was"


def test_a_key_never_comes_back(
    keyring: Keyring, signer: SigningKey, stranger: SigningKey, noon: datetime
) -> None:
    rotated = rotate_key(keyring, stranger.public, at=noon)
    with pytest.raises(KeyUnusableError, match="never comes back"):
        rotate_key(rotated, signer.public, at=noon)


def test_revocation_keeps_its_reason(keyring: Keyring, signer: SigningKey, noon: datetime) -> None:
    revoked = revoke_key(keyring, signer.key_id, at=noon, reason="laptop stolen")
    key = revoked.find(signer.key_id)
    assert key is not None
    assert (key.status, key.reason) == (KeyStatus.REVOKED, "laptop stolen")
    assert revoked.active is None


def test_revoking_twice_is_refused(keyring: Keyring, signer: SigningKey, noon: datetime) -> None:
    revoked = revoke_key(keyring, signer.key_id, at=noon, reason="")
    with pytest.raises(KeyUnusableError, match="revoked already"):
        revoke_key(revoked, signer.key_id, at=noon, reason="")


def test_an_unknown_key_cannot_be_revoked(keyring: Keyring, noon: datetime) -> None:
    with pytest.raises(UnknownNameError):
        revoke_key(keyring, "0" * 64, at=noon, reason="")


def test_two_active_keys_are_no_keyring(keyring: Keyring) -> None:
    (key,) = keyring.keys
    other = key.model_copy(update={"public_hex": "ab" * 32})
    with pytest.raises(ValidationError, match="more than one key is active"):
        Keyring(keys=(key, other))


def test_a_key_listed_twice_is_no_keyring(keyring: Keyring) -> None:
    with pytest.raises(ValidationError, match="listed twice"):
        Keyring(keys=(*keyring.keys, *keyring.keys))


@given(st.lists(st.integers(0, 9), max_size=12))
def test_whatever_happens_one_key_is_active_at_most_and_revoked_is_for_ever(
    steps: list[int],
) -> None:
    at, keyring, revoked = datetime.fromisoformat("2026-01-01T00:00:00Z"), Keyring(), set[str]()
    for count, step in enumerate(steps):
        if step % 3 or not keyring.keys:
            keyring = rotate_key(keyring, PublicKey(bytes([count]) * 32), at=at)
        else:
            key_id = keyring.keys[step % len(keyring.keys)].key_id
            if key_id not in revoked:
                keyring = revoke_key(keyring, key_id, at=at, reason="")
                revoked.add(key_id)
    statuses = [key.status for key in keyring.keys]
    assert statuses.count(KeyStatus.ACTIVE) <= 1
    assert revoked == {key.key_id for key in keyring.keys if key.status is KeyStatus.REVOKED}
