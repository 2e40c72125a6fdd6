"""Is what is kept still what was signed? Asked at every load, answered from the bytes themselves.

1. Every file's sha256 is the one kept for it (`store.blobs` computes it again).
2. The folder's digest, computed from these files, is the release's address.
3. A key that may vouch signed a statement about exactly these files.
4. The statement, skill.json and the store's own line tell one story: name, version, contract.

The store's line beyond these (status, score, description) is not signed; a release's status is
what the ledger says.
"""

from dataclasses import dataclass

from skillkiln.errors import (
    DigestMismatchError,
    SignatureError,
    TrustError,
    UnknownNameError,
    UserError,
)
from skillkiln.records.releases import Release
from skillkiln.skill.digest import build_listing, folder_digest
from skillkiln.skill.folder import check_listed
from skillkiln.skill.manifest import MANIFEST_FILE, Manifest, parse_manifest
from skillkiln.store.interface import Store
from skillkiln.store.rows import KeptAttestation, KeptRelease
from skillkiln.trust.envelope import parse_envelope, render_envelope
from skillkiln.trust.keyring import Keyring
from skillkiln.trust.policy import check_release
from skillkiln.trust.statement import Statement


@dataclass(frozen=True, slots=True)
class LoadedSkill:
    """A release whose bytes were checked, and these bytes.

    Attributes:
        release: the inventory's line.
        manifest: skill.json, out of the checked files.
        files: content by path, skill.json included.
        statement: what was signed about it.
    """

    release: Release
    manifest: Manifest
    files: dict[str, bytes]
    statement: Statement


def check_kept(store: Store, kept: KeptRelease) -> LoadedSkill:
    """Return a release's files after checking that they are what was signed.

    Raises:
        DigestMismatchError: a file is missing or changed, or the records disagree.
        SignatureError: no known key signed it.
        KeyUnusableError: the keys that signed it may not vouch for it.
    """
    digest = kept.release.digest
    files = _load_files(store, kept)
    got = folder_digest(files)
    if got != digest:
        raise DigestMismatchError(
            f"release {kept.release.name} {kept.release.version}", expected=digest, got=got
        )
    statement = _check_attestations(store, digest, build_listing(files))
    manifest = _check_one_story(kept, statement, files)
    return LoadedSkill(release=kept.release, manifest=manifest, files=files, statement=statement)


def _load_files(store: Store, kept: KeptRelease) -> dict[str, bytes]:
    paths = {sha256: path for path, sha256 in kept.files.items()}
    try:
        contents = store.blobs.load_many(paths)
    except UnknownNameError as error:
        missing = error.name
        raise DigestMismatchError(
            f"file {paths[missing]!r}", expected=missing, got="none"
        ) from error
    except DigestMismatchError as error:
        raise DigestMismatchError(
            f"file {paths[error.expected]!r}", expected=error.expected, got=error.got
        ) from error
    return {path: contents[sha256] for path, sha256 in kept.files.items()}


def _check_attestations(store: Store, digest: str, present: dict[str, str]) -> Statement:
    keyring: Keyring = store.keys.load()
    refusals: list[TrustError] = []
    for kept in store.attestations.load(digest):
        try:
            return _check_attestation(kept, keyring, present)
        except TrustError as refusal:
            refusals.append(refusal)
    raise refusals[0] if refusals else SignatureError(f"release {digest} has no attestation")


def _check_attestation(
    kept: KeptAttestation, keyring: Keyring, present: dict[str, str]
) -> Statement:
    envelope = parse_envelope(kept.envelope, where=f"attestation of {kept.digest}")
    if render_envelope(envelope) != kept.envelope:
        # The signatures may hold, but these are not the bytes that were kept.
        raise SignatureError(f"the attestation of {kept.digest} was changed")
    return check_release(envelope, keyring, recorded_at=kept.recorded_at, present=present)


def _check_one_story(kept: KeptRelease, statement: Statement, files: dict[str, bytes]) -> Manifest:
    try:
        manifest = parse_manifest(files.get(MANIFEST_FILE, b""))
        check_listed(files, manifest)
    except UserError as error:
        raise SignatureError(f"a signed release is no skill: {error.message}") from error
    told = {
        "the store": (kept.release.name, kept.release.version),
        "the statement": (statement.claim.name, statement.claim.version),
    }
    for teller, name_and_version in told.items():
        if name_and_version != (manifest.name, manifest.version):
            raise SignatureError(
                f"{teller} says {' '.join(name_and_version)}, "
                f"skill.json says {manifest.name} {manifest.version}"
            )
    if kept.contract != manifest.contract():
        raise SignatureError("the store's contract is not the one in skill.json")
    return manifest
