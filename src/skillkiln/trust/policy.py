"""Who may vouch for a release: the one question that stands between a signature and trust.

An envelope counts when at least one key that the workspace knows really signed it, and that key
may vouch for it: an active key for anything, a retired one for what was vouched before it retired,
a revoked one for nothing. The moment that counts is when the workspace recorded the envelope, not
a date that the signer wrote, which a thief of a retired key would choose.

Example:
    >>> from datetime import datetime, timezone
    >>> from skillkiln.trust.envelope import sign_payload
    >>> from skillkiln.trust.keyring import Keyring, rotate_key
    >>> from skillkiln.trust.keys import generate_key
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
    >>> key = generate_key()
    >>> keyring = rotate_key(Keyring(), key.public, at=noon)
    >>> envelope = sign_payload("text/plain", b"ours", [key])
    >>> check_envelope(envelope, keyring, recorded_at=noon, payload_type="text/plain")
    b'ours'
"""

from collections.abc import Mapping
from datetime import datetime

from skillkiln.errors import KeyUnusableError, SignatureError
from skillkiln.trust.envelope import Envelope, find_signers
from skillkiln.trust.keyring import Keyring, KeyStatus, KnownKey
from skillkiln.trust.statement import PAYLOAD_TYPE, Statement, check_subjects, parse_statement


def check_may_vouch(key: KnownKey, *, recorded_at: datetime) -> None:
    """Raise unless a key may vouch for what was recorded at that time.

    Raises:
        KeyUnusableError: it is revoked, or retired before then.
    """
    if key.status is KeyStatus.REVOKED:
        raise KeyUnusableError(
            f"key {key.key_id} is revoked since {key.changed_at}: {key.reason or 'no reason'}",
            hint="prove the skill again and sign it with the active key",
        )
    if key.status is KeyStatus.RETIRED and recorded_at > key.changed_at:
        raise KeyUnusableError(
            f"key {key.key_id} was retired at {key.changed_at} and may not vouch for anything "
            f"recorded later, got {recorded_at}",
            hint="sign with the active key",
        )


def check_envelope(
    envelope: Envelope, keyring: Keyring, *, recorded_at: datetime, payload_type: str
) -> bytes:
    """Return the payload of an envelope that the workspace may trust.

    Args:
        envelope: what was received.
        keyring: the keys the workspace knows.
        recorded_at: when the workspace first recorded the envelope; now for a new one.
        payload_type: the only type of payload that is accepted here.

    Raises:
        SignatureError: no known key signed it, or its type is another.
        KeyUnusableError: known keys signed it, but none may vouch for it.
    """
    signers = find_signers(envelope, [key.public for key in keyring.keys])
    if not signers:
        claimed = ", ".join(signature.key_id or "unnamed" for signature in envelope.signatures)
        raise SignatureError(
            f"no key of this workspace signed this payload (signers named: {claimed})"
        )
    _check_one_may_vouch([key for key in keyring.keys if key.public in signers], recorded_at)
    if envelope.payload_type != payload_type:
        raise SignatureError(
            f"payload type: expected {payload_type!r}, got {envelope.payload_type!r}"
        )
    return envelope.payload


def _check_one_may_vouch(keys: list[KnownKey], recorded_at: datetime) -> None:
    refusals: list[KeyUnusableError] = []
    for key in keys:
        try:
            check_may_vouch(key, recorded_at=recorded_at)
        except KeyUnusableError as refusal:
            refusals.append(refusal)
        else:
            return
    raise refusals[0]


def check_release(
    envelope: Envelope, keyring: Keyring, *, recorded_at: datetime, present: Mapping[str, str]
) -> Statement:
    """Return what was signed about a release, after checking that the files at hand are its own.

    Args:
        envelope: the release's attestation.
        keyring: the keys the workspace knows.
        recorded_at: when the workspace recorded the attestation; now for a new one.
        present: sha256 by path, computed from the bytes at hand.

    Raises:
        SignatureError: no known key signed it, or it is no release statement.
        KeyUnusableError: the signers may not vouch for it.
        DigestMismatchError: a file is not the one that was signed.
    """
    payload = check_envelope(envelope, keyring, recorded_at=recorded_at, payload_type=PAYLOAD_TYPE)
    statement = parse_statement(payload)
    check_subjects(statement, present)
    return statement
