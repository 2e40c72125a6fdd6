"""What an author hands in: a candidate, or a refusal with its reason."""

from typing import Annotated

from pydantic import Field

from skillkiln.skill.contract import Contract
from skillkiln.skill.value import Value


class Candidate(Value):
    """A written skill that nothing has proved yet."""

    need_id: str
    author: str
    """`agent:<id>` or `human:<id>`."""
    contract: Contract
    files: dict[str, str]
    """Text by path: SKILL.md, skill.py, test_skill.py. skill.json is made when it is released."""
    explanation: str = ""
    """Why this program: which examples settled it and what it will refuse."""
    learned_from: Annotated[int, Field(ge=0)] = 0
    """Visible cases that the program was fitted to."""
    held_out: Annotated[int, Field(ge=0)] = 0
    """Visible cases kept out of learning; the candidate's tests are made of these."""
    surviving_programs: Annotated[int, Field(ge=0)] = 0
    """Distinct programs that fitted as well; more means the examples settle less."""


class Refusal(Value):
    """An author's honest no."""

    author: str
    reason: str
    hint: str = ""
    """What would help: a label, more rows, a model."""
    ask: tuple[str, ...] = ()
    """Inputs whose expected result would settle it, cheapest first."""


class Edit(Value):
    """One exact replacement in one file: `remove` occurs there exactly once."""

    path: str
    remove: Annotated[str, Field(min_length=1)]
    add: str
