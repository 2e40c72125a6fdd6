"""Envelopes: what parses, what does not, and whose signatures count."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.errors import SignatureError
from skillkiln.trust.envelope import (
    MAX_ENVELOPE_BYTES,
    Envelope,
    Signature,
    encode_for_signing,
    find_signers,
    parse_envelope,
    render_envelope,
    sign_payload,
)
from skillkiln.trust.keys import SigningKey

TYPE = "application/vnd.in-toto+json"


@given(payload_type=st.text(), payload=st.binary())
def test_an_envelope_reads_back(payload_type: str, payload: bytes) -> None:
    envelope = Envelope(payload_type, payload, (Signature("k", b"s"), Signature("", b"")))
    assert parse_envelope(render_envelope(envelope)) == envelope


def test_an_envelope_is_one_line(signer: SigningKey) -> None:
    assert b"\n" not in render_envelope(sign_payload(TYPE, b"a\nb", [signer]))


def test_all_real_signers_are_found(signer: SigningKey, stranger: SigningKey) -> None:
    envelope = sign_payload(TYPE, b"payload", [signer, stranger])
    assert find_signers(envelope, [stranger.public, signer.public]) == (
        stranger.public,
        signer.public,
    )
    assert find_signers(envelope, [signer.public]) == (signer.public,)
    assert find_signers(envelope, []) == ()


def test_a_key_counts_once_however_often_it_signs(signer: SigningKey) -> None:
    envelope = sign_payload(TYPE, b"payload", [signer, signer])
    assert find_signers(envelope, [signer.public]) == (signer.public,)


def test_a_hint_makes_nobody_a_signer(signer: SigningKey, stranger: SigningKey) -> None:
    message = encode_for_signing(TYPE, b"payload")
    forged = Envelope(TYPE, b"payload", (Signature(signer.key_id, stranger.sign(message)),))
    assert find_signers(forged, [signer.public, stranger.public]) == ()


def test_a_signature_without_a_hint_is_tried_with_every_key(
    signer: SigningKey, stranger: SigningKey
) -> None:
    message = encode_for_signing(TYPE, b"payload")
    unnamed = Envelope(TYPE, b"payload", (Signature("", stranger.sign(message)),))
    assert find_signers(unnamed, [signer.public, stranger.public]) == (stranger.public,)


def test_a_signature_does_not_move_to_another_type(signer: SigningKey) -> None:
    signed = sign_payload("application/a", b"payload", [signer])
    moved = Envelope("application/b", signed.payload, signed.signatures)
    assert find_signers(moved, [signer.public]) == ()


def test_a_signature_over_the_bare_payload_is_none(signer: SigningKey) -> None:
    bare = Envelope(TYPE, b"payload", (Signature(signer.key_id, signer.sign(b"payload")),))
    assert find_signers(bare, [signer.public]) == ()


@given(first=st.tuples(st.text(), st.binary()), second=st.tuples(st.text(), st.binary()))
def test_two_payloads_never_share_their_signed_bytes(
    first: tuple[str, bytes], second: tuple[str, bytes]
) -> None:
    same = encode_for_signing(*first) == encode_for_signing(*second)
    assert same == (first == second)


def _fields(**changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "payload": "aGVsbG8=",
        "payloadType": "t",
        "signatures": [{"keyid": "k", "sig": "c2ln"}],
    }
    fields.update(changes)
    return json.dumps({k: v for k, v in fields.items() if v is not ...}).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a DSSE envelope"),
        (b"\xff\xfe", "not a DSSE envelope"),
        (b"null", "expected an object"),
        (b"[" * 100_000, "not a DSSE envelope"),
        (_fields(payload=...), "payload: expected text"),
        (_fields(payload=7), "payload: expected text, got int"),
        (_fields(payloadType=...), "payloadType: expected text"),
        (_fields(payload="aGVsbG8"), "payload: not base64"),
        (_fields(payload="aGVsbG8=\n"), "payload: not base64"),
        (_fields(payload="aGVsbG9="), "payload: not canonical base64"),
        (_fields(payload="-+8="), "payload: not canonical base64"),
        (_fields(signatures=...), "signatures: expected a list"),
        (_fields(signatures=[]), "signatures: expected a list with at least one"),
        (_fields(signatures={"sig": "c2ln"}), "signatures: expected a list"),
        (_fields(signatures=["c2ln"]), "signatures: expected objects"),
        (_fields(signatures=[{"keyid": "k"}]), "sig: expected text"),
        (_fields(signatures=[{"sig": "c2ln", "keyid": None}]), "keyid: expected text"),
        (b'{"payload":"","payload":"aGVsbG8="}', "repeats a key"),
    ],
)
def test_what_is_no_envelope_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(SignatureError, match=why) as refusal:
        parse_envelope(content, where="attestation.jsonl:1")
    assert refusal.value.where == "attestation.jsonl:1"


def test_a_huge_envelope_is_refused_unread() -> None:
    with pytest.raises(SignatureError, match="expected at most"):
        parse_envelope(b" " * (MAX_ENVELOPE_BYTES + 1))


@given(st.binary(min_size=1))
def test_both_base64_alphabets_are_read(payload: bytes) -> None:
    url_safe = base64.urlsafe_b64encode(payload).decode()
    standard = base64.b64encode(payload).decode()
    assert parse_envelope(_fields(payload=url_safe)).payload == payload
    assert parse_envelope(_fields(payload=standard)).payload == payload


def test_unknown_fields_are_passed_over() -> None:
    assert parse_envelope(_fields(extension={"a": 1})).payload == b"hello"
