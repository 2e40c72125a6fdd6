"""Only what is signed, proved and listed gets in, and it gets in whole."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from skillkiln.errors import (
    InvalidContractError,
    InvalidInputError,
    InvalidSkillError,
    SignatureError,
    SkillkilnError,
    StoreFullError,
    TrustError,
)
from skillkiln.records.evidence import Outcome, Stage
from skillkiln.registry.folders import read_skill_folder
from skillkiln.skill.digest import folder_digest, sha256_hex
from skillkiln.skill.status import Status
from skillkiln.store.key_files import revoke, rotate
from skillkiln.trust.envelope import Envelope, Signature, parse_envelope, sign_payload
from skillkiln.trust.keys import generate_key
from skillkiln.trust.statement import LaunchGate

if TYPE_CHECKING:
    from tests.unit.registry.conftest import Bench


def test_a_release_gets_in_and_is_in_shadow(bench: "Bench") -> None:
    files = bench.files()
    release = bench.registry.publish(
        files, bench.sign(files, bench.claim()), estimated_tokens_saved=1200
    )
    assert release.status is Status.SHADOW
    assert release.digest == folder_digest(files)
    assert release.description == "Does shout. Use it for shout."
    assert (release.source_signal, release.score) == ("gap:3f9a0c", 9.8)
    assert release.estimated_tokens_saved == 1200
    assert bench.registry.inventory() == (release,)
    steps = [(step.before, step.after) for step in bench.registry.history("shout")]
    assert steps == [(Status.CANDIDATE, Status.SHADOW)]


def test_it_stands_in_the_ledger(bench: "Bench") -> None:
    head = bench.store.ledger.find_head()
    release = bench.publish()
    (entry,) = bench.store.ledger.load(kind="published")
    assert entry.subject == release.digest
    assert entry.payload["signed_at_head"] == head
    bench.store.ledger.check(heads=[head])


def test_its_folder_is_written_for_people_and_hosts(bench: "Bench") -> None:
    release = bench.publish()
    folder = bench.skills / "shout" / "1.0.0" / "shout"
    assert release.path == "skills/shout/1.0.0/shout"
    files = read_skill_folder(folder)
    (line,) = files.pop("attestation.jsonl").splitlines()
    assert folder_digest(files) == release.digest
    assert parse_envelope(line).signatures[0].key_id == bench.signer.key_id
    listed = json.loads(files["skill.json"])["sha256"]
    assert listed["skill.py"] == sha256_hex(files["skill.py"])


def test_publishing_again_changes_nothing(bench: "Bench") -> None:
    files = bench.files()
    envelope = bench.sign(files, bench.claim())
    first = bench.registry.publish(files, envelope)
    live = bench.registry.make_live(first.digest)
    entries = len(bench.store.ledger.load())
    assert bench.registry.publish(files, envelope) == live
    assert len(bench.store.ledger.load()) == entries


def test_a_version_is_published_once(bench: "Bench") -> None:
    bench.publish()
    files = bench.files(code=b"def run(line: str) -> str:\n    return line\n")
    with pytest.raises(InvalidInputError, match=r"shout 1\.0\.0 is released already"):
        bench.registry.publish(files, bench.sign(files, bench.claim()))


def _refuse(
    bench: "Bench", files: dict[str, bytes], envelope: Envelope, why: str
) -> SkillkilnError:
    """Publish what must not get in, and see that nothing of it did."""
    entries = len(bench.store.ledger.load())
    with pytest.raises(SkillkilnError, match=why) as refusal:
        bench.registry.publish(files, envelope)
    assert bench.registry.inventory() == ()
    assert len(bench.store.ledger.load()) == entries
    assert not bench.skills.exists()
    return refusal.value


def test_a_stranger_publishes_nothing(bench: "Bench") -> None:
    files = bench.files()
    envelope = bench.sign(files, bench.claim(), by=generate_key())
    error = _refuse(bench, files, envelope, "no key of this workspace")
    assert isinstance(error, SignatureError)


def test_a_stranger_who_names_our_key_publishes_nothing(bench: "Bench") -> None:
    files = bench.files()
    theirs = bench.sign(files, bench.claim(), by=generate_key())
    named = Signature(bench.signer.key_id, theirs.signatures[0].raw)
    forged = Envelope(theirs.payload_type, theirs.payload, (named,))
    _refuse(bench, files, forged, "no key of this workspace")


def test_a_signature_over_another_payload_publishes_nothing(bench: "Bench") -> None:
    files = bench.files()
    signed = bench.sign(files, bench.claim())
    other = bench.sign(files, bench.claim(score=10)).payload
    _refuse(bench, files, Envelope(signed.payload_type, other, signed.signatures), "no key")


def test_a_signed_text_of_another_type_publishes_nothing(bench: "Bench") -> None:
    files = bench.files()
    payload = bench.sign(files, bench.claim()).payload
    _refuse(bench, files, sign_payload("text/plain", payload, [bench.signer]), "payload type")


def test_other_files_than_the_signed_ones_are_refused(bench: "Bench") -> None:
    envelope = bench.sign(bench.files(), bench.claim())
    error = _refuse(bench, bench.files(code=b"import os\n"), envelope, "skill")
    assert isinstance(error, TrustError)


def test_a_retired_key_publishes_nothing_new(bench: "Bench") -> None:
    files = bench.files()
    envelope = bench.sign(files, bench.claim())
    rotate(bench.keys, bench.store, clock=bench.clock)
    _refuse(bench, files, envelope, "was retired")


def test_a_revoked_key_publishes_nothing(bench: "Bench") -> None:
    files = bench.files()
    envelope = bench.sign(files, bench.claim())
    revoke(bench.keys, bench.store, bench.signer.key_id, "stolen", clock=bench.clock)
    _refuse(bench, files, envelope, "is revoked")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {
                "gates": [
                    {"gate": "types", "stage": Stage.TYPECHECK, "outcome": Outcome.PASSED},
                    {"gate": "sealed_cases", "stage": Stage.TEST, "outcome": Outcome.FAILED},
                ]
            },
            "failed: sealed_cases",
        ),
        ({"gates": []}, "nothing proved this"),
        (
            {"gates": [{"gate": "types", "stage": "typecheck", "outcome": "not_needed"}]},
            "nothing proved this",
        ),
        ({"launch_gates": [LaunchGate(name="enough sealed", is_held=False)]}, "enough sealed"),
        ({"score": 9.59}, "expected at least 9.6, got 9.59"),
        ({"name": "whisper"}, "whisper"),
        ({"version": "1.0.1"}, r"1\.0\.1"),
        ({"made_by": "human:somebody"}, "human:somebody"),
        ({"dossier": "gap:other"}, "gap:other"),
    ],
)
def test_a_signed_claim_that_is_not_good_publishes_nothing(
    bench: "Bench", changes: dict[str, Any], why: str
) -> None:
    files = bench.files()
    error = _refuse(bench, files, bench.sign(files, bench.claim(**changes)), why)
    assert isinstance(error, InvalidSkillError)


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("conftest.py", b"", "it would steer"),
        ("../escape.py", b"", "plain relative path"),
        (".hidden.py", b"", "hidden"),
        ("tool.so", b"", "expected one of"),
        ("blob.txt", b"\0", "binaries"),
        ("extra.py", b"", "skill.json lists"),
        ("attestation.jsonl", b"{}", "no signature covers it"),
        ("skill.py", b"print()\n", "expected sha256"),
        ("skill.json", b"{}", "Field required"),
        ("skill.json", b"[" * 9_999, "not JSON"),
    ],
)
def test_files_that_may_not_be_part_of_a_skill_are_refused(
    bench: "Bench", path: str, content: bytes, why: str
) -> None:
    files = {**bench.files(), path: content}
    _refuse(bench, files, bench.sign(files, bench.claim()), why)


@pytest.mark.parametrize("missing", ["skill.json", "SKILL.md", "skill.py"])
def test_a_missing_file_is_named(bench: "Bench", missing: str) -> None:
    files = bench.files()
    del files[missing]
    _refuse(bench, files, bench.sign(files, bench.claim()), missing.replace(".", r"\."))


def test_a_skill_md_of_another_name_is_refused(bench: "Bench") -> None:
    files, others = bench.files(), bench.files("whisper")
    mixed = {**files, "SKILL.md": others["SKILL.md"]}
    manifest = json.loads(mixed["skill.json"])
    manifest["sha256"]["SKILL.md"] = sha256_hex(mixed["SKILL.md"])
    mixed["skill.json"] = json.dumps(manifest).encode()
    _refuse(bench, mixed, bench.sign(mixed, bench.claim()), "whisper")


def test_a_dependency_that_is_not_released_is_named(bench: "Bench") -> None:
    files = bench.files(dependencies=["skill:whisper@1.0.0"])
    error = _refuse(bench, files, bench.sign(files, bench.claim()), "skill:whisper@1.0.0")
    assert isinstance(error, InvalidContractError)


def test_a_dependency_that_is_quarantined_is_refused(bench: "Bench") -> None:
    whisper = bench.publish("whisper")
    bench.registry.quarantine(whisper.digest, "bad")
    files = bench.files(dependencies=["skill:whisper@1.0.0"])
    with pytest.raises(TrustError, match="quarantined"):
        bench.registry.publish(files, bench.sign(files, bench.claim()))


def test_packages_are_no_concern_of_the_registry(bench: "Bench") -> None:
    release = bench.publish(dependencies=["httpx==0.28.1"])
    assert bench.store.releases.load(release.digest).depends_on == ()


def test_a_full_disk_is_said_and_publishing_again_heals(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    files = bench.files()
    envelope = bench.sign(files, bench.claim())

    def fail(*_: object) -> None:
        raise StoreFullError("no room")

    with monkeypatch.context() as patched:
        patched.setattr("skillkiln.registry.registry.write_skill_folder", fail)
        with pytest.raises(StoreFullError):
            bench.registry.publish(files, envelope)
    assert not bench.skills.exists()
    release = bench.registry.publish(files, envelope)
    assert (bench.skills / "shout" / "1.0.0" / "shout" / "skill.py").read_bytes() == files[
        "skill.py"
    ]
    assert bench.registry.inventory() == (release,)


def test_a_store_that_fails_half_way_keeps_nothing(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    files = bench.files()
    envelope = bench.sign(files, bench.claim())

    def fail(*_: object) -> None:
        raise StoreFullError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(bench.store.attestations, "save", fail)
        _refuse(bench, files, envelope, "no room")
    bench.registry.publish(files, envelope)
    assert bench.store.ledger.check() == len(bench.store.ledger.load())
