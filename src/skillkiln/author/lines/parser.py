"""Learning a line parser: an ordered list of full-match patterns with named fields.

Learning has three steps: find the shapes that the labelled lines share (`lines.shapes`), pick for
each shape the tightest patterns that read its labelled lines right (`lines.patterns`), then loosen
single spots so that more of the unlabelled lines are read, as long as every labelled line is still
read exactly. A line that no pattern takes whole is refused: `LineParser.find_fields` gives None.

Blanks at the end of a line belong to no field unless a label says otherwise.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from skillkiln.author.deadline import Deadline
from skillkiln.author.lines.patterns import Follow, Spot, field_options, gap_spots
from skillkiln.author.lines.shapes import Shape, find_placements, group_shapes, squeeze

MAX_SHAPES = 8
MAX_COMBINATIONS = 400
MAX_LOOSENINGS = 40
POOL_SAMPLE = 400
"""Unlabelled lines looked at in one round of loosening."""

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line and the text of each of its fields, empty where the line lacks it."""

    line: str
    fields: Fields


@dataclass(frozen=True)
class ShapePattern:
    """One shape with the option that is chosen at each of its spots."""

    shape: Shape
    spots: tuple[Spot, ...]
    levels: tuple[int, ...]
    groups: Mapping[str, str]
    """Group name in the pattern by field name; a field's name need not be an identifier."""

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The pattern, one piece for each field with the gap that follows it."""
        pieces = [""]
        for spot, level in zip(self.spots, self.levels, strict=True):
            option = spot.options[level]
            if spot.field is None:
                pieces[-1] += option
            else:
                pieces.append(f"(?P<{self.groups[spot.field]}>{option})")
        return tuple(piece for piece in pieces if piece)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile("".join(self.pieces))

    def find_fields(self, line: str) -> dict[str, str] | None:
        """Return the shape's fields, or None when the line has another shape."""
        match = self.regex.fullmatch(line)
        if match is None:
            return None
        return {field: match[self.groups[field]] for field in self.shape.fields}

    def loosened(self) -> list["ShapePattern"]:
        """Return every pattern that differs from this in one spot being one step looser."""
        return [
            replace(self, levels=(*self.levels[:at], level + 1, *self.levels[at + 1 :]))
            for at, level in enumerate(self.levels)
            if level + 1 < len(self.spots[at].options)
        ]


@dataclass(frozen=True)
class LineParser:
    """Shapes in the order in which they are tried."""

    fields: tuple[str, ...]
    patterns: tuple[ShapePattern, ...]
    keeps_trailing_blanks: bool = False

    def find_fields(self, line: str) -> dict[str, str] | None:
        """Return the text of every field, `""` where the shape lacks it; None when refused."""
        pattern = self.find_pattern(line)
        if pattern is None:
            return None
        found = pattern.find_fields(self.trim(line))
        return {**dict.fromkeys(self.fields, ""), **(found or {})}

    def find_pattern(self, line: str) -> ShapePattern | None:
        """Return the first pattern that takes a line whole."""
        text = self.trim(line)
        return next((p for p in self.patterns if p.regex.fullmatch(text)), None)

    def keep_used(self, lines: Sequence[str]) -> "LineParser":
        """Return the parser without patterns that take none of these lines.

        A pattern loosened later may take all the lines of one after it, which then says nothing.
        """
        used = [self.find_pattern(line) for line in lines]
        kept = tuple(p for p in self.patterns if any(p is each for each in used))
        return replace(self, patterns=kept)

    def trim(self, line: str) -> str:
        """Return a line without the blanks at its end that belong to no field."""
        return line if self.keeps_trailing_blanks else line.rstrip()

    def misreads(self, labelled: Sequence[LabelledLine]) -> list[LabelledLine]:
        """Return the labelled lines that are refused or read otherwise."""
        return [item for item in labelled if self.find_fields(item.line) != item.fields]


def learn_parser(
    labelled: Sequence[LabelledLine], pool: Sequence[str], deadline: Deadline
) -> LineParser | str:
    """Learn a parser that reads every labelled line exactly.

    Args:
        labelled: the labelled lines, all with the same fields in the same order.
        pool: unlabelled lines; learning only loosens patterns by them.
        deadline: when to stop.

    Returns:
        The parser, or why there is none, in words for a person.

    Raises:
        OutOfTimeError: the deadline passed before any parser was found.
    """
    rows = [item.fields for item in labelled]
    keeps = any(_last_value(row) != _last_value(row).rstrip() for row in rows)
    texts = [item.line if keeps else item.line.rstrip() for item in labelled]
    order = _find_order(texts, rows)
    ordered = [{name: row[name] for name in order} for row in rows]
    placements = [find_placements(text, row) for text, row in zip(texts, ordered, strict=True)]
    for text, options in zip(texts, placements, strict=True):
        if not options:
            return f"the values do not all stand in the line in one order: {text[:120]!r}"
    reasons: list[str] = []
    fitted: list[LineParser] = []
    for with_skips in (False, True):
        deadline.check()
        shapes = group_shapes(placements, with_skips=with_skips)
        parser = _fit_parser(shapes, texts, ordered, deadline)
        if isinstance(parser, LineParser):
            parser = replace(parser, fields=tuple(rows[0]), keeps_trailing_blanks=keeps)
            parser = _order_patterns(parser, labelled)
        if isinstance(parser, LineParser):
            fitted.append(parser)
        else:
            reasons.append(parser)
    if not fitted:
        return reasons[0]
    fewest = min(fitted, key=lambda parser: len(parser.patterns))
    return _loosen(fewest, labelled, pool, deadline)


def _fit_parser(
    shapes: Sequence[Shape],
    texts: Sequence[str],
    rows: Sequence[Fields],
    deadline: Deadline,
) -> LineParser | str:
    if len(shapes) > MAX_SHAPES:
        return f"{len(shapes)} different shapes among {len(texts)} lines; at most {MAX_SHAPES}"
    groups = name_groups(tuple(rows[0]))
    patterns: list[ShapePattern] = []
    for shape in shapes:
        deadline.check()
        fitted = _fit_shape(shape, texts, rows, groups)
        if fitted is None:
            return f"no pattern separates the fields of {texts[shape.members[0]][:120]!r}"
        patterns.append(fitted)
    return LineParser(tuple(rows[0]), tuple(patterns))


def _last_value(row: Fields) -> str:
    present = [value for value in row.values() if value]
    return present[-1] if present else ""


def _find_order(texts: Sequence[str], rows: Sequence[Fields]) -> tuple[str, ...]:
    """Return the order of the fields in the lines: the rows' own, else the one they show."""
    given = tuple(rows[0])
    if all(find_placements(text, row) for text, row in zip(texts, rows, strict=True)):
        return given
    # Only a value that stands in its line exactly once shows where its field is.
    places = [
        {name: text.find(value) for name, value in row.items() if text.count(value) == 1}
        for text, row in zip(texts, rows, strict=True)
    ]

    def fields_before(name: str) -> int:
        votes = [
            sum((place[name] > place[other]) - (place[name] < place[other]) for place in both)
            for other in given
            if (both := [place for place in places if name in place and other in place])
        ]
        return sum(vote > 0 for vote in votes)

    return tuple(sorted(given, key=fields_before))


def name_groups(fields: Sequence[str]) -> dict[str, str]:
    """Give each field a name that a pattern's group may have, all different."""
    groups: dict[str, str] = {}
    for field in fields:
        name = re.sub(r"\W", "_", field, flags=re.ASCII) or "field"
        name = f"field_{name}" if name[0].isdigit() else name
        while name in groups.values():
            name += "_"
        groups[field] = name
    return groups


def _fit_shape(
    shape: Shape, texts: Sequence[str], rows: Sequence[Fields], groups: Mapping[str, str]
) -> ShapePattern | None:
    """Choose options, tight before loose, such that every member is read as its label says."""
    spots = _build_spots(shape, rows)
    if any(not spot.options for spot in spots):
        return None
    wanted = [(texts[at], {name: rows[at][name] for name in shape.fields}) for at in shape.members]
    for levels in itertools.islice(_ways(spots), MAX_COMBINATIONS):
        pattern = ShapePattern(shape, tuple(spots), levels, groups)
        if all(pattern.find_fields(text) == row for text, row in wanted):
            return pattern
    return None


def _ways(spots: Sequence[Spot]) -> Iterator[tuple[int, ...]]:
    """Yield levels for all spots: all tight, then with one field loosened, then with two."""
    tight = [0] * len(spots)
    fields = [at for at, spot in enumerate(spots) if spot.field is not None]
    for count in range(3):
        for chosen in itertools.combinations(fields, count):
            ranges = (range(1, len(spots[at].options)) for at in chosen)
            for loosened in itertools.product(*ranges):
                levels = list(tight)
                for at, level in zip(chosen, loosened, strict=True):
                    levels[at] = level
                yield tuple(levels)


def _build_spots(shape: Shape, rows: Sequence[Fields]) -> list[Spot]:
    values = [[rows[at][name] for at in shape.members] for name in shape.fields]
    squeezed = [sorted({squeeze(gap) for gap in gaps}) for gaps in shape.gaps]
    spots = gap_spots(shape.gaps[0])
    for index, name in enumerate(shape.fields):
        is_last = index + 1 == len(shape.fields)
        following = _common_start(squeezed[index + 1])
        is_digit_next = not is_last and all(value[0].isdecimal() for value in values[index + 1])
        follow = Follow(following, is_last, is_digit_next and len(squeezed[index + 1]) == 1)
        spots += [
            field_options(values[index], follow, name=name),
            *gap_spots(shape.gaps[index + 1]),
        ]
    return spots


def _common_start(variants: Sequence[str]) -> str:
    """Return what all variants begin with."""
    first, last = min(variants), max(variants)
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[:length] if length is not None else first[: min(len(first), len(last))]


def _order_patterns(parser: LineParser, labelled: Sequence[LabelledLine]) -> LineParser | str:
    """Put the patterns in an order in which no shape takes another's labelled lines."""

    def specificity(pattern: ShapePattern) -> tuple[int, int]:
        gaps = sum(len(min(variants)) for variants in pattern.shape.gaps)
        return -len(pattern.shape.fields), -gaps

    by_fields = sorted(parser.patterns, key=specificity)
    orders = [by_fields, list(parser.patterns), *itertools.permutations(by_fields[:5])]
    for order in orders:
        if len(order) != len(parser.patterns):
            continue
        ordered = replace(parser, patterns=tuple(order))
        if not ordered.misreads(labelled):
            return ordered
    return "two shapes read each other's lines"


def _loosen(
    parser: LineParser,
    labelled: Sequence[LabelledLine],
    pool: Sequence[str],
    deadline: Deadline,
) -> LineParser:
    """Loosen one spot at a time, the one that lets most unlabelled lines in first."""
    for _ in range(MAX_LOOSENINGS):
        refused = [line for line in pool if parser.find_fields(line) is None][:POOL_SAMPLE]
        if not refused or deadline.is_over:
            break
        options = [
            replace(parser, patterns=(*parser.patterns[:at], looser, *parser.patterns[at + 1 :]))
            for at, pattern in enumerate(parser.patterns)
            for looser in pattern.loosened()
        ]
        gains = [(sum(_reads_well(o, line) for line in refused), o) for o in options]
        useful = sorted((gain for gain in gains if gain[0]), key=lambda gain: -gain[0])
        accepted = next((o for _, o in useful if not o.misreads(labelled)), None)
        if accepted is None:
            break
        parser = accepted
    return parser


def _reads_well(parser: LineParser, line: str) -> bool:
    """Say whether a line is read, and no field but one that may has blanks at its ends."""
    found = parser.find_fields(line)
    if found is None:
        return False
    return parser.keeps_trailing_blanks or all(value == value.strip() for value in found.values())
