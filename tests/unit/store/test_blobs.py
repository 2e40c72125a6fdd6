"""Blobs and attestations: bytes come back as they were, or not at all."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from skillkiln.errors import DigestMismatchError, UnknownNameError
from skillkiln.skill.digest import sha256_hex
from skillkiln.store.sql import SqlStore

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"x" * 300_000])
def test_bytes_come_back(store: SqlStore, content: bytes) -> None:
    sha256 = store.blobs.save(content)
    assert sha256 == sha256_hex(content)
    assert store.blobs.load(sha256) == content
    assert store.blobs.save(content) == sha256


def test_unknown_bytes_are_named(store: SqlStore) -> None:
    with pytest.raises(UnknownNameError, match="0" * 64):
        store.blobs.load("0" * 64)


def test_changed_bytes_are_noticed(store: SqlStore) -> None:
    sha256 = store.blobs.save(b"harmless")
    with store.database.writing() as connection:
        connection.execute(text("UPDATE blobs SET content = :c"), {"c": b"harmful!"})
    with pytest.raises(DigestMismatchError) as refusal:
        store.blobs.load(sha256)
    assert (refusal.value.expected, refusal.value.got) == (sha256, sha256_hex(b"harmful!"))


def test_many_come_back_at_once_or_none(store: SqlStore) -> None:
    contents = [b"one", b"two", b""]
    sha256s = [store.blobs.save(content) for content in contents]
    together = store.blobs.load_many([*sha256s, sha256s[0]])
    assert together == dict(zip(sha256s, contents, strict=True))
    assert store.blobs.load_many([]) == {}
    with pytest.raises(UnknownNameError, match="0" * 64):
        store.blobs.load_many([*sha256s, "0" * 64])
    with store.database.writing() as connection:
        connection.execute(text("UPDATE blobs SET content = x'00' WHERE content = x'74776f'"))
    with pytest.raises(DigestMismatchError, match=sha256s[1]):
        store.blobs.load_many(sha256s)


def test_attestations_come_back_in_order(store: SqlStore, make: "Make") -> None:
    store.releases.save(make.release("a" * 64))
    first = store.attestations.save("a" * 64, b"{1}")
    second = store.attestations.save("a" * 64, b"{2}")
    assert store.attestations.load("a" * 64) == (first, second)
    assert first.recorded_at < second.recorded_at
    assert store.attestations.load("b" * 64) == ()
