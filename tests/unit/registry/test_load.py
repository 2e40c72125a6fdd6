"""What is loaded is what was signed, at every load; else it is quarantined and the error raised."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from skillkiln.errors import (
    DigestMismatchError,
    KeyUnusableError,
    QuarantinedError,
    SignatureError,
    StoreCorruptError,
    TrustError,
    UnknownNameError,
)
from skillkiln.skill.digest import folder_digest, sha256_hex
from skillkiln.skill.status import Status
from skillkiln.store.key_files import revoke, rotate
from skillkiln.trust.envelope import render_envelope

if TYPE_CHECKING:
    from tests.unit.registry.conftest import Bench


def _change(bench: "Bench", statement: str, **values: Any) -> None:
    """Change the store behind the registry's back."""
    with bench.store.database.writing() as connection:
        changed = connection.execute(text(statement), values)
        assert changed.rowcount > 0


def test_a_live_release_is_loaded_by_its_name(bench: "Bench") -> None:
    release = bench.go_live()
    loaded = bench.registry.load("shout")
    assert loaded.release == release
    assert folder_digest(loaded.files) == release.digest
    assert loaded.manifest.name == loaded.statement.claim.name == "shout"


def test_a_release_in_shadow_is_loaded_by_its_digest_alone(bench: "Bench") -> None:
    release = bench.publish()
    assert bench.registry.load(release.digest).release == release
    with pytest.raises(UnknownNameError):
        bench.registry.load("shout")


@pytest.mark.parametrize("wanted", ["whisper", "0" * 64, "", "../shout", "shout/1.0.0"])
def test_what_is_not_there_is_named(bench: "Bench", wanted: str) -> None:
    bench.go_live()
    with pytest.raises(UnknownNameError):
        bench.registry.load(wanted)


def _load_what_was_changed(
    bench: "Bench", digest: str, expected: type[TrustError], why: str
) -> None:
    """Load it: the error is raised, the release set aside, the ledger says so."""
    with pytest.raises(expected, match=why):
        bench.registry.load(digest)
    assert bench.store.releases.load(digest).release.status is Status.QUARANTINED
    last = bench.store.ledger.load(kind="status_changed", subject=digest)[-1]
    assert last.payload["after"] == "quarantined"
    assert bench.store.releases.find_live("shout") is None
    with pytest.raises(QuarantinedError, match="is quarantined"):
        bench.registry.load(digest)
    with pytest.raises(UnknownNameError):
        bench.registry.load("shout")
    bench.store.ledger.check()


@pytest.mark.parametrize("path", ["skill.py", "SKILL.md", "test_skill.py", "skill.json"])
@pytest.mark.parametrize("place", [0.0, 0.5, 0.99])
def test_a_flipped_byte_of_any_file_is_noticed(bench: "Bench", path: str, place: float) -> None:
    release = bench.go_live()
    files = dict(bench.registry.load("shout").files)
    changed = bytearray(files[path])
    changed[int(place * len(changed))] ^= 1
    sha256 = sha256_hex(files[path])
    _change(bench, "UPDATE blobs SET content = :c WHERE sha256 = :s", c=bytes(changed), s=sha256)
    _load_what_was_changed(bench, release.digest, DigestMismatchError, path)


def test_a_file_taken_away_is_noticed(bench: "Bench") -> None:
    release = bench.go_live()
    _change(bench, "DELETE FROM release_files WHERE path = 'test_skill.py'")
    _load_what_was_changed(bench, release.digest, DigestMismatchError, "release shout")


def test_a_file_replaced_in_the_listing_is_noticed(bench: "Bench") -> None:
    release = bench.go_live()
    evil = bench.store.blobs.save(b"import os\n")
    _change(bench, "UPDATE release_files SET sha256 = :s WHERE path = 'skill.py'", s=evil)
    _load_what_was_changed(bench, release.digest, DigestMismatchError, "release shout")


def test_a_file_added_to_the_listing_is_noticed(bench: "Bench") -> None:
    release = bench.go_live()
    evil = bench.store.blobs.save(b"import os\n")
    _change(
        bench,
        "INSERT INTO release_files (digest, path, sha256) VALUES (:d, 'conftest.py', :s)",
        d=release.digest,
        s=evil,
    )
    _load_what_was_changed(bench, release.digest, DigestMismatchError, "release shout")


def test_an_attestation_taken_away_is_noticed(bench: "Bench") -> None:
    release = bench.go_live()
    _change(bench, "DELETE FROM attestations")
    _load_what_was_changed(bench, release.digest, SignatureError, "has no attestation")


def test_an_attestation_of_another_release_is_noticed(bench: "Bench") -> None:
    release, other = bench.go_live(), bench.publish("whisper")
    (theirs,) = bench.store.attestations.load(other.digest)
    _change(
        bench,
        "UPDATE attestations SET envelope = :e WHERE digest = :d",
        e=theirs.envelope,
        d=release.digest,
    )
    _load_what_was_changed(bench, release.digest, DigestMismatchError, "file")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE releases SET version = '9.9.9'", r"9\.9\.9"),
        ("UPDATE releases SET contract = replace(contract, '5000', '600000')", "contract"),
    ],
)
def test_a_line_that_tells_another_story_is_noticed(bench: "Bench", change: str, why: str) -> None:
    release = bench.go_live()
    _change(bench, change)
    _load_what_was_changed(bench, release.digest, SignatureError, why)


def test_a_pointer_bent_to_another_skill_is_noticed(bench: "Bench") -> None:
    bench.go_live()
    other = bench.go_live("whisper")
    _change(bench, "UPDATE live_pointers SET digest = :d WHERE name = 'shout'", d=other.digest)
    with pytest.raises(StoreCorruptError, match="shows whisper"):
        bench.registry.load("shout")


def test_a_pointer_bent_to_an_older_version_is_noticed(bench: "Bench") -> None:
    older = bench.go_live()
    bench.go_live(version="1.1.0")
    _change(bench, "UPDATE live_pointers SET digest = :d WHERE name = 'shout'", d=older.digest)
    with pytest.raises(StoreCorruptError, match="'superseded'"):
        bench.registry.load("shout")


def test_the_exported_folder_is_never_loaded(bench: "Bench") -> None:
    release = bench.go_live()
    (bench.skills / "shout" / "1.0.0" / "shout" / "skill.py").write_text("import os\n")
    loaded = bench.registry.load("shout")
    assert loaded.release == release
    assert b"import os" not in loaded.files["skill.py"]


def test_releases_outlive_a_rotation_of_keys(bench: "Bench") -> None:
    release = bench.go_live()
    rotate(bench.keys, bench.store, clock=bench.clock)
    assert bench.registry.load("shout").release == release


def test_a_revoked_key_takes_its_releases_along(bench: "Bench") -> None:
    release = bench.go_live()
    revoke(bench.keys, bench.store, bench.signer.key_id, "stolen", clock=bench.clock)
    _load_what_was_changed(bench, release.digest, KeyUnusableError, "stolen")


def test_an_attestation_of_the_new_key_keeps_a_release(bench: "Bench") -> None:
    release = bench.go_live()
    successor = rotate(bench.keys, bench.store, clock=bench.clock)
    files = dict(bench.registry.load("shout").files)
    bench.registry.attest(release.digest, bench.sign(files, bench.claim(), by=successor))
    revoke(bench.keys, bench.store, bench.signer.key_id, "stolen", clock=bench.clock)
    assert bench.registry.load("shout").release == release
    folder = bench.registry.export(release.digest)
    assert (folder / "attestation.jsonl").read_bytes().count(b"\n") == 2


def test_nobody_else_attests(bench: "Bench") -> None:
    release, other = bench.go_live(), bench.files("whisper")
    about_other = bench.sign(other, bench.claim("whisper"))
    with pytest.raises(TrustError):
        bench.registry.attest(release.digest, about_other)
    assert len(bench.store.attestations.load(release.digest)) == 1


def test_a_retired_key_backdates_nothing(bench: "Bench") -> None:
    """A thief of a retired key writes any date he likes into a statement; it does not count."""
    files = bench.files()
    rotate(bench.keys, bench.store, clock=bench.clock)
    early = bench.claim().model_copy(update={"began_at": bench.clock.at.replace(year=2020)})
    with pytest.raises(KeyUnusableError):
        bench.registry.publish(files, bench.sign(files, early, by=bench.signer))


def test_checking_changes_nothing(bench: "Bench") -> None:
    release = bench.go_live()
    _change(bench, "UPDATE blobs SET content = x'00'")
    with pytest.raises(DigestMismatchError):
        bench.registry.check(release.digest)
    assert bench.registry.resolve("shout").status is Status.LIVE


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_of_a_kept_attestation_is_noticed(
    bench: "Bench", place: float, flip: int
) -> None:
    if not bench.registry.inventory():
        bench.go_live()
    (release,) = bench.registry.inventory()
    (kept,) = bench.store.attestations.load(release.digest)
    changed = bytearray(kept.envelope)
    changed[int(place * len(changed))] ^= flip
    _change(bench, "UPDATE attestations SET envelope = :e", e=bytes(changed))
    with pytest.raises(TrustError):
        bench.registry.check(release.digest)
    _change(bench, "UPDATE attestations SET envelope = :e", e=kept.envelope)
    bench.registry.check(release.digest)


def test_envelopes_are_kept_as_they_are_rendered(bench: "Bench") -> None:
    files = bench.files()
    envelope = bench.sign(files, bench.claim())
    release = bench.registry.publish(files, envelope)
    (kept,) = bench.store.attestations.load(release.digest)
    assert kept.envelope == render_envelope(envelope)
