"""Dates and times in programs: read in one layout, written in another.

Only the standard library's `strptime` and `strftime` are used, so an emitted skill needs no module
beside it, and a text of another layout is refused by `strptime` itself with `ValueError`. One
program reads one layout: columns of mixed layouts, ranges and rounding are left to a model.

Month and day names are those of the C locale, in which skills run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import product

from skillkiln.author.python_text import render_string
from skillkiln.author.strings.expressions import Expression, Row, name_source
from skillkiln.author.strings.scope import Scope

DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d-%m-%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d-%b-%Y", "%d/%b/%Y", "%a %b %d %Y", "%A, %B %d, %Y"),
)
TIMES = ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H:%M:%S.%f", "%H%M")
READ = (
    *DATES,
    *TIMES,
    *(f"{date}{joint}{time}" for date, time, joint in product(DATES, TIMES[:4], (" ", "T", ", "))),
    *(f"%Y-%m-%dT{time}{zone}" for time, zone in product(TIMES[:2], ("Z", "%z"))),
    "%d/%b/%Y:%H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y",
)
"""Layouts that a text may be in, the likelier first among those that read the same text."""

PARTS = ("%Y", "%y", "%m", "%d", "%H", "%I", "%M", "%S", "%p", "%b", "%B", "%a", "%A", "%j", "%V")
PLAIN: dict[str, tuple[str, Callable[[datetime], int]]] = {
    "day": ("{}.day", lambda moment: moment.day),
    "month": ("{}.month", lambda moment: moment.month),
    "hour": ("{}.hour", lambda moment: moment.hour),
    "hour of half a day": ("{}.hour % 12 or 12", lambda moment: moment.hour % 12 or 12),
    "quarter": ("({}.month + 2) // 3", lambda moment: (moment.month + 2) // 3),
}
"""Numbers written without a leading zero: each as Python and as it is computed."""
READ_COST = 0.9
LATER_COST = 0.01
"""For each layout that stands earlier: what decides between equal readings."""


@lru_cache(maxsize=20_000)
def find_moment(text: str, layout: str) -> datetime | None:
    """Return the moment that a text tells in a layout, if it is in it."""
    try:
        return datetime.strptime(text, layout)  # noqa: DTZ007 - a text without a zone stays so
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time of one layout, written in another.

    Attributes:
        source: the text that tells it.
        layout: how it is read, for `strptime`.
        written: how it is written, for `strftime`, or a name in `PLAIN`.
    """

    source: Expression
    layout: str
    written: str

    def evaluate(self, row: Row) -> str:
        """Return the written moment.

        Raises:
            ValueError: the text is in another layout.
        """
        moment = find_moment(self.source.evaluate(row), self.layout)
        if moment is None:
            raise ValueError(f"not a moment like {self.layout!r}")
        return write_moment(moment, self.written)

    def render(self, scope: Scope) -> str:
        """Return a call of `strftime`, or the number, of a named moment."""
        scope.use_import("from datetime import datetime")
        source = name_source(self.source, scope)
        read = f"datetime.strptime({source}, {render_string(self.layout)})"
        moment = scope.name_text("moment", read)
        if self.written in PLAIN:
            return f"str({PLAIN[self.written][0].format(moment)})"
        return f"{moment}.strftime({render_string(self.written)})"


def write_moment(moment: datetime, written: str) -> str:
    """Write a moment as `Moment.written` says."""
    return str(PLAIN[written][1](moment)) if written in PLAIN else moment.strftime(written)


def find_moments(
    source: Expression, texts: Sequence[str], outputs: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], float, Moment]]:
    """Yield ways to write the moments that all texts tell, with their text on each and cost.

    Args:
        source: what gives the texts.
        texts: one for each example.
        outputs: the expected results; what stands in none of them is left out.
    """
    if not all(any(character.isdigit() for character in text) for text in texts):
        return
    rank = 0
    for layout in READ:
        moments = [moment for text in texts if (moment := find_moment(text, layout)) is not None]
        if len(moments) < len(texts):
            continue
        rank += 1
        for written in (*PARTS, *PLAIN, *DATES, *TIMES, "%b %Y", "%B %Y", "%a %d %b"):
            first = write_moment(moments[0], written)
            if first.lower() not in outputs[0].lower():
                continue
            vector = tuple(write_moment(moment, written) for moment in moments)
            whole = 0.25 * (written.count("%") or 1)
            yield vector, READ_COST + whole + LATER_COST * rank, Moment(source, layout, written)
