"""A small text rewrite that agents do by script: one input line to one output line.

Rules: the truth is put together from the parts that the input was made of, never by the script;
the `ways` of one rewrite give equal results; every file holds an odd pair on which the draft
fails. Which rewrites there are is left to `text_families`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from skillkiln.demo.tasks import Row, Sample, Task
from skillkiln.demo.wording import Program, bind_words, draw_habits

Make = Callable[[Random], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One rewrite: how its pairs are made, and programs for it."""

    name: str
    goal: str
    stem: str
    make: Make
    """Makes one input and its true output."""
    odd: Make
    """Makes one such pair on which the draft fails."""
    draft: Program
    ways: tuple[Program, ...]


def build_rewrite_task(rewrite: Rewrite, rng: Random) -> Task:
    """Build the task of doing a rewrite over a list, in a way drawn by `rng`."""
    habits = draw_habits(rng)
    final = rng.choice(rewrite.ways)
    shown = rng.choice(("$result", "$result", 'f"{$line} -> {$result}"', 'f"{$line}\\t{$result}"'))
    return Task(
        name=rewrite.name,
        goal=rewrite.goal,
        folder="lists",
        stem=rewrite.stem,
        suffix=".txt",
        sample=lambda source, _: _build_sample(rewrite, source),
        draft=bind_words(_show(rewrite.draft, shown), habits),
        final=bind_words(_show(final, shown), habits),
    )


def _show(program: Program, shown: str) -> Program:
    return Program(program.body, program.setup, program.imports, shown)


def _build_sample(rewrite: Rewrite, rng: Random) -> Sample:
    pairs = [rewrite.make(rng) for _ in range(rng.randint(40, 70))]
    pairs.insert(rng.randint(2, 12), rewrite.odd(rng))
    rows = tuple(Row({"text": given}, wanted) for given, wanted in pairs)
    return Sample("".join(f"{given}\n" for given, _ in pairs), rows)
