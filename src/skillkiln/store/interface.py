"""The store as everybody else sees it: one unit of work, and one shelf for each kind of record.

    with store.transaction():
        store.needs.save(need)
        store.ledger.append("need_built", need.id, {"gap_id": need.gap_id})

Rules for every implementation:
1. All that happens inside one `transaction()` is kept, or none of it. A call outside one is a
   transaction of its own. Transactions nest: an inner one that fails undoes only itself. A
   transaction belongs to the thread that opened it.
2. What was saved is there for every process as soon as the transaction has ended, and survives
   `kill -9`.
3. `load` raises `UnknownNameError` where there is nothing, `find` returns None.
4. Any call may raise `StoreBusyError`, `StoreFullError` or `StoreCorruptError`; a damaged row is
   never returned.
5. The ledger only grows. Its payloads name ids, digests, figures and reasons, never recorded text:
   what stands in it cannot be forgotten.

The rows are in `store.rows`. Which status may follow which is the business of `registry`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from pydantic import JsonValue

from skillkiln.records.attempts import Attempt
from skillkiln.records.invocations import Invocation
from skillkiln.records.needs import Need
from skillkiln.records.releases import Release
from skillkiln.records.signals import Gap
from skillkiln.skill.status import Status
from skillkiln.store.rows import (
    Forgotten,
    FoundRelease,
    KeptAnswer,
    KeptAttempt,
    KeptAttestation,
    KeptRelease,
    LedgerEntry,
    ScannedSession,
    StatusChange,
)
from skillkiln.trust.keyring import Keyring


class Sessions(Protocol):
    """The recordings that were read."""

    def save(self, sessions: Iterable[ScannedSession], /) -> None:
        """Keep recordings, replacing those of the same session and path."""
        ...

    def load_all(self) -> tuple[ScannedSession, ...]:
        """Return all, sorted by path."""
        ...

    def load_forgotten(self) -> frozenset[str]:
        """Return the ids of sessions that were forgotten; a scan passes them over."""
        ...


class Gaps(Protocol):
    """Gaps and their signals."""

    def save(self, gaps: Iterable[Gap], /) -> None:
        """Keep gaps, each replacing the one of the same id.

        Signals of sessions that the new version does not speak of stay, and are counted in.
        Signals of forgotten sessions are dropped, and so are gaps that have no others.
        """
        ...

    def load_ranked(self) -> tuple[Gap, ...]:
        """Return all, the worthiest first."""
        ...

    def find(self, id_or_prefix: str) -> Gap | None:
        """Return the gap of that id, or the only one whose id begins so.

        Raises:
            InvalidInputError: several ids begin so.
        """
        ...


class Needs(Protocol):
    """Needs with their cases; the sealed ones lie in a table of their own."""

    def save(self, need: Need) -> None:
        """Keep a need, replacing the one of its id; cases of forgotten sessions are dropped."""
        ...

    def load(self, need_id: str) -> Need:
        """Return a need with all its cases.

        Raises:
            UnknownNameError: there is none of that id.
        """
        ...

    def find(self, need_id: str) -> Need | None:
        """Return a need with all its cases, if it is there."""
        ...

    def load_all(self) -> tuple[Need, ...]:
        """Return all, sorted by name and id."""
        ...


class Attempts(Protocol):
    """Every try at a need, good or bad, kept for ever."""

    def save(self, attempt: Attempt) -> KeptAttempt:
        """Keep an attempt and enter its outcome in the ledger."""
        ...

    def load(self, need_id: str | None = None) -> tuple[KeptAttempt, ...]:
        """Return the attempts at a need, or all, oldest first."""
        ...


class Releases(Protocol):
    """Releases, their status and history, and for each name the one that is live."""

    def save(self, kept: KeptRelease) -> None:
        """Keep a new release.

        Raises:
            InvalidInputError: its digest, or its name with its version, is taken.
        """
        ...

    def load(self, digest: str) -> KeptRelease:
        """Return a release.

        Raises:
            UnknownNameError: there is none of that digest.
        """
        ...

    def find(self, digest: str) -> KeptRelease | None:
        """Return a release, if it is there."""
        ...

    def load_all(self, *, name: str | None = None) -> tuple[Release, ...]:
        """Return the inventory's lines, of one name or of all, by name and then oldest first."""
        ...

    def save_status(self, digest: str, after: Status, reason: str) -> StatusChange:
        """Set a release's status and keep the step in its history. Checks no transition."""
        ...

    def load_history(self, name: str) -> tuple[StatusChange, ...]:
        """Return all steps of all releases of a name, oldest first."""
        ...

    def save_measured_tokens(self, digest: str, tokens: float | None) -> None:
        """Set what a release was measured to save."""
        ...

    def find_live(self, name: str) -> str | None:
        """Return the digest that the name's live pointer shows, if it shows one."""
        ...

    def find_live_release(self, name: str) -> KeptRelease | None:
        """Return the release that the name's live pointer shows, if it shows one."""
        ...

    def point_live(self, name: str, digest: str | None) -> None:
        """Switch the name's live pointer; None takes it away."""
        ...

    def load_dependents(self, digest: str) -> tuple[str, ...]:
        """Return the digests of all releases that need this one, directly or by others."""
        ...

    def search(self, query: str, *, statuses: Iterable[Status], k: int) -> tuple[FoundRelease, ...]:
        """Return releases in one of these statuses, best match first, at most k."""
        ...


class Blobs(Protocol):
    """File contents by their sha256."""

    def save(self, content: bytes) -> str:
        """Keep some bytes and return their sha256."""
        ...

    def load(self, sha256: str) -> bytes:
        """Return the bytes of that sha256, computed again on the way out.

        Raises:
            UnknownNameError: they are not there.
            DigestMismatchError: they changed since they were kept.
        """
        ...

    def load_many(self, sha256s: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of every one of these sha256, each computed again on the way out.

        Raises:
            UnknownNameError: naming one that is not there.
            DigestMismatchError: naming one that changed since it was kept.
        """
        ...


class Attestations(Protocol):
    """Signed envelopes about releases."""

    def save(self, digest: str, envelope: bytes) -> KeptAttestation:
        """Keep an envelope about a release."""
        ...

    def load(self, digest: str) -> tuple[KeptAttestation, ...]:
        """Return the envelopes about a release, oldest first."""
        ...


class Invocations(Protocol):
    """Calls of releases, and the answers kept for idempotency keys."""

    def save(self, invocation: Invocation, *, inputs_sha256: str = "") -> None:
        """Keep a call.

        The first successful call that carries an idempotency key, is not a replay and no shadow
        becomes the answer of that key. `inputs_sha256` says of which inputs.
        """
        ...

    def find_answer(self, digest: str, idempotency_key: str) -> KeptAnswer | None:
        """Return the answer kept for a key of a release, if there is one."""
        ...

    def find(self, trace_id: str) -> Invocation | None:
        """Return the latest call of that trace id, if there is one."""
        ...

    def load(
        self,
        *,
        name: str | None = None,
        digest: str | None = None,
        is_shadow: bool | None = None,
        limit: int = 100,
    ) -> tuple[Invocation, ...]:
        """Return calls that fit every condition given, newest first, at most `limit`."""
        ...

    def count(self, digest: str, *, is_shadow: bool = False) -> int:
        """Return how often a release was called."""
        ...


class Ledger(Protocol):
    """The append-only, hash-chained record of every decision."""

    def append(
        self, kind: str, subject: str, payload: Mapping[str, JsonValue] | None = None
    ) -> LedgerEntry:
        """Enter a decision.

        Args:
            kind: what sort of decision, for example `published`; lowercase words and underscores.
            subject: whom it is about: a digest, a name, a need's id.
            payload: ids, digests, figures and reasons; never recorded text.
        """
        ...

    def find_head(self) -> str:
        """Return the last entry's hash; `GENESIS` while there is none."""
        ...

    def load(
        self, *, kind: str | None = None, subject: str | None = None
    ) -> tuple[LedgerEntry, ...]:
        """Return the entries that fit every condition given, oldest first."""
        ...

    def check(self, *, heads: Sequence[str] = ()) -> int:
        """Walk the whole chain and return how many entries it has.

        Args:
            heads: hashes known from elsewhere, such as signed statements, that must be in it.

        Raises:
            LedgerBrokenError: naming the first entry that does not hold, or the one after the
                last where a known head is missing.
        """
        ...


class Keys(Protocol):
    """The public half of the workspace's keys."""

    def load(self) -> Keyring:
        """Return the keyring; an empty one in a new store."""
        ...

    def save(self, keyring: Keyring) -> None:
        """Replace the keyring."""
        ...


class Store(Protocol):
    """All shelves of one workspace."""

    @property
    def sessions(self) -> Sessions:
        """The recordings that were read."""
        ...

    @property
    def gaps(self) -> Gaps:
        """Gaps and their signals."""
        ...

    @property
    def needs(self) -> Needs:
        """Needs and their cases."""
        ...

    @property
    def attempts(self) -> Attempts:
        """Every try at a need."""
        ...

    @property
    def releases(self) -> Releases:
        """Releases, their status and live pointers."""
        ...

    @property
    def blobs(self) -> Blobs:
        """File contents by their sha256."""
        ...

    @property
    def attestations(self) -> Attestations:
        """Signed envelopes about releases."""
        ...

    @property
    def invocations(self) -> Invocations:
        """Calls of releases."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The record of every decision."""
        ...

    @property
    def keys(self) -> Keys:
        """The public half of the workspace's keys."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Open a unit of work: everything inside is kept, or nothing."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Read everything inside as of one moment, and faster. Nothing may be written inside."""
        ...

    def forget_session(self, session_id: str) -> Forgotten:
        """Remove everything that came from a session; the ledger notes its id and no more.

        Signals and cases go, gaps and needs left empty go with them, texts of attempts at the
        needs concerned are redacted, and so are answers of shadow calls on the session's inputs.
        A later scan does not bring it back. May be called again, and for unknown ids.
        """
        ...

    def close(self) -> None:
        """Let go of the store's files."""
        ...
