"""Where the values of labelled lines stand, and which lines share a shape.

A *placement* is one way to find a line's values in it, from left to right; the text around them
is its *gaps*. Short values occur in many places, so a line has many placements. Lines written by
the same program share their gaps, which is what tells the right placement from the accidents: the
shape that most lines agree on wins, and lines that agree exactly with nobody join a shape whose
gaps differ from theirs only in words and numbers (text that no field takes).

How a gap or a field becomes a pattern is left to `lines.patterns`.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

MAX_PLACEMENTS = 96
"""Per line; a line with more is ambiguous beyond what voting can settle."""
MAX_OCCURRENCES = 10
MAX_GAP = 240
"""Characters between two neighbouring values."""

_TOKEN = re.compile(r"[^\W_]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Placement:
    """One way to find a line's values: `gaps[i]` stands before `fields[i]`, the last at the end."""

    fields: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def squeezed(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The placement with squeezed gaps, which is what lines agree on."""
        return self.fields, tuple(squeeze(gap) for gap in self.gaps)


@dataclass(frozen=True, slots=True)
class Shape:
    """Lines with the same fields between the same or similar gaps."""

    fields: tuple[str, ...]
    gaps: tuple[frozenset[str], ...]
    """The variants seen of each gap; `len(fields) + 1` of them."""
    members: tuple[int, ...]
    """Indices of the labelled lines."""


def squeeze(gap: str) -> str:
    """Return a gap with every run of spaces as one; columns are padded with them."""
    return re.sub(" +", " ", gap)


def find_placements(line: str, values: Mapping[str, str]) -> list[Placement]:
    """Find the ways in which the non-empty values stand in a line, in the mapping's order.

    Args:
        line: the text, without trailing blanks where these belong to no value.
        values: text by field name; an empty one is absent from the line.
    """
    present = [(name, value) for name, value in values.items() if value]
    names = tuple(name for name, _ in present)
    found: list[Placement] = []
    # Values and starts from which the rest cannot be placed: without it, repeats would explode.
    dead: set[tuple[int, int]] = set()

    def place(index: int, start: int, gaps: tuple[str, ...]) -> None:
        if index == len(present):
            found.append(Placement(names, (*gaps, line[start:])))
            return
        before = len(found)
        value = present[index][1]
        for at in _occurrences(line, value, start):
            if len(found) < MAX_PLACEMENTS and (index + 1, at + len(value)) not in dead:
                place(index + 1, at + len(value), (*gaps, line[start:at]))
        if len(found) == before:
            dead.add((index, start))

    place(0, 0, ())
    return found


def _occurrences(line: str, value: str, start: int) -> list[int]:
    """Return where a value begins, preferring places where it does not cut a word in two."""
    every: list[int] = []
    whole: list[int] = []
    at = line.find(value, start)
    while 0 <= at <= start + MAX_GAP and len(every) < 8 * MAX_OCCURRENCES:
        every.append(at)
        if not (_cuts(line, at) or _cuts(line, at + len(value))):
            whole.append(at)
        at = line.find(value, at + 1)
    return (whole or every)[:MAX_OCCURRENCES]


def _cuts(line: str, at: int) -> bool:
    return 0 < at < len(line) and line[at - 1].isalnum() and line[at].isalnum()


def group_shapes(
    placements: Sequence[Sequence[Placement]], *, with_skips: bool = False
) -> list[Shape]:
    """Group labelled lines into shapes, the most common first.

    Args:
        placements: for each line, its placements; none of them is empty.
        with_skips: whether lines also share a shape whose gaps differ in more than words, as long
            as they begin and end alike: what stands between is then skipped.
    """
    left = set(range(len(placements)))
    shapes: list[Shape] = []
    while left:
        votes = Counter(key for line in left for key in {p.squeezed for p in placements[line]})
        best = max(votes, key=lambda key: (votes[key], _plainness(key[1]), key))
        if votes[best] == 1:
            break
        members = [line for line in left if any(p.squeezed == best for p in placements[line])]
        exact = [next(p for p in placements[line] if p.squeezed == best) for line in members]
        shapes.append(_build_shape(exact, sorted(members)))
        left -= set(members)
    accepts = partial(gaps_accepted, with_skips=with_skips)
    shapes = _join_loners(shapes, sorted(left), placements, accepts)
    return sorted(_merge(shapes, accepts), key=lambda shape: -len(shape.members))


Accepts = Callable[[Sequence[frozenset[str]]], bool]
"""Says whether the variants of every gap of a shape may be variants of one gap."""


def _merge(shapes: Sequence[Shape], accepts: Accepts) -> list[Shape]:
    """Merge shapes with the same fields whose gaps may be variants of each other."""
    merged: list[Shape] = []
    for shape in shapes:
        for index, other in enumerate(merged):
            if other.fields != shape.fields:
                continue
            gaps = tuple(a | b for a, b in zip(other.gaps, shape.gaps, strict=True))
            if accepts(gaps):
                merged[index] = Shape(shape.fields, gaps, (*other.members, *shape.members))
                break
        else:
            merged.append(shape)
    return merged


def _plainness(gaps: tuple[str, ...]) -> tuple[int, int]:
    """Rank gaps: words that no field takes are suspect, and so is length."""
    text = "".join(gaps)
    return -sum(character.isalnum() for character in text), -len(text)


def _build_shape(placements: Sequence[Placement], members: Sequence[int]) -> Shape:
    columns = zip(*(p.gaps for p in placements), strict=True)
    return Shape(
        placements[0].fields, tuple(frozenset(column) for column in columns), tuple(members)
    )


def _join_loners(
    shapes: Sequence[Shape],
    loners: Sequence[int],
    placements: Sequence[Sequence[Placement]],
    accepts: Accepts,
) -> list[Shape]:
    """Let each line that agrees exactly with no other join a similar shape, or found its own."""
    grown = list(shapes)
    for position, line in enumerate(loners):
        for index, shape in enumerate(grown):
            joined = _find_join(shape, placements[line], line, accepts)
            if joined is not None:
                grown[index] = joined
                break
        else:
            others = loners[position + 1 :]
            grown.append(_found_shape(line, others, placements, accepts))
    return grown


def _find_join(
    shape: Shape, options: Sequence[Placement], line: int, accepts: Accepts
) -> Shape | None:
    for placement in options:
        if placement.fields != shape.fields:
            continue
        gaps = tuple(
            variants | {gap} for variants, gap in zip(shape.gaps, placement.gaps, strict=True)
        )
        if accepts(gaps):
            return Shape(shape.fields, gaps, (*shape.members, line))
    return None


def _found_shape(
    line: int,
    others: Sequence[int],
    placements: Sequence[Sequence[Placement]],
    accepts: Accepts,
) -> Shape:
    """Start a shape from the placement that most of the other loners could join."""

    def score(placement: Placement) -> tuple[int, tuple[int, int]]:
        shape = _build_shape([placement], [line])
        joiners = sum(
            _find_join(shape, placements[other], other, accepts) is not None for other in others
        )
        return joiners, _plainness(placement.gaps)

    return _build_shape([max(placements[line], key=score)], [line])


def split_tokens(gap: str) -> list[str]:
    """Split a gap into words, runs of blanks, and single other characters."""
    return _TOKEN.findall(gap)


def is_alike(variants: frozenset[str]) -> bool:
    """Say whether gaps differ only in which words and numbers they hold, or in blanks."""
    return len({_skeleton(gap) for gap in variants}) == 1


def _skeleton(gap: str) -> tuple[str, ...]:
    return tuple(
        "word" if token.isalnum() else " " if token.isspace() else token
        for token in split_tokens(gap)
    )


@dataclass(frozen=True, slots=True)
class Skip:
    """How gaps that differ in the middle can be skipped.

    Attributes:
        start: the marks and blanks that they all begin with, up to the first word.
        end: what they all end with, as short as can be while it stands nowhere before; empty where
            there is no such text.
    """

    start: str
    end: str


def find_skip(variants: frozenset[str]) -> Skip:
    """Find how gaps can be skipped: by what they share at both ends."""
    rows = [split_tokens(gap) for gap in variants]
    start: list[str] = []
    for tokens in zip(*rows, strict=False):
        if len(set(tokens)) > 1 or tokens[0].isalnum():
            break
        start.append(tokens[0])
    begin = "".join(start)
    middles = [gap[len(begin) :] for gap in variants]
    return Skip(begin, _find_end([row[len(start) :] for row in rows], middles))


def _find_end(rows: Sequence[Sequence[str]], middles: Sequence[str]) -> str:
    """Return the shortest run of tokens at every row's end that stands nowhere before."""
    for size in range(1, min(map(len, rows)) + 1):
        ends = {"".join(row[-size:]) for row in rows}
        if len(ends) > 1:
            break
        end = ends.pop()
        if end.strip() and all(m.find(end) + len(end) == len(m) for m in middles):
            return end
    return ""


def is_skippable(variants: frozenset[str]) -> bool:
    """Say whether gaps are alike, or end alike in something that skipping can stop at."""
    return is_alike(variants) or bool(find_skip(variants).end)


def gaps_accepted(gaps: Sequence[frozenset[str]], *, with_skips: bool) -> bool:
    """Say whether the variants of every gap may be variants of one gap.

    Args:
        gaps: the variants of each gap of a shape; the last one stands at the line's end.
        with_skips: whether what differs in more than words may be skipped. At the line's end
            anything may.
    """
    if not with_skips:
        return all(is_alike(variants) for variants in gaps)
    at_end = gaps[-1]
    return all(is_skippable(variants) for variants in gaps[:-1]) and (
        "" not in at_end or len(at_end) == 1
    )
