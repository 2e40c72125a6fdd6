"""The rows that the store hands out where a plain record does not say enough. Values only."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, JsonValue

from skillkiln.records.attempts import Attempt
from skillkiln.records.invocations import Invocation
from skillkiln.records.releases import Release
from skillkiln.skill.contract import Contract
from skillkiln.skill.manifest import Sha256
from skillkiln.skill.status import Status
from skillkiln.skill.value import Value

GENESIS = "0" * 64
"""What the first ledger entry names as the hash before it."""


class ScannedSession(Value):
    """One recording that was read, so that an unchanged one need not be read again."""

    session_id: str
    path: str
    sha256: Sha256
    """Of the recording's bytes when it was read."""
    day: date | None = None


class KeptAttempt(Value):
    """An attempt as it was kept."""

    id: int
    at: datetime
    attempt: Attempt
    is_redacted: bool = False
    """Whether its texts were removed because a session that they may quote was forgotten."""


class KeptRelease(Value):
    """A release with what the store knows beyond the inventory's line."""

    release: Release
    contract: Contract
    need_id: str
    files: dict[str, Sha256]
    """sha256 by path; the contents are blobs."""
    depends_on: tuple[str, ...] = ()
    """Digests of the releases that it calls."""


class FoundRelease(Value):
    """What a search finds: the inventory's line and the interface."""

    release: Release
    contract: Contract


class StatusChange(Value):
    """One step in a release's life."""

    digest: str
    name: str
    version: str
    before: Status
    after: Status
    reason: str
    at: datetime


class KeptAttestation(Value):
    """An envelope and when the workspace recorded it."""

    digest: str
    envelope: bytes
    recorded_at: datetime


class KeptAnswer(Value):
    """The first answer given under an idempotency key."""

    invocation: Invocation
    inputs_sha256: str
    """Of the canonical JSON of the call's inputs."""


class LedgerEntry(Value):
    """One decision. `hash` covers every other field, and by `previous` all entries before."""

    seq: Annotated[int, Field(ge=1)]
    previous: Sha256
    at: datetime
    kind: str
    subject: str
    payload: dict[str, JsonValue]
    hash: Sha256


class Forgotten(Value):
    """What forgetting a session removed, in numbers, and what still holds something of it."""

    session_id: str
    signals: int
    gaps: int
    """Gaps left without a signal, removed."""
    needs: int
    """Needs left without a case, removed."""
    cases: int
    attempts: int
    """Attempts whose texts were redacted."""
    releases_affected: tuple[str, ...]
    """Digests of releases proved on its cases. Immutable, so still there: retire them by choice."""
