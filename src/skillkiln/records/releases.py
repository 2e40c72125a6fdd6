"""A release as the inventory shows it: who it is, where it stands, why it exists."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.status import Status
from skillkiln.skill.value import Value


class Release(Value):
    """One immutable, signed version of a skill and its present status."""

    name: str
    version: str
    digest: str
    """sha256 of the folder (`skill.digest.folder_digest`); the release's address."""
    kind: ArtefactKind = ArtefactKind.CODE
    status: Status
    description: str
    created_at: datetime
    created_by: str
    source_signal: str
    """The gap or request that it answers, for example `gap:3f9a0c` or `request:orders.csv`."""
    path: str
    """Where its folder was written, relative to the workspace."""
    score: Annotated[float, Field(ge=0, le=10)]
    estimated_tokens_saved: Annotated[float, Field(ge=0)] = 0
    """Estimated over the period that the sessions cover."""
    measured_tokens_saved: float | None = None
    """None until there are enough invocations to measure."""
