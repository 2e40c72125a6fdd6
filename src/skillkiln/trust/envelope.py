"""DSSE envelopes: a payload, its type, and signatures over both.

A signature covers the pre-authentication encoding (PAE) of the payload's type and bytes, never the
JSON around them. A `keyid` in an envelope is an unauthenticated hint: it narrows which keys are
tried and decides nothing. What is accepted is stricter than the letter in one point, so that each
envelope has one spelling per base64 alphabet: base64 must be canonical (padding, no spare bits) and
an object may not repeat a key. Which signers suffice is `trust.policy`'s business.

Source: DSSE protocol 1.0.2 and JSON envelope (secure-systems-lab/dsse).
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from skillkiln.errors import SignatureError
from skillkiln.trust.keys import PublicKey, SigningKey

MAX_ENVELOPE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature and the hint at who made it."""

    key_id: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed payload. Holding one proves nothing; see `trust.policy`."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]


def encode_for_signing(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that a signature covers (PAE).

    `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes as ASCII decimals.

    Source: DSSE protocol 1.0.2, "Signature Definition".
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_payload(payload_type: str, payload: bytes, signers: Sequence[SigningKey]) -> Envelope:
    """Put a payload in an envelope signed by every one of the signers."""
    message = encode_for_signing(payload_type, payload)
    return Envelope(
        payload_type=payload_type,
        payload=payload,
        signatures=tuple(Signature(key.key_id, key.sign(message)) for key in signers),
    )


def find_signers(envelope: Envelope, keys: Iterable[PublicKey]) -> tuple[PublicKey, ...]:
    """Return those of the keys that really signed the envelope, each once.

    A signature whose hint names none of the keys, or that does not check, is passed over.
    """
    message = encode_for_signing(envelope.payload_type, envelope.payload)
    return tuple(
        key
        for key in keys
        if any(
            signature.key_id in {"", key.key_id} and _is_signature(key, message, signature.raw)
            for signature in envelope.signatures
        )
    )


def _is_signature(key: PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.check(message, signature)
    except SignatureError:
        return False
    return True


def render_envelope(envelope: Envelope) -> bytes:
    """Render an envelope as one line of JSON without its line end."""
    fields = {
        "payload": _encode(envelope.payload),
        "payloadType": envelope.payload_type,
        "signatures": [
            {"keyid": signature.key_id, "sig": _encode(signature.raw)}
            for signature in envelope.signatures
        ],
    }
    return json.dumps(fields, separators=(",", ":")).encode("ascii")


def parse_envelope(content: bytes, *, where: str = "envelope") -> Envelope:
    """Parse a JSON envelope; base64 may be standard or URL-safe, unknown fields are passed over.

    Raises:
        SignatureError: it is no DSSE envelope, or carries no signature.
    """
    if len(content) > MAX_ENVELOPE_BYTES:
        raise SignatureError(
            f"expected at most {MAX_ENVELOPE_BYTES} bytes, got {len(content)}", where=where
        )
    try:
        fields: JsonValue = json.loads(content, object_pairs_hook=_refuse_repeated_keys)
        return _read_fields(fields)
    except (ValueError, RecursionError) as error:
        raise SignatureError(f"not a DSSE envelope: {error}", where=where) from error


def _read_fields(fields: JsonValue) -> Envelope:
    if not isinstance(fields, dict):
        raise ValueError(f"expected an object, got {type(fields).__name__}")
    signatures = fields.get("signatures")
    if not isinstance(signatures, list) or not signatures:
        raise ValueError("signatures: expected a list with at least one")
    return Envelope(
        payload_type=_read_text(fields, "payloadType"),
        payload=_decode("payload", _read_text(fields, "payload")),
        signatures=tuple(_read_signature(signature) for signature in signatures),
    )


def _read_signature(fields: JsonValue) -> Signature:
    if not isinstance(fields, dict):
        raise ValueError(f"signatures: expected objects, got {type(fields).__name__}")
    return Signature(
        key_id=_read_text(fields, "keyid", default=""),
        raw=_decode("sig", _read_text(fields, "sig")),
    )


def _read_text(fields: dict[str, JsonValue], name: str, *, default: str | None = None) -> str:
    text = fields.get(name, default)
    if not isinstance(text, str):
        raise ValueError(f"{name}: expected text, got {type(text).__name__}")
    return text


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _decode(name: str, text: str) -> bytes:
    standard = text.replace("-", "+").replace("_", "/")
    is_mixed = standard != text and any(char in text for char in "+/")
    try:
        content = base64.b64decode(standard, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{name}: not base64") from error
    if is_mixed or _encode(content) != standard:
        raise ValueError(f"{name}: not canonical base64")
    return content


def _refuse_repeated_keys(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("an object repeats a key")
    return fields
