"""From an accepted candidate to a signed, published release.

    version    what changed for callers decides (`release.versions`)
    skill.json contract, sha256 of every file, provenance
    statement  how it came to be and what proved it, signed
    publish    into the registry, status shadow

The evidence has to be about exactly these files: its candidate digest is computed again. The only
thing written after the proof is the version, in skill.json and, where SKILL.md has one in its
metadata, there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from skillkiln.errors import DigestMismatchError, InvalidSkillError
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Verdict
from skillkiln.records.needs import Need
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.release.versions import choose_version
from skillkiln.skill.contract import Contract
from skillkiln.skill.digest import build_listing, folder_digest
from skillkiln.skill.folder import SKILL_MD
from skillkiln.skill.manifest import (
    MANIFEST_FILE,
    Manifest,
    Source,
    TestResults,
    render_manifest,
)
from skillkiln.skill.skill_md import parse_skill_md, render_skill_md
from skillkiln.skill.status import Status
from skillkiln.store.interface import Store
from skillkiln.trust.envelope import sign_payload
from skillkiln.trust.keys import SigningKey
from skillkiln.trust.statement import (
    PAYLOAD_TYPE,
    Claim,
    GateOutcome,
    LaunchGate,
    build_statement,
    digest_evidence,
)


def release_candidate(
    candidate: Candidate,
    need: Need,
    evidence: Evidence,
    verdict: Verdict,
    *,
    signer: SigningKey,
    registry: Registry,
    store: Store,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    launch_gates: Sequence[LaunchGate] = (),
) -> Release:
    """Sign and publish an accepted candidate.

    Args:
        candidate: what was written.
        need: what it answers.
        evidence: what the gates saw of exactly this candidate.
        verdict: the judge's, which accepts it.
        signer: the workspace's active key.
        registry: takes the release in.
        store: its ledger's head goes into the statement.
        clock: gives the present moment in UTC.
        new_id: gives the trace id of this release.
        launch_gates: what had to hold before the release, with what was found.

    Returns:
        The release, in status shadow.

    Raises:
        InvalidSkillError: it was not accepted, answers another need, or is no valid skill.
        DigestMismatchError: the evidence is about other files.
        TrustError: the signer may not vouch.
        StoreError: it could not be kept; nothing of it was.
    """
    _check_accepted(candidate, need, evidence, verdict)
    source = Source(task_id=need.id, trace_id=new_id(), dossier=name_dossier(need))
    latest = registry.find_latest(candidate.contract.name)
    version = choose_version(candidate.contract, latest.contract if latest else None)
    contract = candidate.contract.model_copy(update={"version": str(version)})
    written = _build_files(candidate, contract)
    manifest = _build_manifest(candidate, contract, source, evidence, written, now=clock())
    files = {**written, MANIFEST_FILE: render_manifest(manifest)}
    claim = _build_claim(manifest, evidence, verdict, launch_gates, store.ledger.find_head())
    envelope = sign_payload(PAYLOAD_TYPE, build_statement(claim, build_listing(files)), [signer])
    return registry.publish(files, envelope, estimated_tokens_saved=need.estimated_tokens)


def find_unfinished(candidate: Candidate, need: Need, registry: Registry) -> Release | None:
    """Return the release of exactly this candidate that is still in shadow, if there is one.

    A run that was cut off after publishing left it there. The next run takes it up, instead of
    releasing the same files once more under another version.
    """
    latest = registry.find_latest(candidate.contract.name)
    if latest is None or latest.release.status is not Status.SHADOW or latest.need_id != need.id:
        return None
    contract = candidate.contract.model_copy(update={"version": latest.release.version})
    listing = build_listing(_build_files(candidate, contract))
    released = {path: sha for path, sha in latest.files.items() if path != MANIFEST_FILE}
    return latest.release if (latest.contract, released) == (contract, listing) else None


def name_dossier(need: Need) -> str:
    """Return where a need and its evidence are kept: its gap, or else the request itself."""
    return f"gap:{need.gap_id}" if need.gap_id else f"request:{need.id}"


def _check_accepted(candidate: Candidate, need: Need, evidence: Evidence, verdict: Verdict) -> None:
    if candidate.need_id != need.id:
        raise InvalidSkillError(f"it answers need {candidate.need_id!r}, not {need.id!r}")
    if evidence.failures:
        failed = evidence.failures[0]
        raise InvalidSkillError(
            f"a failed candidate is not released: gate {failed.gate!r} says {failed.summary!r}"
        )
    if not verdict.is_accepted:
        raise InvalidSkillError(f"the judge does not accept it: {verdict.reason}")
    got = folder_digest(_encode(candidate.files))
    if got != evidence.candidate_digest:
        raise DigestMismatchError(
            "the candidate that the evidence is about", expected=evidence.candidate_digest, got=got
        )


def _build_files(candidate: Candidate, contract: Contract) -> dict[str, bytes]:
    files = _encode(candidate.files)
    if SKILL_MD in files:
        files[SKILL_MD] = _write_version(files[SKILL_MD], contract.version)
    return files


def _write_version(content: bytes, version: str) -> bytes:
    skill_md = parse_skill_md(content)
    if skill_md.metadata.get("version", version) == version:
        return content
    metadata = {**skill_md.metadata, "version": version}
    return render_skill_md(skill_md.model_copy(update={"metadata": metadata})).encode()


def _build_manifest(
    candidate: Candidate,
    contract: Contract,
    source: Source,
    evidence: Evidence,
    files: dict[str, bytes],
    *,
    now: datetime,
) -> Manifest:
    return Manifest(
        **dict(contract),
        created_at=now,
        created_by=candidate.author,
        source=source,
        test_results=TestResults(
            passed=int(evidence.figure("tests_passed")),
            failed=int(evidence.figure("tests") - evidence.figure("tests_passed")),
            learned_from=candidate.learned_from,
            held_out=candidate.held_out,
        ),
        sha256=build_listing(files),
    )


def _build_claim(
    manifest: Manifest,
    evidence: Evidence,
    verdict: Verdict,
    launch_gates: Sequence[LaunchGate],
    ledger_head: str,
) -> Claim:
    return Claim(
        name=manifest.name,
        version=manifest.version,
        made_by=manifest.created_by,
        need_id=manifest.source.task_id,
        dossier=manifest.source.dossier,
        trace_id=manifest.source.trace_id,
        began_at=evidence.began_at,
        finished_at=evidence.began_at + timedelta(milliseconds=evidence.duration_ms),
        evidence_sha256=digest_evidence(evidence),
        gates=tuple(
            GateOutcome(gate=finding.gate, stage=finding.stage, outcome=finding.outcome)
            for finding in evidence.findings
        ),
        score=verdict.score,
        min_score=verdict.min_score,
        launch_gates=tuple(launch_gates),
        ledger_head=ledger_head,
    )


def _encode(files: dict[str, str]) -> dict[str, bytes]:
    # A lone surrogate becomes bytes that are no UTF-8, which the registry refuses by name.
    return {path: text.encode("utf-8", "surrogatepass") for path, text in files.items()}
