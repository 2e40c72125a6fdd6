"""The keyring, a pure value: which keys a workspace knows, and what each may still vouch for.

    active    signs now; what it signed counts
    retired   was rotated out: what it signed before `changed_at` counts, nothing later does
    revoked   lost or stolen: nothing it ever signed counts

Nothing leads back: a retired key can only be revoked, a revoked one stays revoked. At most one key
is active. Keeping the keyring is the store's business, private keys are `store.key_files`'.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from skillkiln.errors import KeyUnusableError, UnknownNameError
from skillkiln.skill.value import Value
from skillkiln.trust.keys import PublicKey


class KeyStatus(StrEnum):
    """What a key may still do."""

    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


class KnownKey(Value):
    """One public key and where it stands."""

    public_hex: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """The 32 raw bytes."""
    status: KeyStatus
    added_at: datetime
    changed_at: datetime
    """When it came to its present status."""
    reason: str = ""
    """Why it was revoked."""

    @property
    def public(self) -> PublicKey:
        """The key itself."""
        return PublicKey(bytes.fromhex(self.public_hex))

    @property
    def key_id(self) -> str:
        """The key's name."""
        return self.public.key_id


class Keyring(Value):
    """All keys that a workspace has ever had, oldest first."""

    keys: tuple[KnownKey, ...] = ()

    @model_validator(mode="after")
    def _is_unambiguous(self) -> "Keyring":
        ids = [key.key_id for key in self.keys]
        if len(set(ids)) != len(ids):
            raise ValueError("a key is listed twice")
        if sum(key.status is KeyStatus.ACTIVE for key in self.keys) > 1:
            raise ValueError("more than one key is active")
        return self

    @property
    def active(self) -> KnownKey | None:
        """The key that signs now, if there is one."""
        return next((key for key in self.keys if key.status is KeyStatus.ACTIVE), None)

    def find(self, key_id: str) -> KnownKey | None:
        """Return the key of that name, if it is known."""
        return next((key for key in self.keys if key.key_id == key_id), None)


def rotate_key(keyring: Keyring, successor: PublicKey, *, at: datetime) -> Keyring:
    """Make a key the active one and retire the one that was; also adds the very first key.

    Raises:
        KeyUnusableError: the successor is already on the keyring.
    """
    if keyring.find(successor.key_id) is not None:
        raise KeyUnusableError(
            f"key {successor.key_id} is already known; a key that left service never comes back"
        )
    kept = tuple(
        key.model_copy(update={"status": KeyStatus.RETIRED, "changed_at": at})
        if key.status is KeyStatus.ACTIVE
        else key
        for key in keyring.keys
    )
    added = KnownKey(
        public_hex=successor.raw.hex(), status=KeyStatus.ACTIVE, added_at=at, changed_at=at
    )
    return Keyring(keys=(*kept, added))


def revoke_key(keyring: Keyring, key_id: str, *, at: datetime, reason: str) -> Keyring:
    """Declare that nothing a key ever signed counts.

    Raises:
        UnknownNameError: no such key is on the keyring.
        KeyUnusableError: it is revoked already.
    """
    key = keyring.find(key_id)
    if key is None:
        raise UnknownNameError("key", key_id)
    if key.status is KeyStatus.REVOKED:
        raise KeyUnusableError(f"key {key_id} is revoked already, since {key.changed_at}")
    revoked = key.model_copy(
        update={"status": KeyStatus.REVOKED, "changed_at": at, "reason": reason}
    )
    return Keyring(keys=tuple(revoked if known is key else known for known in keyring.keys))
