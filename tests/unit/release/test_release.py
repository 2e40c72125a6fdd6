"""Releasing an accepted candidate: signed as it was proved, and nothing else gets through."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skillkiln.errors import (
    DigestMismatchError,
    InvalidSkillError,
    KeyUnusableError,
    SkillkilnError,
)
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Finding, Outcome, ScoreLine, Stage, Verdict
from skillkiln.records.needs import Need
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.release.release import find_unfinished, name_dossier, release_candidate
from skillkiln.skill.contract import Contract
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.skill_md import SkillMd, parse_skill_md, render_skill_md
from skillkiln.skill.status import Status
from skillkiln.store.key_files import create_key, load_signer, rotate
from skillkiln.store.sql import SqlStore, memory_store
from skillkiln.trust.keys import SigningKey
from skillkiln.trust.statement import LaunchGate, digest_evidence

NEED = Need(id="n1", gap_id="3f9a0c", name="shout", purpose="Shout.", estimated_tokens=1200)
PASSED = Finding(
    gate="own_tests",
    stage=Stage.TEST,
    outcome=Outcome.PASSED,
    summary="5 passed",
    figures={"tests": 5, "tests_passed": 5},
)
FAILED = Finding(
    gate="types",
    stage=Stage.TYPECHECK,
    outcome=Outcome.FAILED,
    summary="2 errors",
    reason=FailureReason.TYPE_ERROR,
)


@dataclass
class Clock:
    """Each reading is a second later."""

    at: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Bench:
    """A registry, a key, and candidates to release."""

    store: SqlStore
    registry: Registry
    signer: SigningKey
    keys: Path
    clock: Clock = field(default_factory=Clock)
    ids: Iterator[int] = field(default_factory=itertools.count)

    def candidate(
        self, *, metadata: dict[str, str] | None = None, code: str = "", **contract: Any
    ) -> Candidate:
        skill_md = SkillMd(name="shout", description="Shouts.", body="", metadata=metadata or {})
        fields: dict[str, Any] = {
            "name": "shout",
            "version": "1.0.0",
            "input_schema": {"type": "object", "properties": {"line": {"type": "string"}}},
            "output_schema": {"type": "string"},
        }
        return Candidate(
            need_id="n1",
            author="agent:by-example",
            contract=Contract.model_validate({**fields, **contract}),
            files={
                "SKILL.md": render_skill_md(skill_md),
                "skill.py": f"def run(line: str) -> str:\n    return line.upper(){code}\n",
                "test_skill.py": "def test() -> None: ...\n",
            },
            learned_from=3,
            held_out=2,
        )

    def evidence(self, candidate: Candidate, *findings: Finding) -> Evidence:
        files = {
            path: text.encode("utf-8", "surrogatepass") for path, text in candidate.files.items()
        }
        return Evidence(
            candidate_digest=folder_digest(files),
            findings=findings or (PASSED,),
            began_at=self.clock(),
            duration_ms=1500,
        )

    def release(self, candidate: Candidate | None = None, **changes: Any) -> Release:
        candidate = candidate or self.candidate()
        values: dict[str, Any] = {
            "need": NEED,
            "evidence": self.evidence(candidate),
            "verdict": accept(),
            "signer": self.signer,
            **changes,
        }
        return release_candidate(
            candidate,
            registry=self.registry,
            store=self.store,
            clock=self.clock,
            new_id=lambda: f"trace-{next(self.ids)}",
            **values,
        )


def accept(*, is_accepted: bool = True) -> Verdict:
    line = ScoreLine(criterion="tests", points=9.8, out_of=10, because="all of them")
    return Verdict(score=9.8, min_score=9.6, lines=(line,), is_accepted=is_accepted, reason="dull")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = Clock()
    store = memory_store(clock=clock)
    signer = create_key(tmp_path / "keys", store, clock=clock)
    registry = Registry(store, tmp_path / "skills", clock)
    yield Bench(store, registry, signer, tmp_path / "keys", clock)
    store.close()


def test_an_accepted_candidate_becomes_a_release_in_shadow(bench: Bench) -> None:
    release = bench.release()
    assert (release.name, release.version, release.status) == ("shout", "1.0.0", Status.SHADOW)
    assert (release.created_by, release.source_signal) == ("agent:by-example", "gap:3f9a0c")
    assert (release.score, release.estimated_tokens_saved) == (9.8, 1200)
    assert bench.registry.load(release.digest).release == release


def test_skill_json_says_where_it_came_from(bench: Bench) -> None:
    manifest = bench.registry.load(bench.release().digest).manifest
    assert manifest.source.task_id == "n1"
    assert manifest.source.trace_id == "trace-0"
    assert manifest.source.dossier == "gap:3f9a0c"
    results = manifest.test_results
    assert (results.passed, results.failed) == (5, 0)
    assert (results.learned_from, results.held_out) == (3, 2)
    assert set(manifest.sha256) == {"SKILL.md", "skill.py", "test_skill.py"}


def test_the_statement_says_what_proved_it(bench: Bench) -> None:
    head = bench.store.ledger.find_head()
    candidate = bench.candidate()
    evidence = bench.evidence(candidate)
    gate = LaunchGate(name="score", is_held=True)
    release = bench.release(candidate, evidence=evidence, launch_gates=[gate])
    claim = bench.registry.load(release.digest).statement.claim
    assert claim.evidence_sha256 == digest_evidence(evidence)
    assert claim.evidence_sha256 == digest_evidence(
        Evidence.model_validate_json(evidence.model_dump_json())
    ), "the evidence that was kept gives the same digest"
    assert [(g.gate, g.stage, g.outcome) for g in claim.gates] == [
        ("own_tests", Stage.TEST, Outcome.PASSED)
    ]
    assert claim.launch_gates == (gate,)
    assert (claim.ledger_head, claim.trace_id) == (head, "trace-0")
    assert claim.finished_at - claim.began_at == timedelta(milliseconds=1500)


def _refuse(bench: Bench, expected: type[SkillkilnError], why: str, **values: Any) -> None:
    entries = len(bench.store.ledger.load())
    with pytest.raises(expected, match=why):
        bench.release(**values)
    assert bench.registry.inventory() == ()
    assert len(bench.store.ledger.load()) == entries


def test_a_failed_candidate_is_not_released(bench: Bench) -> None:
    candidate = bench.candidate()
    evidence = bench.evidence(candidate, PASSED, FAILED)
    _refuse(bench, InvalidSkillError, "'types' says '2 errors'", evidence=evidence)


def test_what_no_gate_looked_at_is_not_released(bench: Bench) -> None:
    skipped = PASSED.model_copy(update={"outcome": Outcome.NOT_NEEDED})
    evidence = bench.evidence(bench.candidate(), skipped)
    _refuse(bench, InvalidSkillError, "nothing proved this", evidence=evidence)


def test_what_the_judge_does_not_accept_is_not_released(bench: Bench) -> None:
    _refuse(bench, InvalidSkillError, "dull", verdict=accept(is_accepted=False))


def test_a_score_below_the_bar_is_not_released_though_accepted(bench: Bench) -> None:
    verdict = accept().model_copy(update={"score": 9.5})
    _refuse(bench, InvalidSkillError, r"expected at least 9\.6", verdict=verdict)


def test_a_launch_gate_that_does_not_hold_is_not_passed(bench: Bench) -> None:
    gates = [LaunchGate(name="enough sealed cases", is_held=False)]
    _refuse(bench, InvalidSkillError, "enough sealed cases", launch_gates=gates)


def test_evidence_of_another_candidate_proves_nothing(bench: Bench) -> None:
    evidence = bench.evidence(bench.candidate(code="  # changed after the proof"))
    _refuse(bench, DigestMismatchError, "the evidence is about", evidence=evidence)


def test_a_candidate_for_another_need_is_not_released(bench: Bench) -> None:
    other = NEED.model_copy(update={"id": "n2"})
    _refuse(bench, InvalidSkillError, "'n1', not 'n2'", need=other)


def test_a_key_out_of_service_releases_nothing(bench: Bench) -> None:
    rotate(bench.keys, bench.store, clock=bench.clock)
    _refuse(bench, KeyUnusableError, "was retired")
    signer = load_signer(bench.keys, bench.store)
    assert bench.release(signer=signer).status is Status.SHADOW


def test_text_that_is_no_unicode_is_refused(bench: Bench) -> None:
    candidate = bench.candidate()
    broken = candidate.model_copy(update={"files": {**candidate.files, "a.txt": "\ud800"}})
    _refuse(bench, InvalidSkillError, "not UTF-8", candidate=broken)


def test_versions_follow_what_changed_whatever_the_candidate_says(bench: Bench) -> None:
    wider: dict[str, Any] = {"type": "object", "properties": {"line": {}, "limit": {}}}
    releases = [
        bench.release(),
        bench.release(bench.candidate(version="7.0.0")),
        bench.release(bench.candidate(output_schema={"type": "integer"})),
        bench.release(bench.candidate(input_schema=wider, output_schema={"type": "integer"})),
    ]
    assert [release.version for release in releases] == ["1.0.0", "1.0.1", "2.0.0", "3.0.0"]
    manifests = [bench.registry.load(release.digest).manifest for release in releases]
    assert [manifest.version for manifest in manifests] == ["1.0.0", "1.0.1", "2.0.0", "3.0.0"]


def test_the_version_goes_into_skill_md_where_it_has_one(bench: Bench) -> None:
    bench.release()
    candidate = bench.candidate(metadata={"version": "1.0.0", "team": "x"})
    loaded = bench.registry.load(bench.release(candidate).digest)
    assert loaded.manifest.version == "1.0.1"
    metadata = parse_skill_md(loaded.files["SKILL.md"]).metadata
    assert metadata == {"version": "1.0.1", "team": "x"}


def test_skill_md_is_otherwise_released_byte_for_byte(bench: Bench) -> None:
    candidate = bench.candidate(metadata={"team": "x"})
    bench.release()
    loaded = bench.registry.load(bench.release(candidate).digest)
    assert loaded.files["SKILL.md"] == candidate.files["SKILL.md"].encode()
    assert loaded.files["skill.py"] == candidate.files["skill.py"].encode()


def test_what_is_still_in_shadow_is_taken_up_where_it_is_the_very_same(bench: Bench) -> None:
    for metadata in (None, {"version": "1.0.0"}):
        candidate = bench.candidate(metadata=metadata)
        release = bench.release(candidate)
        assert find_unfinished(candidate, NEED, bench.registry) == release


@pytest.mark.parametrize(
    "changes", [{"code": " "}, {"timeout_ms": 9}, {"metadata": {"version": "1.0.0"}}], ids=str
)
def test_anything_else_is_a_release_of_its_own(bench: Bench, changes: dict[str, Any]) -> None:
    assert find_unfinished(bench.candidate(), NEED, bench.registry) is None
    release = bench.release()
    assert find_unfinished(bench.candidate(**changes), NEED, bench.registry) is None
    other_need = NEED.model_copy(update={"id": "n2"})
    assert find_unfinished(bench.candidate(), other_need, bench.registry) is None
    bench.registry.make_live(release.digest)
    assert find_unfinished(bench.candidate(), NEED, bench.registry) is None


def test_a_need_without_a_gap_is_its_own_dossier() -> None:
    assert name_dossier(NEED) == "gap:3f9a0c"
    assert name_dossier(NEED.model_copy(update={"gap_id": None})) == "request:n1"


def test_the_exported_folder_holds_the_contract_and_the_attestation(
    bench: Bench, tmp_path: Path
) -> None:
    release = bench.release()
    folder = tmp_path / release.path
    assert json.loads((folder / "skill.json").read_text())["version"] == "1.0.0"
    envelope = json.loads((folder / "attestation.jsonl").read_text())
    assert envelope["signatures"][0]["keyid"] == bench.signer.key_id
