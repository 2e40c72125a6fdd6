"""The envelope and the statement against their specifications' own words and vectors.

Source: DSSE protocol 1.0.2 "Test Vectors"; RFC 8032 section 7.1; in-toto Statement v1.
"""

import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from skillkiln.records.evidence import Outcome, Stage
from skillkiln.trust.envelope import (
    encode_for_signing,
    parse_envelope,
    render_envelope,
    sign_payload,
)
from skillkiln.trust.keys import PublicKey, SigningKey, generate_key
from skillkiln.trust.statement import PAYLOAD_TYPE, Claim, GateOutcome, build_statement

BODY = b"hello world"
TYPE = "http://example.com/HelloWorld"
SPEC_ENVELOPE = (
    b'{"payload": "aGVsbG8gd29ybGQ=",\n "payloadType": "http://example.com/HelloWorld",\n'
    b' "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJ'
    b'PcIAriEGAHTVeCUjW2JIZA=="}]}'
)
SPEC_D = 97358161215184420915383655311931858321456579547487070936769975997791359926199
SPEC_X = 46950820868899156662930047687818585632848591499744589407958293238635476079160
SPEC_Y = 5640078356564379163099075877009565129882514886557779369047442380624545832820


@pytest.mark.parametrize(
    ("payload_type", "body", "encoded"),
    [
        (TYPE, BODY, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"),
        ("", b"", b"DSSEv1 0  0 "),
        ("\u00e9", b"\0\xff", b"DSSEv1 2 \xc3\xa9 2 \0\xff"),
        ("a b", b"c d", b"DSSEv1 3 a b 3 c d"),
    ],
)
def test_pre_authentication_encoding(payload_type: str, body: bytes, encoded: bytes) -> None:
    assert encode_for_signing(payload_type, body) == encoded


def test_the_specifications_envelope_is_read() -> None:
    envelope = parse_envelope(SPEC_ENVELOPE)
    assert (envelope.payload_type, envelope.payload) == (TYPE, BODY)
    (signature,) = envelope.signatures
    assert signature.key_id == ""
    assert len(signature.raw) == 64


def _spec_key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(SPEC_D, ec.SECP256R1())


def test_the_specifications_signature_covers_our_encoding() -> None:
    key = _spec_key()
    numbers = key.public_key().public_numbers()
    assert (numbers.x, numbers.y) == (SPEC_X, SPEC_Y)
    raw = parse_envelope(SPEC_ENVELOPE).signatures[0].raw
    signature = encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    key.public_key().verify(signature, encode_for_signing(TYPE, BODY), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        key.public_key().verify(signature, BODY, ec.ECDSA(hashes.SHA256()))


def test_signing_our_encoding_gives_the_specifications_signature() -> None:
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(_spec_key().sign(encode_for_signing(TYPE, BODY), algorithm))
    ours = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert ours == parse_envelope(SPEC_ENVELOPE).signatures[0].raw


def test_our_envelope_has_the_specifications_fields() -> None:
    key = generate_key()
    fields = json.loads(render_envelope(sign_payload(TYPE, BODY, [key])))
    assert fields.keys() == {"payload", "payloadType", "signatures"}
    assert fields["payload"] == "aGVsbG8gd29ybGQ="
    assert fields["payloadType"] == TYPE
    assert [set(signature) for signature in fields["signatures"]] == [{"keyid", "sig"}]
    assert fields["signatures"][0]["keyid"] == key.key_id


@pytest.mark.parametrize(
    ("secret", "public", "message", "signature"),
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_ed25519_vectors(secret: str, public: str, message: str, signature: str) -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))
    assert key.public == PublicKey(bytes.fromhex(public))
    assert key.sign(bytes.fromhex(message)).hex() == signature
    key.public.check(bytes.fromhex(message), bytes.fromhex(signature))


def test_the_statement_has_the_specifications_fields(claim: Claim) -> None:
    fields = json.loads(build_statement(claim, {"skill.py": "2" * 64, "SKILL.md": "1" * 64}))
    assert fields.keys() == {"_type", "subject", "predicateType", "predicate"}
    assert fields["_type"] == "https://in-toto.io/Statement/v1"
    assert fields["subject"] == [
        {"name": "SKILL.md", "digest": {"sha256": "1" * 64}},
        {"name": "skill.py", "digest": {"sha256": "2" * 64}},
    ]
    assert fields["predicateType"].startswith("https://skillkiln.dev/attestation/")
    assert PAYLOAD_TYPE == "application/vnd.in-toto+json"


def test_the_predicate_has_the_shape_of_slsa_provenance(claim: Claim) -> None:
    predicate = json.loads(build_statement(claim, {"skill.py": "2" * 64}))["predicate"]
    definition, details = predicate["buildDefinition"], predicate["runDetails"]
    assert definition.keys() == {"buildType", "externalParameters", "resolvedDependencies"}
    assert details.keys() == {"builder", "metadata", "byproducts"}
    assert details["metadata"].keys() == {"invocationId", "startedOn", "finishedOn"}
    assert details["metadata"]["startedOn"].endswith("Z"), "RFC 3339 in UTC"
    assert set(details["byproducts"][0]) == {"name", "digest"}


@pytest.fixture
def claim() -> Claim:
    return Claim.model_validate(
        {
            "name": "parse-access-log",
            "version": "1.0.0",
            "made_by": "agent:by-example",
            "need_id": "n1",
            "dossier": "gap:3f9a0c",
            "trace_id": "t1",
            "began_at": "2026-03-01T12:00:00Z",
            "finished_at": "2026-03-01T12:00:02Z",
            "evidence_sha256": "e" * 64,
            "gates": [GateOutcome(gate="types", stage=Stage.TYPECHECK, outcome=Outcome.PASSED)],
            "score": 9.8,
            "min_score": 9.6,
            "ledger_head": "a" * 64,
        }
    )
