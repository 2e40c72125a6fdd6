"""What a recorded task is: files to work on, scripts over them, and the truth about them.

A `Task` is drawn once per seed; each of its sessions then asks it for another file and for the
same program in other words. Rules: `draft` fails on every sample, `final` prints the truth (where
there is one to print); both follow from their random source alone. Running them is left to
`recorder`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random


@dataclass(frozen=True, slots=True)
class Row:
    """One input and its true answer."""

    inputs: Mapping[str, str]
    expected: Mapping[str, str] | str


@dataclass(frozen=True, slots=True)
class Sample:
    """The text of one file and the rows in it, in order."""

    text: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One recurring piece of work."""

    name: str
    goal: str
    """What the person asks for; `$path` stands for the file."""
    folder: str
    stem: str
    suffix: str
    sample: Callable[[Random, datetime], Sample]
    draft: Callable[[Random, str], str]
    """Writes the script that trips over an odd line, for the file at a path."""
    final: Callable[[Random, str], str]
    """Writes the script that works."""
    refusal: str = ""
    """Why no embedded author can learn it; empty for a task that can be learnt."""

    @property
    def is_learnable(self) -> bool:
        """Whether recorded runs of it hold enough to write a skill from, without a model."""
        return not self.refusal
