"""Split a need's cases, once, into visible, sealed and held-back ones.

About four in ten are visible (at most `MAX_VISIBLE`), the rest is dealt evenly to sealed and held
back (at most `MAX_HIDDEN` each). The three never share an input. Cases of every shape are dealt to
the visible ones first, because an author cannot learn a shape that it never saw; what is sealed or
held back of a rare shape is what is left of it.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from skillkiln.notice.labels import shape
from skillkiln.records.needs import Case
from skillkiln.trust.canonical_json import render_canonical_json

MIN_CASES = 9
"""Three to learn from, two to test with, three to seal, one to hold back."""
MAX_VISIBLE = 24
MAX_HIDDEN = 40
VISIBLE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Split:
    """Cases by who may see them."""

    visible: tuple[Case, ...]
    sealed: tuple[Case, ...]
    held_back: tuple[Case, ...]


def split_cases(cases: Sequence[Case], *, seed: int) -> Split:
    """Split cases that have different inputs.

    Args:
        cases: in any order; of equal inputs only the first is kept.
        seed: the same seed and cases give the same split.
    """
    by_shape: dict[str, list[Case]] = defaultdict(list)
    for case in _drop_repeated(cases):
        by_shape[_shape_of(case)].append(case)
    source = random.Random(seed)  # noqa: S311 - a split has to be repeatable, not secret
    for alike in by_shape.values():
        source.shuffle(alike)
    dealt = _deal(by_shape)
    visible = min(MAX_VISIBLE, max(5, round(len(dealt) * VISIBLE_SHARE)))
    hidden = dealt[visible:]
    # Dealt in turn, so that rare shapes are neither all sealed nor all held back.
    return Split(
        tuple(dealt[:visible]),
        tuple(hidden[0::2][:MAX_HIDDEN]),
        tuple(hidden[1::2][:MAX_HIDDEN]),
    )


def _drop_repeated(cases: Sequence[Case]) -> list[Case]:
    by_input: dict[bytes, Case] = {}
    for case in cases:
        by_input.setdefault(render_canonical_json(case.inputs), case)
    return list(by_input.values())


def _shape_of(case: Case) -> str:
    return "\n".join(shape(str(value)) for value in case.inputs.values())


def _deal(by_shape: dict[str, list[Case]]) -> list[Case]:
    """Take one of each shape in turn, the commonest shape first."""
    piles = sorted(by_shape.values(), key=len, reverse=True)
    longest = len(piles[0]) if piles else 0
    return [pile[turn] for turn in range(longest) for pile in piles if turn < len(pile)]
