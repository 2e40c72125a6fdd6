"""Which envelopes the workspace trusts."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from skillkiln.errors import DigestMismatchError, KeyUnusableError, SignatureError, TrustError
from skillkiln.trust.envelope import parse_envelope, render_envelope, sign_payload
from skillkiln.trust.keyring import Keyring, revoke_key, rotate_key
from skillkiln.trust.keys import SigningKey, generate_key
from skillkiln.trust.policy import check_envelope, check_release
from skillkiln.trust.statement import PAYLOAD_TYPE, Claim, build_statement

Subjects = dict[str, str]
DAY = timedelta(days=1)


def test_a_release_of_the_active_key_is_trusted(
    claim: Claim, subjects: Subjects, signer: SigningKey, keyring: Keyring, noon: datetime
) -> None:
    envelope = sign_payload(PAYLOAD_TYPE, build_statement(claim, subjects), [signer])
    statement = check_release(envelope, keyring, recorded_at=noon, present=subjects)
    assert statement.claim == claim


def test_a_release_of_a_stranger_is_not(
    claim: Claim, subjects: Subjects, stranger: SigningKey, keyring: Keyring, noon: datetime
) -> None:
    envelope = sign_payload(PAYLOAD_TYPE, build_statement(claim, subjects), [stranger])
    with pytest.raises(SignatureError, match=stranger.key_id):
        check_release(envelope, keyring, recorded_at=noon, present=subjects)


def test_a_signed_release_of_other_files_is_not(
    claim: Claim, subjects: Subjects, signer: SigningKey, keyring: Keyring, noon: datetime
) -> None:
    envelope = sign_payload(PAYLOAD_TYPE, build_statement(claim, subjects), [signer])
    with pytest.raises(DigestMismatchError, match=r"skill\.py"):
        check_release(
            envelope, keyring, recorded_at=noon, present={**subjects, "skill.py": "9" * 64}
        )


def test_another_type_is_not(signer: SigningKey, keyring: Keyring, noon: datetime) -> None:
    envelope = sign_payload("text/plain", b"{}", [signer])
    with pytest.raises(SignatureError, match="payload type"):
        check_envelope(envelope, keyring, recorded_at=noon, payload_type=PAYLOAD_TYPE)


@pytest.mark.parametrize(
    ("after_retiring", "is_trusted"), [(-DAY, True), (0 * DAY, True), (DAY, False)]
)
def test_a_retired_key_vouches_for_what_was_recorded_before(
    signer: SigningKey,
    stranger: SigningKey,
    keyring: Keyring,
    noon: datetime,
    after_retiring: timedelta,
    is_trusted: bool,
) -> None:
    retired_at = noon + 10 * DAY
    rotated = rotate_key(keyring, stranger.public, at=retired_at)
    envelope = sign_payload(PAYLOAD_TYPE, b"payload", [signer])
    recorded_at = retired_at + after_retiring
    if is_trusted:
        check_envelope(envelope, rotated, recorded_at=recorded_at, payload_type=PAYLOAD_TYPE)
        return
    with pytest.raises(KeyUnusableError, match="retired"):
        check_envelope(envelope, rotated, recorded_at=recorded_at, payload_type=PAYLOAD_TYPE)


def test_a_revoked_key_vouches_for_nothing_it_ever_signed(
    signer: SigningKey, keyring: Keyring, noon: datetime
) -> None:
    revoked = revoke_key(keyring, signer.key_id, at=noon + 9 * DAY, reason="stolen")
    envelope = sign_payload(PAYLOAD_TYPE, b"payload", [signer])
    with pytest.raises(KeyUnusableError, match="stolen"):
        check_envelope(envelope, revoked, recorded_at=noon, payload_type=PAYLOAD_TYPE)


def test_one_good_signer_suffices_beside_a_revoked_one(
    signer: SigningKey, keyring: Keyring, noon: datetime
) -> None:
    successor = generate_key()
    rotated = rotate_key(keyring, successor.public, at=noon)
    revoked = revoke_key(rotated, signer.key_id, at=noon, reason="stolen")
    envelope = sign_payload(PAYLOAD_TYPE, b"payload", [signer, successor])
    payload = check_envelope(envelope, revoked, recorded_at=noon, payload_type=PAYLOAD_TYPE)
    assert payload == b"payload"


@settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_of_an_envelope_is_noticed(
    claim: Claim,
    subjects: Subjects,
    signer: SigningKey,
    keyring: Keyring,
    noon: datetime,
    place: float,
    flip: int,
) -> None:
    content = render_envelope(
        sign_payload(PAYLOAD_TYPE, build_statement(claim, subjects), [signer])
    )
    changed = bytearray(content)
    position = int(place * len(content))
    assume(position not in _hint_name(content))
    changed[position] ^= flip
    with pytest.raises(TrustError):
        check_release(parse_envelope(bytes(changed)), keyring, recorded_at=noon, present=subjects)


def test_every_single_bit_of_an_envelope_counts(
    signer: SigningKey, keyring: Keyring, noon: datetime
) -> None:
    content = render_envelope(sign_payload(PAYLOAD_TYPE, b"{}", [signer]))
    for position in range(len(content) * 8):
        if position // 8 in _hint_name(content):
            continue
        changed = bytearray(content)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(TrustError):
            check_envelope(
                parse_envelope(bytes(changed)),
                keyring,
                recorded_at=noon,
                payload_type=PAYLOAD_TYPE,
            )


def _hint_name(content: bytes) -> range:
    """Where the five letters of the field name `keyid` stand.

    Without it the same signature is tried with every key: a hint decides nothing, so losing one
    lets nothing in. What the store keeps is compared byte for byte besides.
    """
    start = content.index(b'"keyid"') + 1
    return range(start, start + len("keyid"))


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(content=st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_trust_error(content: bytes) -> None:
    with pytest.raises(TrustError):
        parse_envelope(content)
