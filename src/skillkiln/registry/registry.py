"""The registry: releases are published into it, found in it, loaded out of it, and change status.

Rules:
1. Only what is signed, proved and listed file by file gets in, in status shadow.
2. `load` is the only way to a skill's files. It checks them each time (`registry.integrity`); what
   does not hold is quarantined, with all that depends on it, before the error is raised. Do not
   call it inside a transaction that you might roll back: the quarantine would go too.
3. Every status change follows `skill.status` and stands in the ledger, in one transaction with it.
4. A name's live pointer shows the one release that is live, if one is. Going live and rolling back
   switch it; nothing is copied.
5. Search hands out interfaces, never code.

The folder below `folders_root` is an export for people and hosts; nothing is ever loaded from it.
"""

import difflib
import re
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from skillkiln.errors import QuarantinedError, StoreCorruptError, TrustError, UnknownNameError
from skillkiln.records.releases import Release
from skillkiln.registry.admission import Admission, admit
from skillkiln.registry.cards import MAX_CARDS, SkillCard, build_card, choose_cards
from skillkiln.registry.folders import write_skill_folder
from skillkiln.registry.integrity import LoadedSkill, check_kept
from skillkiln.skill.contract import Contract
from skillkiln.skill.folder import ATTESTATION_FILE, SkillFiles
from skillkiln.skill.status import FOUND_STATUSES, Status, check_transition
from skillkiln.skill.version import parse_version
from skillkiln.store.interface import Store
from skillkiln.store.rows import KeptRelease, StatusChange
from skillkiln.trust.envelope import Envelope, render_envelope

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Registry:
    """All releases of a workspace.

    Args:
        store: where they are kept.
        folders_root: where they are exported, for example `skills` in the workspace.
        clock: gives the present moment in UTC.
    """

    def __init__(self, store: Store, folders_root: Path, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._folders_root = folders_root
        self._clock = clock

    # Publishing

    def publish(
        self, files: SkillFiles, envelope: Envelope, *, estimated_tokens_saved: float = 0.0
    ) -> Release:
        """Take a release in, in status shadow, and export its folder.

        Everything else about it is read from what was signed. Publishing the same release again
        changes nothing and returns it as it is, so an interrupted run may simply be repeated.

        Args:
            files: content by path, skill.json included, attestations not.
            envelope: the signed release statement about exactly these files.
            estimated_tokens_saved: the need's worth, 0 or more.

        Raises:
            InvalidSkillError: a file may not be part of a skill or is not listed, or the
                statement says that a gate failed or the score was too low.
            InvalidContractError: skill.json is wrong, or names a skill that is not released.
            InvalidInputError: that version of the name is released already, with other files.
            TrustError: no key that may vouch signed this.
        """
        admission = admit(
            files, envelope, self._store, now=self._clock(), root=self._folders_root.name
        )
        with self._store.transaction():
            if self._store.releases.find(admission.digest) is None:
                self._keep(admission, estimated_tokens_saved)
        self.export(admission.digest)
        return self._store.releases.load(admission.digest).release

    def _keep(self, admission: Admission, estimated_tokens_saved: float) -> None:
        release = admission.kept.release.model_copy(
            update={"estimated_tokens_saved": estimated_tokens_saved}
        )
        for content in admission.files.values():
            self._store.blobs.save(content)
        self._store.releases.save(admission.kept.model_copy(update={"release": release}))
        self._store.attestations.save(release.digest, admission.envelope)
        self._store.releases.save_status(release.digest, Status.SHADOW, "published")
        self._store.ledger.append(
            "published",
            release.digest,
            {
                "name": release.name,
                "version": release.version,
                "created_by": release.created_by,
                "need": admission.kept.need_id,
                "score": release.score,
                "signed_at_head": admission.ledger_head,
            },
        )

    def attest(self, digest: str, envelope: Envelope) -> None:
        """Add a signed statement about a release, say by the key that replaced a revoked one.

        Raises:
            UnknownNameError: no such release.
            TrustError: no key that may vouch signed it, or it is about other files.
        """
        kept = self._store.releases.load(digest)
        files = {path: self._store.blobs.load(sha256) for path, sha256 in kept.files.items()}
        admit(files, envelope, self._store, now=self._clock(), root=self._folders_root.name)
        with self._store.transaction():
            self._store.attestations.save(digest, render_envelope(envelope))
            self._store.ledger.append(
                "attested", digest, {"keys": [each.key_id for each in envelope.signatures]}
            )

    def export(self, digest: str) -> Path:
        """Write a release's folder with its attestations, and return where.

        Raises:
            TrustError: it is quarantined, or does not hold any more.
            StoreFullError: the disk is full.
        """
        loaded = self.load(digest)
        lines = (kept.envelope + b"\n" for kept in self._store.attestations.load(digest))
        folder = self._name_folder(loaded.manifest)
        write_skill_folder(folder, {**loaded.files, ATTESTATION_FILE: b"".join(lines)})
        return folder

    def _name_folder(self, contract: Contract) -> Path:
        # The Agent Skills rule: the last folder has the name of the skill.
        return self._folders_root / contract.name / contract.version / contract.name

    # Finding

    def resolve(self, name: str, version: str | None = None) -> Release:
        """Return the live release of a name, or the release of that version, whatever its status.

        Raises:
            UnknownNameError: nothing of that name is live, or there is no such version.
            StoreCorruptError: the name's pointer shows what is not its live release.
        """
        if version is None:
            return self._resolve_live(name).release
        for release in self._store.releases.load_all(name=name):
            if release.version == version:
                return release
        raise UnknownNameError("release", f"{name} {version}", hint=self._suggest(name))

    def _resolve_live(self, name: str) -> KeptRelease:
        kept = self._store.releases.find_live_release(name)
        if kept is None:
            raise UnknownNameError("live skill", name, hint=self._suggest(name))
        release = kept.release
        if (release.name, release.status) != (name, Status.LIVE):
            raise StoreCorruptError(
                f"the live pointer of {name!r} shows {release.name} {release.version}, "
                f"which is {str(release.status)!r}",
                hint="`skillkiln audit` checks the whole store",
            )
        return kept

    def search(
        self, query: str, k: int = 5, statuses: Iterable[Status] = FOUND_STATUSES
    ) -> tuple[SkillCard, ...]:
        """Return the interfaces of the skills that fit a query best, one for each name.

        Args:
            query: any text; its words are looked for in names, descriptions and field names.
            k: how many at most; never more than `MAX_CARDS`.
            statuses: only releases in one of these are looked at.
        """
        wanted = min(k, MAX_CARDS)
        # A name may be found twice, live and as a canary.
        found = self._store.releases.search(query, statuses=statuses, k=2 * wanted)
        return choose_cards(map(build_card, found), wanted)

    def find_latest(self, name: str) -> KeptRelease | None:
        """Return the release of a name with the highest version, whatever its status."""
        releases = self._store.releases.load_all(name=name)
        if not releases:
            return None
        latest = max(releases, key=lambda release: parse_version(release.version))
        return self._store.releases.load(latest.digest)

    def inventory(self) -> tuple[Release, ...]:
        """Return every release, by name and then oldest first."""
        return self._store.releases.load_all()

    def history(self, name: str) -> tuple[StatusChange, ...]:
        """Return every status change of a name's releases, oldest first."""
        return self._store.releases.load_history(name)

    def _suggest(self, name: str) -> str | None:
        names = {r.name for r in self.inventory() if r.status in FOUND_STATUSES}
        near = difflib.get_close_matches(name, sorted(names), n=3)
        return f"did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else None

    # Loading

    def load(self, name_or_digest: str) -> LoadedSkill:
        """Return the checked files of a name's live release, or of the release of that digest.

        Raises:
            UnknownNameError: nothing of that name is live, or there is no such release.
            QuarantinedError: it was quarantined before.
            TrustError: it is not what was signed, or its signer may not vouch; it is quarantined
                now, and so is all that depends on it.
        """
        with self._store.snapshot():
            kept = self._find_kept(name_or_digest)
            self._check_not_quarantined(kept.release)
            try:
                return check_kept(self._store, kept)
            except TrustError as error:
                problem = error
        self.quarantine(kept.release.digest, problem.message)
        raise problem

    def check(self, digest: str) -> LoadedSkill:
        """Return a release's files after checking them, and change nothing when they do not hold.

        Raises:
            UnknownNameError: no such release.
            TrustError: it is not what was signed, or its signer may not vouch.
        """
        with self._store.snapshot():
            return check_kept(self._store, self._store.releases.load(digest))

    def _find_kept(self, name_or_digest: str) -> KeptRelease:
        if _DIGEST.fullmatch(name_or_digest):
            kept = self._store.releases.find(name_or_digest)
            if kept is not None:
                return kept
        return self._resolve_live(name_or_digest)

    def _check_not_quarantined(self, release: Release) -> None:
        if release.status is not Status.QUARANTINED:
            return
        steps = [step for step in self.history(release.name) if step.digest == release.digest]
        raise QuarantinedError(
            f"{release.name} {release.version} is quarantined: {steps[-1].reason}",
            hint="it has to be proved again before it is used",
        )

    # Changing status

    def change_status(self, digest: str, after: Status, reason: str) -> Release:
        """Change a release's status, and what follows from it.

        Raises:
            UnknownNameError: no such release.
            InvalidTransitionError: that status may not follow the present one.
            TrustError: it was to go live and does not hold.
        """
        if after is Status.LIVE:
            return self.make_live(digest, reason)
        if after is Status.QUARANTINED:
            self.quarantine(digest, reason)
        else:
            with self._store.transaction():
                self._withdraw(digest, after, reason)
        return self._store.releases.load(digest).release

    def make_live(self, digest: str, reason: str = "went live") -> Release:
        """Switch the name's pointer to a release; the one that was live is superseded.

        Raises:
            UnknownNameError: no such release.
            InvalidTransitionError: it may not go live from where it stands.
            TrustError: it does not hold, and is quarantined.
        """
        loaded = self.load(digest)
        name = loaded.release.name
        with self._store.transaction():
            before = self._store.releases.find_live(name)
            if before is not None and before != digest:
                self._move(before, Status.SUPERSEDED, f"{loaded.release.version} {reason}")
            self._move(digest, Status.LIVE, reason)
            self._point(name, digest)
        return self._store.releases.load(digest).release

    def roll_back(self, name: str, reason: str) -> Release | None:
        """Take the live release back and switch to the one that it superseded, if that holds.

        Returns:
            The release that is live now; None where there was no earlier good one.

        Raises:
            UnknownNameError: nothing of that name is live.
        """
        current = self.resolve(name)
        earlier = self._find_previous_good(name)
        with self._store.transaction():
            self._move(current.digest, Status.ROLLED_BACK, reason)
            if earlier is not None:
                self._move(earlier, Status.LIVE, f"{current.version} was rolled back")
            self._point(name, earlier)
        return self._store.releases.load(earlier).release if earlier else None

    def retire(self, digest: str, reason: str) -> Release:
        """Take a release out of service; it stays in the inventory with its history."""
        return self.change_status(digest, Status.RETIRED, reason)

    def quarantine(self, digest: str, reason: str) -> tuple[Release, ...]:
        """Set a release aside, and every release that depends on it; their folders are removed.

        Returns:
            The releases that were set aside now; those that were already are left as they are.

        Raises:
            UnknownNameError: no such release.
        """
        releases = self._store.releases
        with self._store.transaction():
            culprit = releases.load(digest).release
            because = f"it depends on {culprit.name} {culprit.version}: {reason}"
            reasons = {digest: reason} | dict.fromkeys(releases.load_dependents(digest), because)
            moved = [
                each
                for each in reasons
                if releases.load(each).release.status is not Status.QUARANTINED
            ]
            for each in moved:
                self._withdraw(each, Status.QUARANTINED, reasons[each])
        set_aside = [releases.load(each) for each in moved]
        for kept in set_aside:
            # Hosts read these folders. The contract's names are checked ones, the row's are not.
            shutil.rmtree(self._name_folder(kept.contract), ignore_errors=True)
        return tuple(kept.release for kept in set_aside)

    def _find_previous_good(self, name: str) -> str | None:
        superseded = [s.digest for s in self.history(name) if s.after is Status.SUPERSEDED]
        for digest in dict.fromkeys(reversed(superseded)):
            if self._store.releases.load(digest).release.status is not Status.SUPERSEDED:
                continue
            try:
                self.load(digest)
            except TrustError:
                continue
            return digest
        return None

    def _withdraw(self, digest: str, after: Status, reason: str) -> None:
        """Make a step away from wherever it is; a live release takes its pointer along."""
        name = self._store.releases.load(digest).release.name
        self._move(digest, after, reason)
        if self._store.releases.find_live(name) == digest:
            self._point(name, None)

    def _move(self, digest: str, after: Status, reason: str) -> None:
        """Make one step, inside the caller's transaction; the pointer is the caller's too."""
        release = self._store.releases.load(digest).release
        check_transition(release.status, after)
        self._store.releases.save_status(digest, after, reason)
        self._store.ledger.append(
            "status_changed",
            digest,
            {
                "name": release.name,
                "version": release.version,
                "before": release.status,
                "after": after,
                "reason": reason,
            },
        )

    def _point(self, name: str, digest: str | None) -> None:
        self._store.releases.point_live(name, digest)
        self._store.ledger.append("pointer_switched", name, {"digest": digest})
