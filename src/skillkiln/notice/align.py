"""Lays what a script printed beside the lines that it read, so that each pair is an example.

Three layouts are known: *records*, whose values all stand in their input line; *pairs*, where each
printed line names its input (`input -> result`, or a tab); and *lines*, one result for each line.
Rules: a record belongs to a line only when matching from the top and from the bottom agree on the
line's text; headers and skipped lines are passed over; what covers less than `MIN_COVERAGE` of the
results is refused with the reason. Nothing is guessed: a wrong example is worse than none.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skillkiln.notice.labels import shape
from skillkiln.notice.outputs import (
    Fields,
    list_plain_lines,
    list_record_readings,
    read_table,
    unquote,
)

MIN_COVERAGE = 0.8
MIN_RESULTS = 2
MAX_LINES = 2_000
LOOK_AHEAD = 50
"""Input lines that may be skipped between two results."""
MIN_CONTAINED = 0.6
"""Share of a result's letters and digits that must come from its input line, on average."""
NEARBY = 12
"""Lines above and below that a result is compared with."""
SEPARATORS = ("\t", " -> ", " => ", " \u2192 ", " | ", ": ", ",")
MAX_SPLITS = 8

Expected = dict[str, str] | str

MIN_CUT_SHARE = 0.2
"""An output that leaves out more than this share of its input's end was cut."""


@dataclass(frozen=True, slots=True)
class Example:
    """One input line and what was made of it."""

    line: str
    expected: Expected
    line_number: int
    """In the input text, from 1."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The examples in one run."""

    layout: str
    """`records`, `pairs` or `lines`."""
    examples: tuple[Example, ...]
    unlabelled: tuple[str, ...]
    """Input lines below the last result of an output that was cut."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an output cannot be laid beside an input."""

    reason: str


def align(text: str, output: str) -> Alignment | Misfit:
    """Lay an output beside the text that it was made from."""
    lines = [line.rstrip("\r") for line in text.split("\n")][:MAX_LINES]
    misfits: list[Misfit] = []
    readings = list(list_record_readings(output))
    table = read_table(output)
    if table and not _is_result(table[0], lines):
        readings.append(table)
    for records in readings:
        found = _align_records(lines, records)
        if isinstance(found, Alignment):
            return found
        misfits.append(found)
    printed = list_plain_lines(output)
    if len(printed) < MIN_RESULTS:
        return Misfit(f"{len(printed)} results were printed, at least {MIN_RESULTS} are needed")
    for separator in SEPARATORS:
        found = _align_pairs(lines, printed, separator)
        if found is not None:
            return found
    found = _align_lines(lines, printed)
    return misfits[0] if misfits and isinstance(found, Misfit) else found


def _is_result(first: Fields, lines: Sequence[str]) -> bool:
    """Say whether what would be a table's header is a result itself.

    It is when its words stand in an input line that looks like the others: `Lovelace, Ada` is made
    of the line `Ada Lovelace`. The header of an input table looks unlike the rows below it.
    """
    shapes = Counter(shape(line) for line in lines if line.strip())
    usual = {each for each, count in shapes.items() if count > 1}
    return any(shape(line) in usual and all(name in line for name in first) for line in lines)


def _align_records(lines: Sequence[str], records: Sequence[Fields]) -> Alignment | Misfit:
    found = _match_records(lines, records)
    if isinstance(found, Misfit):
        # The fields may be printed in another order than they stand in the line.
        loosely = _match_records(lines, records, fits=_holds_all)
        if isinstance(loosely, Misfit):
            return loosely
        order = _find_order(loosely.examples)
        ordered = [{name: record[name] for name in order if name in record} for record in records]
        found = _match_records(lines, ordered)
    return found


def _match_records(
    lines: Sequence[str],
    records: Sequence[Fields],
    fits: Callable[[str, Fields], bool] | None = None,
) -> Alignment | Misfit:
    fits = fits or holds_in_order
    downwards = _embed(lines, records, fits)
    upwards = [
        None if place is None else len(lines) - 1 - place
        for place in reversed(_embed(lines[::-1], records[::-1], fits))
    ]
    examples: list[Example] = []
    for record, first, last in zip(records, downwards, upwards, strict=True):
        if first is not None and last is not None and lines[first] == lines[last]:
            examples.append(Example(lines[first], record, first + 1))
    if len(examples) < max(MIN_RESULTS, MIN_COVERAGE * len(records)):
        return Misfit(
            f"{len(examples)} of {len(records)} records could be told to come from one line each"
        )
    return Alignment("records", tuple(examples), _list_unlabelled(lines, examples))


def _embed(
    lines: Sequence[str], records: Sequence[Fields], fits: Callable[[str, Fields], bool]
) -> list[int | None]:
    """Give each record the first line below the last one's that it fits."""
    places: list[int | None] = []
    start = 0
    for record in records:
        window = range(start, min(start + LOOK_AHEAD, len(lines)))
        place = next((i for i in window if fits(lines[i], record)), None)
        places.append(place)
        if place is not None:
            start = place + 1
    return places


def holds_in_order(line: str, record: Fields) -> bool:
    """Say whether a line holds all values of a record, one after the other."""
    position = 0
    for value in record.values():
        found = line.find(value, position)
        if found < 0:
            return False
        position = found + len(value)
    return any(record.values())


def _holds_all(line: str, record: Fields) -> bool:
    return any(record.values()) and all(value in line for value in record.values())


def _find_order(examples: Sequence[Example]) -> list[str]:
    """Return the field names in the order in which their values stand in the lines."""
    totals: Counter[str] = Counter()
    for example in examples:
        assert isinstance(example.expected, dict)
        for name, value in example.expected.items():
            totals[name] += example.line.find(value)
    return sorted(totals, key=lambda name: totals[name])


def _align_pairs(lines: Sequence[str], printed: Sequence[str], separator: str) -> Alignment | None:
    numbers = {line.strip(): number for number, line in enumerate(lines, 1) if line.strip()}
    examples = [
        example
        for text in printed
        if (example := _split_pair(text, separator, numbers)) is not None
    ]
    if len(examples) < max(MIN_RESULTS, MIN_COVERAGE * len(printed)):
        return None
    return Alignment("pairs", tuple(examples), _list_unlabelled(lines, examples))


def _split_pair(text: str, separator: str, numbers: dict[str, int]) -> Example | None:
    position = -1
    for _ in range(MAX_SPLITS):
        position = text.find(separator, position + 1)
        if position < 0:
            break
        left, right = text[:position].strip(), text[position + len(separator) :].strip()
        for said in (left, unquote(left)):
            if said in numbers:
                return Example(said, unquote(right), numbers[said])
    return None


def _align_lines(lines: Sequence[str], printed: Sequence[str]) -> Alignment | Misfit:
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if len(numbered) == len(printed) + 1:
        numbered = numbered[1:]
    if len(numbered) != len(printed):
        return Misfit(f"{len(printed)} lines were printed for {len(numbered)} input lines")
    examples = tuple(
        Example(line.strip(), result.strip(), number)
        for (number, line), result in zip(numbered, printed, strict=True)
    )
    shares = [_measure_contained(example.line, example.expected) for example in examples]
    own = sum(_is_closest(examples, place, share) for place, share in enumerate(shares))
    if sum(shares) < MIN_CONTAINED * len(shares) or own < MIN_COVERAGE * len(shares):
        return Misfit("the printed lines do not look made from the input lines in their order")
    return Alignment("lines", examples, ())


def _measure_contained(line: str, result: Expected) -> float:
    """Return what share of a result's letters and digits stands in a line."""
    wanted = Counter(filter(str.isalnum, str(result).lower()))
    present = Counter(filter(str.isalnum, line.lower()))
    return (wanted & present).total() / wanted.total() if wanted else 0.0


def _is_closest(examples: Sequence[Example], place: int, own: float) -> bool:
    """Say whether none of the lines around holds more of a result than its own line does."""
    nearby = range(max(0, place - NEARBY), min(len(examples), place + NEARBY + 1))
    result = examples[place].expected
    return all(_measure_contained(examples[i].line, result) <= own for i in nearby)


def _list_unlabelled(lines: Sequence[str], examples: Sequence[Example]) -> tuple[str, ...]:
    """List the lines that the output would have gone on with, had it not been cut.

    A line that nothing was printed for between results was passed over on purpose (a comment, a
    header), and so were a few below the last one.
    """
    last = max((example.line_number for example in examples), default=0)
    rest = [line for line in lines[last:] if line.strip()]
    return tuple(rest) if len(rest) > len(lines) * MIN_CUT_SHARE else ()
