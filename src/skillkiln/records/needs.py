"""A need: a gap after analysis. And the brief, which is all that an author gets to see of it.

The cases of a need are split once, by the need's own seed, into three that never mix: *visible*
ones to learn from, *sealed* ones that prove the candidate, *held-back* ones that the release is
shadowed on. `Need.brief()` is the only way to an author and carries the visible ones alone.
"""

from typing import Annotated

from pydantic import Field, JsonValue

from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.name import MAX_NAME_LENGTH, NAME_PATTERN
from skillkiln.skill.value import Value


class Case(Value):
    """One example: named inputs and the expected result."""

    inputs: dict[str, JsonValue]
    expected: JsonValue
    origin: str = ""
    """Where it was observed, for example `session 4f1c line 88` or `orders.csv row 3`."""
    session_id: str | None = None
    """The recording it came from, so that forgetting the session forgets the case."""


class Brief(Value):
    """What an author is told."""

    need_id: str
    name: Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME_LENGTH)]
    kind: ArtefactKind = ArtefactKind.CODE
    purpose: str
    """One sentence: what the skill does, for its description."""
    triggers: tuple[str, ...] = ()
    """When an agent should reach for it."""
    parameters: tuple[str, ...] = ()
    """Input names in order, all strings unless the cases say otherwise."""
    cases: tuple[Case, ...]
    """Visible cases, in the order to learn from."""
    unlabelled: tuple[dict[str, JsonValue], ...] = ()
    """Inputs without an expected result that an author may look at."""


class Need(Value):
    """What is missing, what would prove it, and on what it will be watched."""

    id: str
    gap_id: str | None
    name: Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME_LENGTH)]
    kind: ArtefactKind = ArtefactKind.CODE
    kind_reason: str = ""
    purpose: str
    triggers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    visible: tuple[Case, ...] = ()
    sealed: tuple[Case, ...] = ()
    held_back: tuple[Case, ...] = ()
    unlabelled: tuple[dict[str, JsonValue], ...] = ()
    estimated_tokens: Annotated[float, Field(ge=0)] = 0
    """The gap's worth, kept so that the inventory can show it."""

    def brief(self) -> Brief:
        """Return what an author may see: never a sealed or held-back case."""
        return Brief(
            need_id=self.id,
            name=self.name,
            kind=self.kind,
            purpose=self.purpose,
            triggers=self.triggers,
            parameters=self.parameters,
            cases=self.visible,
            unlabelled=self.unlabelled,
        )
