"""Ed25519 keys: make, sign, check. The only module that touches a private key's bytes.

A key is named by the sha256 of its raw public bytes, in full: a shorter name could be forged by
search. A private key shows only that name in its repr, and leaves the process only through
`render_private_key`. Where key files lie and who may read them is `store.key_files`' business;
whether a key may still vouch is `trust.policy`'s.

Source: RFC 8032 (Ed25519), RFC 5958 (PKCS #8).
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from skillkiln.errors import KeyUnusableError, SignatureError
from skillkiln.skill.digest import sha256_hex

PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half of a key pair that checks.

    Attributes:
        raw: the 32 raw bytes.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_KEY_BYTES:
            raise KeyUnusableError(
                f"public key: expected {PUBLIC_KEY_BYTES} bytes, got {len(self.raw)}"
            )

    @property
    def key_id(self) -> str:
        """The key's name: sha256 of its raw bytes, 64 hexadecimal digits."""
        return sha256_hex(self.raw)

    def check(self, message: bytes, signature: bytes) -> None:
        """Raise unless this key made the signature over exactly these bytes.

        Raises:
            SignatureError: it did not.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature as error:
            raise SignatureError(f"no signature of key {self.key_id} over these bytes") from error


class SigningKey:
    """The half of a key pair that signs. Never printed, never compared, never pickled."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = PublicKey(private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """The name of its public half."""
        return self.public.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over a message."""
        return self._private.sign(message)

    def render_private_key(self) -> bytes:
        """Return the private key as unencrypted PKCS #8 PEM, for a file only its owner reads."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"

    def __reduce__(self) -> str:
        raise TypeError("a signing key is not pickled")


def generate_key() -> SigningKey:
    """Make a new key pair from the operating system's randomness."""
    return SigningKey(Ed25519PrivateKey.generate())


def parse_signing_key(pem: bytes, *, where: str) -> SigningKey:
    """Parse a private key in PKCS #8 PEM.

    Args:
        pem: the file's bytes.
        where: the file, for the message, which never holds any of its content.

    Raises:
        KeyUnusableError: it is no unencrypted Ed25519 private key.
    """
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause is dropped on purpose: a parser's message may quote what it read.
        raise KeyUnusableError("not an unencrypted private key in PEM", where=where) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusableError("expected an Ed25519 key, got another kind", where=where)
    return SigningKey(private)
