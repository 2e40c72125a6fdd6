"""What the forge workflow joins: one callable or service for each verb, and what it reports.

`app.py` fills a `Crew` with the real ones. The workflow knows verbs only by these signatures, so
that the story in `workflows/forge.py` can be read, and tested, without any of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from skillkiln.author.interface import Author
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Outcome, Stage, Verdict
from skillkiln.records.needs import Case, Need
from skillkiln.records.releases import Release
from skillkiln.watch.shadow import Promotion, ShadowReport

OnGate = Callable[[Stage, str, Outcome | None], None]
"""Told of a gate by stage and name: None as it begins, then what it came to."""


class Teller(Protocol):
    """Hears of progress as it happens. Every method may be called from any thread."""

    def stage(self, stage: Stage, note: str) -> None:
        """A stage begins."""
        ...

    def gate(self, stage: Stage, gate: str, outcome: Outcome | None) -> None:
        """A gate begins (None), or has come to something."""
        ...

    def attempt(self, attempt: Attempt) -> None:
        """An attempt has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does what. Each field is one line of the story."""

    authors: tuple[Author, ...]
    """In order of cost; escalating is moving on to the next."""
    prove: Callable[[Candidate, Need, OnGate], Evidence]
    find_failing: Callable[[Candidate, Need], tuple[Case, ...]]
    """The visible cases that a candidate gets wrong: what refining may learn from."""
    judge: Callable[[Candidate, Evidence, tuple[Attempt, ...]], Verdict]
    arbitrate: Callable[[Candidate, Need, Evidence, Verdict], tuple[str, ...]]
    """What the launch gates object to; nothing means go."""
    keep_attempt: Callable[[Attempt], None]
    release: Callable[[Candidate, Need, Evidence, Verdict], Release]
    shadow: Callable[[Release, Need], ShadowReport]
    promote: Callable[[Release, ShadowReport], Promotion]
    clock_s: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """The exits of the loop."""

    max_refinements: int
    wall_ms: int
    author_wall_ms: int


@dataclass(frozen=True, slots=True)
class ForgeResult:
    """What forging one need came to."""

    need: Need
    attempts: tuple[Attempt, ...]
    frame: tuple[tuple[Stage, Outcome, str], ...]
    """The eight stages: what each came to and why."""
    release: Release | None = None
    shadow: ShadowReport | None = None
    promotion: Promotion | None = None
    reason: str = ""
    """Why nothing was released, or why the release is not live."""

    @property
    def is_released(self) -> bool:
        """Whether a release came of it."""
        return self.release is not None
