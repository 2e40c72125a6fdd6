"""Splits cases into visible, sealed and held-back ones that never share an input.

Aim: 40% visible (at most `MAX_VISIBLE`, at least `MIN_VISIBLE` where there are enough), the rest
half sealed and half held back (each at most `MAX_HIDDEN`). The split depends on the cases and the
seed alone. Visible cases come with different shapes first, so that the first few teach most; a
shape that only one case has goes to the visible ones, because nobody can learn what is not shown.
What is left of each shape is dealt out in turn, so that none is all sealed or all held back.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from skillkiln.records.needs import Case

MIN_CASES = 11
"""Three to learn from, two to test with, three to seal, three to hold back: with fewer, nothing
that is written could be proved and taken live."""
VISIBLE_SHARE = 0.4
MIN_VISIBLE = 5
MAX_VISIBLE = 24
MAX_HIDDEN = 150

_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Split:
    """Three sets of cases without a common input."""

    visible: tuple[Case, ...]
    sealed: tuple[Case, ...]
    held_back: tuple[Case, ...]


def split_cases(cases: Sequence[Case], seed: int) -> Split:
    """Split cases; of those with the same inputs only the first is kept.

    Args:
        cases: at least `MIN_CASES`, in any order.
        seed: chooses which case goes where.
    """
    by_input: dict[str, Case] = {}
    for case in cases:
        by_input.setdefault(_write_inputs(case), case)
    ordered = _interleave_shapes(list(by_input.values()), seed)
    count = len(ordered)
    wanted = min(MAX_VISIBLE, round(VISIBLE_SHARE * count))
    visible_count = max(wanted, min(MIN_VISIBLE, count - 2))
    hidden = sorted(ordered[visible_count:], key=name_shape)
    return Split(
        visible=tuple(ordered[:visible_count]),
        sealed=tuple(hidden[0::2][:MAX_HIDDEN]),
        held_back=tuple(hidden[1::2][:MAX_HIDDEN]),
    )


def name_shape(case: Case) -> str:
    """Return what cases that look alike have in common: their punctuation and its order."""
    text = " ".join(str(value) for value in case.inputs.values())
    shape = _DIGITS.sub("0", _LETTERS.sub("a", text))
    return re.sub(r"\s+", " ", shape)[:40]


def _write_inputs(case: Case) -> str:
    return json.dumps(case.inputs, sort_keys=True)


def _interleave_shapes(cases: Sequence[Case], seed: int) -> list[Case]:
    """Return the cases shuffled, the first of each shape before the second of any."""
    source = random.Random(seed)  # noqa: S311 - repeatable by intent; nothing secret hangs on it
    by_shape: defaultdict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=_write_inputs):
        by_shape[name_shape(case)].append(case)
    groups = list(by_shape.values())
    for group in groups:
        source.shuffle(group)
    source.shuffle(groups)
    groups.sort(key=len, reverse=True)
    rounds = chain.from_iterable(zip_longest(*groups))
    return [case for case in rounds if case is not None]
