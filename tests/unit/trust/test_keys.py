"""Keys sign and check, and do not give themselves away."""

import copy
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from skillkiln.errors import KeyUnusableError, SignatureError
from skillkiln.skill.digest import sha256_hex
from skillkiln.trust.keys import PublicKey, SigningKey, generate_key, parse_signing_key


def test_a_signature_checks(signer: SigningKey) -> None:
    signer.public.check(b"message", signer.sign(b"message"))


def test_a_signature_over_other_bytes_does_not(signer: SigningKey) -> None:
    with pytest.raises(SignatureError, match=signer.key_id):
        signer.public.check(b"message.", signer.sign(b"message"))


def test_a_signature_of_another_key_does_not(signer: SigningKey, stranger: SigningKey) -> None:
    with pytest.raises(SignatureError):
        signer.public.check(b"message", stranger.sign(b"message"))


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"x" * 63, b"x" * 65])
def test_what_is_no_signature_does_not(signer: SigningKey, signature: bytes) -> None:
    with pytest.raises(SignatureError):
        signer.public.check(b"message", signature)


def test_a_key_is_named_by_the_sha256_of_its_public_bytes(signer: SigningKey) -> None:
    assert signer.key_id == signer.public.key_id == sha256_hex(signer.public.raw)


def test_keys_differ() -> None:
    assert generate_key().key_id != generate_key().key_id


def test_a_private_key_reads_back(signer: SigningKey) -> None:
    again = parse_signing_key(signer.render_private_key(), where="k.pem")
    assert again.public == signer.public
    signer.public.check(b"message", again.sign(b"message"))


def test_a_private_key_does_not_show(signer: SigningKey) -> None:
    pem = signer.render_private_key()
    for shown in (repr(signer), str(signer), f"{signer}"):
        assert shown == f"SigningKey({signer.key_id})"
        assert not any(line in shown for line in pem.decode().splitlines())


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_private_key_is_not_pickled(signer: SigningKey, protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(signer, protocol)


def test_a_private_key_is_not_copied(signer: SigningKey) -> None:
    with pytest.raises(TypeError):
        copy.copy(signer)


def _ec_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _locked_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw"))


@pytest.mark.parametrize(
    "pem", [b"", b"not a key", b"\xff\0", _ec_key(), _locked_key()], ids=range(5)
)
def test_what_is_no_plain_ed25519_key_is_refused_without_quoting_it(pem: bytes) -> None:
    with pytest.raises(KeyUnusableError) as refusal:
        parse_signing_key(pem, where="keys/k.pem")
    assert refusal.value.where == "keys/k.pem"
    assert refusal.value.__cause__ is None
    body = [line for line in pem.splitlines() if len(line) > 20 and b"-----" not in line]
    assert not any(line.decode("latin-1") in str(refusal.value) for line in body)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_public_key_has_32_bytes(size: int) -> None:
    with pytest.raises(KeyUnusableError, match="expected 32 bytes"):
        PublicKey(b"k" * size)
