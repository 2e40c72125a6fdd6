"""What has to hold before a release is taken in.

The files may be part of a skill and are listed in skill.json, each with its digest; a key that may
vouch for something new signed a statement about exactly these files; the statement, skill.json and
SKILL.md tell one story; and the statement says that nothing failed: every gate, every launch gate
and the score. A failed candidate never gets further than here (DESIGN, invariant 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from skillkiln.errors import InvalidSkillError
from skillkiln.records.evidence import Outcome
from skillkiln.records.releases import Release
from skillkiln.registry.dependencies import resolve_dependencies
from skillkiln.skill.digest import build_listing, folder_digest
from skillkiln.skill.folder import (
    SKILL_MD,
    UNSIGNED_FILES,
    SkillFiles,
    check_files,
    check_listed,
)
from skillkiln.skill.manifest import MANIFEST_FILE, Manifest, parse_manifest
from skillkiln.skill.skill_md import parse_skill_md
from skillkiln.skill.status import Status
from skillkiln.store.interface import Store
from skillkiln.store.rows import KeptRelease
from skillkiln.trust.envelope import Envelope, render_envelope
from skillkiln.trust.policy import check_release
from skillkiln.trust.statement import Claim


@dataclass(frozen=True, slots=True)
class Admission:
    """A release that may be taken in, ready to be kept."""

    kept: KeptRelease
    files: Mapping[str, bytes]
    envelope: bytes
    ledger_head: str

    @property
    def digest(self) -> str:
        """The release's address."""
        return self.kept.release.digest


def admit(
    files: SkillFiles, envelope: Envelope, store: Store, *, now: datetime, root: str
) -> Admission:
    """Check a release that asks to be taken in, and say what would be kept of it.

    Args:
        files: content by path, skill.json included.
        envelope: the signed statement about them.
        store: knows the keys and the releases that it may depend on.
        now: the moment of asking, in UTC.
        root: name of the folder that releases are exported to, relative to the workspace.

    Raises:
        InvalidSkillError: the files are no skill, or the statement says that something failed.
        InvalidContractError: skill.json is wrong, or names a skill that is not released.
        TrustError: no key that may vouch signed this.
    """
    manifest = _check_folder(files)
    statement = check_release(
        envelope, store.keys.load(), recorded_at=now, present=build_listing(files)
    )
    _check_claim(statement.claim, manifest)
    return Admission(
        kept=KeptRelease(
            release=_build_line(files, manifest, statement.claim, root=root),
            contract=manifest.contract(),
            need_id=statement.claim.need_id,
            files=build_listing(files),
            depends_on=resolve_dependencies(manifest, store),
        ),
        files=files,
        envelope=render_envelope(envelope),
        ledger_head=statement.claim.ledger_head,
    )


def _check_folder(files: SkillFiles) -> Manifest:
    check_files(files)
    if unsigned := sorted(UNSIGNED_FILES.intersection(files)):
        raise InvalidSkillError(f"file {unsigned[0]!r}: no signature covers it; hand it in apart")
    if MANIFEST_FILE not in files:
        raise InvalidSkillError(f"file {MANIFEST_FILE!r} is missing")
    manifest = parse_manifest(files[MANIFEST_FILE])
    check_listed(files, manifest)
    return manifest


def _check_claim(claim: Claim, manifest: Manifest) -> None:
    told = (claim.name, claim.version, claim.made_by, claim.dossier)
    written = (manifest.name, manifest.version, manifest.created_by, manifest.source.dossier)
    if told != written:
        raise InvalidSkillError(f"the statement says {told}, skill.json says {written}")
    failed = [gate.gate for gate in claim.gates if gate.outcome is Outcome.FAILED]
    failed += [gate.name for gate in claim.launch_gates if not gate.is_held]
    if failed:
        raise InvalidSkillError(f"a failed candidate is not released; failed: {', '.join(failed)}")
    if not any(gate.outcome is Outcome.PASSED for gate in claim.gates):
        raise InvalidSkillError("nothing proved this: the statement names no gate that passed")
    if claim.score < claim.min_score:
        raise InvalidSkillError(f"score: expected at least {claim.min_score}, got {claim.score}")


def _build_line(files: SkillFiles, manifest: Manifest, claim: Claim, *, root: str) -> Release:
    return Release(
        name=manifest.name,
        version=manifest.version,
        digest=folder_digest(files),
        kind=manifest.kind,
        status=Status.CANDIDATE,
        description=_read_description(files, manifest),
        created_at=manifest.created_at,
        created_by=manifest.created_by,
        source_signal=manifest.source.dossier,
        path=f"{root}/{manifest.name}/{manifest.version}/{manifest.name}",
        score=claim.score,
    )


def _read_description(files: SkillFiles, manifest: Manifest) -> str:
    if SKILL_MD not in files:
        raise InvalidSkillError(f"file {SKILL_MD!r} is missing")
    skill_md = parse_skill_md(files[SKILL_MD])
    if skill_md.name != manifest.name:
        raise InvalidSkillError(
            f"{SKILL_MD} is of {skill_md.name!r}, {MANIFEST_FILE} is of {manifest.name!r}"
        )
    return skill_md.description
