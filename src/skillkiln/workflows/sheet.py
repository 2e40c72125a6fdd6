"""All there is to know about one release, gathered for a person."""

from dataclasses import dataclass

from skillkiln.errors import TrustError, UnknownNameError
from skillkiln.records.attempts import Attempt
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.skill.contract import Contract
from skillkiln.store.interface import Store
from skillkiln.store.rows import KeptRelease, StatusChange
from skillkiln.trust.statement import Statement, digest_evidence


@dataclass(frozen=True, slots=True)
class SkillSheet:
    """What is known of a release."""

    release: Release
    contract: Contract
    files: dict[str, str]
    """Text by path; empty where the bytes do not hold any more."""
    attempt: Attempt | None
    """With the evidence that was signed, and the verdict; None where there is none."""
    history: tuple[StatusChange, ...]
    """Every status change of every version of the name, oldest first."""
    statement: Statement | None
    """What was signed; None where the signature does not hold."""
    problem: str | None
    """Why the release cannot be loaded, if it cannot."""


def build_sheet(store: Store, registry: Registry, name_or_digest: str) -> SkillSheet:
    """Gather what is known of a name's live release, else its latest, or of a digest.

    Raises:
        UnknownNameError: there is no such skill.
    """
    kept = _find_kept(store, registry, name_or_digest)
    release = kept.release
    files: dict[str, str] = {}
    statement, problem = None, None
    try:
        loaded = registry.check(release.digest)
        files = {path: content.decode() for path, content in loaded.files.items()}
        statement = loaded.statement
    except TrustError as error:
        problem = error.message
    return SkillSheet(
        release=release,
        contract=kept.contract,
        files=files,
        attempt=_find_attempt(store, kept, statement),
        history=registry.history(release.name),
        statement=statement,
        problem=problem,
    )


def _find_kept(store: Store, registry: Registry, name_or_digest: str) -> KeptRelease:
    by_digest = store.releases.find(name_or_digest)
    if by_digest is not None:
        return by_digest
    live = store.releases.find_live(name_or_digest)
    if live is not None:
        return store.releases.load(live)
    latest = registry.find_latest(name_or_digest)
    if latest is None:
        raise UnknownNameError("skill", name_or_digest, hint="`skillkiln skills` lists them")
    return latest


def _find_attempt(store: Store, kept: KeptRelease, statement: Statement | None) -> Attempt | None:
    """Return the attempt whose evidence was signed; one that was redacted, by when it began."""
    if statement is None:
        return None
    claim = statement.claim
    for each in store.attempts.load(kept.need_id):
        evidence = each.attempt.evidence
        if evidence is None:
            continue
        is_signed = digest_evidence(evidence) == claim.evidence_sha256
        if is_signed or (each.is_redacted and evidence.began_at == claim.began_at):
            return each.attempt
    return None
