"""Every part of the inputs that also stands in the outputs, found for all examples at once.

An *atom* is an expression together with its *vector*: its text on each example. Two expressions
with one vector cannot be told apart by the examples, so a vector keeps only its cheapest few, and
those are what later inputs may decide between. A vector is worth keeping only if each of its texts
stands in the output of its example: this prunes nearly everything.

Source: bottom-up enumeration with observational equivalence (Albarghouthi et al., CAV 2013; Udupa
et al., PLDI 2013), run jointly on all examples.
"""

from collections.abc import Callable, Iterable, Sequence

from skillkiln.author.deadline import Deadline
from skillkiln.author.strings.expressions import (
    Changed,
    Cleaned,
    Column,
    Cut,
    Edge,
    Expression,
    Fixed,
    Mark,
    Match,
    Piece,
    Position,
    Row,
    Slice,
    TextEnd,
    Token,
    change,
    token_spans,
)
from skillkiln.author.strings.moments import find_moments
from skillkiln.author.strings.vocabulary import (
    CASES,
    TOKEN_COSTS,
    find_cleanings,
    find_marks,
    index_cost,
)

Vector = tuple[str, ...]
Atoms = dict[Vector, list[tuple[float, Expression]]]
"""For each vector its cheapest expressions, the cheapest first, each with its cost."""

KEPT = 8
"""Expressions kept for one vector."""
MAX_INDEX = 6
"""Occurrences looked at from either end of a text."""
MAX_FIXED = 16
"""Characters counted from either end of a text."""
MAX_SLICED = 240
"""Characters of a text whose slices are enumerated."""
EMPTY_PENALTY = 1.5
"""For an expression that is empty on some example: it often is by accident."""
SAME_PENALTY = 0.8
"""For an expression that is the same on all examples: a constant says it better."""
SHORT_PENALTY = 0.3
"""For an expression of one character: such stand everywhere by accident."""


def find_atoms(
    rows: Sequence[Row], names: Sequence[str], outputs: Sequence[str], deadline: Deadline
) -> Atoms:
    """Find the atoms of some examples.

    Args:
        rows: the examples' inputs.
        names: the inputs to look at.
        outputs: the examples' results.
        deadline: when to stop.

    Raises:
        OutOfTimeError: the deadline passed.
    """
    search = AtomSearch(outputs)
    for name in names:
        column = Column(name)
        texts = tuple(row[name] for row in rows)
        search.explore(column, texts, 0.0, deadline)
        search.explore_tails(column, texts, deadline)
        for vector, cost, moment in find_moments(column, texts, outputs):
            search.add(vector, cost, moment)
        seen = {texts}
        for cleaning, cost in find_cleanings(texts, outputs):
            deadline.check()
            cleaned = tuple(cleaning.apply(text) for text in texts)
            if cleaned not in seen and search.overlaps(cleaned):
                seen.add(cleaned)
                search.explore(Cleaned(column, cleaning), cleaned, cost, deadline)
    return search.atoms


class AtomSearch:
    """The atoms found so far for the outputs of some examples."""

    def __init__(self, outputs: Sequence[str]) -> None:
        self.atoms: Atoms = {}
        self._outputs = tuple(outputs)
        self._lowered = tuple(output.lower() for output in outputs)

    def overlaps(self, texts: Sequence[str]) -> bool:
        """Say whether one of some texts has anything to do with its output."""
        pairs = zip(texts, self._lowered, strict=True)
        return any(t and (t.lower() in o or (len(o) > 1 and o in t.lower())) for t, o in pairs)

    def explore(self, source: Expression, texts: Vector, cost: float, deadline: Deadline) -> None:
        """Add the atoms of one text of every example."""
        deadline.check()
        self.add(texts, cost, source)
        self._add_matches(source, texts, cost)
        self._add_pieces(source, texts, cost)
        if max(map(len, texts)) <= MAX_SLICED:
            self._add_slices(source, texts, cost, deadline)

    def explore_tails(self, column: Column, texts: Vector, deadline: Deadline) -> None:
        """Add the first and last parts of what stands before or after each common mark."""
        for mark in find_marks(texts):
            deadline.check()
            for is_last in (False, True):
                after = Mark(mark, is_last, is_after=True)
                before = Mark(mark, is_last)
                for start, end in ((after, TextEnd()), (Fixed(0), before)):
                    tail = tuple(t[start.locate(t) : end.locate(t)] for t in texts)
                    if not all(tail):
                        continue
                    source = Slice(column, start, end)
                    cost = 1.1 + (0.1 if is_last else 0.0)
                    self._add_matches(source, tail, cost, indices=(0, -1))
                    self._add_pieces(source, tail, cost, indices=(0, -1))

    def add(self, vector: Vector, cost: float, expression: Expression) -> None:
        """Keep an expression, and its changes of case, where they stand in the outputs."""
        if all(text in output for text, output in zip(vector, self._outputs, strict=True)):
            self._keep(vector, cost, expression)
        lowered = all(t.lower() in o for t, o in zip(vector, self._lowered, strict=True))
        if not lowered:
            return
        for method, extra in CASES.items():
            changed = tuple(change(method, (), text) for text in vector)
            if changed != vector and self._stands(changed):
                self._keep(changed, cost + extra, Changed(expression, method))

    def _stands(self, vector: Vector) -> bool:
        return all(text in output for text, output in zip(vector, self._outputs, strict=True))

    def _keep(self, vector: Vector, cost: float, expression: Expression) -> None:
        if not any(vector):
            return
        if not all(vector):
            cost += EMPTY_PENALTY
        if len(vector) > 1 and len(set(vector)) == 1:
            cost += SAME_PENALTY
        if max(map(len, vector)) == 1:
            cost += SHORT_PENALTY
        kept = self.atoms.setdefault(vector, [])
        if len(kept) == KEPT and kept[-1][0] <= cost:
            return
        kept.append((cost, expression))
        kept.sort(key=lambda item: item[0])
        del kept[KEPT:]

    def _add_part(self, vector: Vector, cost: float, expression: Expression) -> None:
        """Add a part with its first and last characters and its paddings."""
        self.add(vector, cost, expression)
        if not all(vector):
            return
        for count in (1, 2, 3, 4):
            if any(len(text) > count for text in vector):
                extra = 0.2 + 0.15 * count
                self.add(tuple(t[:count] for t in vector), cost + extra, Cut(expression, count))
                self.add(
                    tuple(t[-count:] for t in vector), cost + extra + 0.2, Cut(expression, -count)
                )
        for method, arguments, extra in _paddings(vector):
            changed = tuple(change(method, arguments, text) for text in vector)
            if changed != vector and all(changed) and self._stands(changed):
                self._keep(changed, cost + extra, Changed(expression, method, arguments))

    def _add_matches(
        self,
        source: Expression,
        texts: Vector,
        cost: float,
        indices: Iterable[int] | None = None,
    ) -> None:
        for token, token_cost in TOKEN_COSTS.items():
            spans = [token_spans(token.pattern, text) for text in texts]
            count = min(map(len, spans))
            for index in _indices(count, indices):
                vector = tuple(
                    text[slice(*found[index])] for text, found in zip(texts, spans, strict=True)
                )
                part = Match(source, token, index)
                self._add_part(vector, cost + 0.3 + token_cost + index_cost(index), part)

    def _add_pieces(
        self,
        source: Expression,
        texts: Vector,
        cost: float,
        indices: Iterable[int] | None = None,
    ) -> None:
        for mark in find_marks(texts):
            pieces = [text.split(mark) for text in texts]
            for index in _indices(min(map(len, pieces)), indices):
                vector = tuple(found[index] for found in pieces)
                extra = 0.5 + 0.1 * (len(mark) - 1) + index_cost(index)
                self._add_part(vector, cost + extra, Piece(source, mark, index))

    def _add_slices(
        self, source: Expression, texts: Vector, cost: float, deadline: Deadline
    ) -> None:
        places = find_places(texts)
        first, output = texts[0].lower(), self._lowered[0]
        starts = sorted(places.items(), key=lambda item: item[0])
        for start, (start_cost, start_place) in starts:
            deadline.check()
            for end, (end_cost, end_place) in starts:
                if first[start[0] : end[0]] not in output:
                    continue
                if any(a > b for a, b in zip(start, end, strict=True)):
                    continue
                vector = tuple(t[a:b] for t, a, b in zip(texts, start, end, strict=True))
                total = cost + 0.8 + start_cost + end_cost
                self.add(vector, total, Slice(source, start_place, end_place))


def _indices(count: int, wanted: Iterable[int] | None) -> list[int]:
    """Return indices that all texts have, from the front and from the end."""
    if wanted is not None:
        return [index for index in wanted if count]
    front = range(min(count, MAX_INDEX))
    return [*front, *(-1 - index for index in front)]


def _paddings(vector: Vector) -> list[tuple[str, tuple[int | str, ...], float]]:
    """Return string methods that pad or unpad, with arguments and cost."""
    numbers = all(text.isdecimal() and text.isascii() for text in vector)
    fills: list[tuple[str, tuple[int | str, ...], float]] = []
    if numbers:
        fills += [("zfill", (width,), 0.7) for width in (2, 3, 4, 5, 6, 8, 10)]
        fills += [("lstrip", ("0",), 0.8)]
    if len({len(text) for text in vector}) > 1:
        widths = range(2, 17)
        fills += [("rjust", (width,), 1.2) for width in widths]
        fills += [("ljust", (width,), 1.2) for width in widths]
    return fills


Places = dict[tuple[int, ...], tuple[float, Position]]
"""The cheapest way to name a place, by where it is in each text."""


def find_places(texts: Vector) -> Places:
    """Find the places that can be named in every one of some texts."""
    places: Places = {}

    def add(where: tuple[int, ...], cost: float, place: Position) -> None:
        if where not in places or places[where][0] > cost:
            places[where] = (cost, place)

    add((0,) * len(texts), 0.0, Fixed(0))
    add(tuple(map(len, texts)), 0.0, TextEnd())
    for offset in range(1, min(min(map(len, texts)), MAX_FIXED) + 1):
        add((offset,) * len(texts), 0.5 + 0.08 * offset, Fixed(offset))
        add(tuple(len(text) - offset for text in texts), 0.6 + 0.08 * offset, Fixed(-offset))
    for mark in find_marks(texts):
        for is_last in (False, True):
            for is_after in (False, True):
                place = Mark(mark, is_last, is_after)
                cost = 0.4 + (0.1 if is_last else 0.0) + 0.05 * len(mark)
                add(tuple(place.locate(text) for text in texts), cost, place)
    for token, token_cost in TOKEN_COSTS.items():
        _add_edges(token, token_cost, texts, add)
    return places


def _add_edges(
    token: Token,
    token_cost: float,
    texts: Vector,
    add: Callable[[tuple[int, ...], float, Position], None],
) -> None:
    spans = [token_spans(token.pattern, text) for text in texts]
    for index in _indices(min(map(len, spans)), None):
        for is_end in (False, True):
            where = tuple(found[index][is_end] for found in spans)
            add(where, 0.5 + token_cost + index_cost(index), Edge(token, index, is_end))
