"""The layout of one kind of line: its fields, its shapes, and what belongs to neither.

A shape is a template such as `{time} {host}: {message}`; a stream mixes the shapes of one layout
and now and then an odd line that is no entry at all. Rules: every field occurs in the first shape,
in line order; a field that a shape lacks is `""` in the truth; what comes out of `build_sample`
depends on its random source alone. Scripts over these lines are left to `record_scripts`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from string import Formatter

from skillkiln.demo.tasks import Row, Sample
from skillkiln.demo.values import Field

COMMON_SHAPE_SHARE = 0.65
"""How many lines are of the first shape; the others share the rest evenly."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of one file family look."""

    name: str
    folder: str
    suffix: str
    fields: tuple[Field, ...]
    shapes: tuple[str, ...]
    odd_lines: tuple[str, ...] = ("", "# log rotated", "-- MARK --", "... 3 lines suppressed ...")
    is_key_value: bool = False
    """Whether blanks and `=` alone structure the line, so that an agent would split it there."""

    @property
    def delimiter(self) -> str:
        """What separates all fields of the only shape, or nothing where that is not so."""
        literals = {literal for literal, _ in parse_shape(self.shapes[0])[1:]}
        opens_plain = not parse_shape(self.shapes[0])[0][0]
        is_plain = len(self.shapes) == 1 and opens_plain and len(literals) == 1
        return literals.pop() if is_plain else ""

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of all fields, in line order."""
        return tuple(field.name for field in self.fields)


def parse_shape(shape: str) -> list[tuple[str, str]]:
    """Split a template into pairs of a literal and the field behind it (`""` at the end)."""
    return [(literal, name or "") for literal, name, _, _ in Formatter().parse(shape)]


def build_sample(layout: Layout, rng: Random, start: datetime, count: int) -> Sample:
    """Make a file of `count` entries from `start` on, with one or two odd lines among them."""
    moment = start
    rows: list[Row] = []
    for index in range(count):
        moment += timedelta(seconds=rng.randint(1, 240))
        rows.append(_build_row(layout, rng, moment, is_first=index == 0))
    lines = [row.inputs["line"] for row in rows]
    for _ in range(rng.randint(1, 2)):
        lines.insert(rng.randint(3, len(lines) // 2), rng.choice(layout.odd_lines))
    return Sample("".join(f"{line}\n" for line in lines), tuple(rows))


def _build_row(layout: Layout, rng: Random, moment: datetime, *, is_first: bool) -> Row:
    shape = layout.shapes[0]
    if len(layout.shapes) > 1 and not is_first and rng.random() > COMMON_SHAPE_SHARE:
        shape = rng.choice(layout.shapes[1:])
    present = {name for _, name in parse_shape(shape)}
    made = {
        field.name: field.make(rng, moment) if field.name in present else ""
        for field in layout.fields
    }
    return Row({"line": shape.format_map(made)}, made)
