"""The expressions that string programs are made of.

Every expression can do two things that must agree: `evaluate` it on a row of inputs, and `render`
it as Python. Evaluation raises `ValueError` exactly where the rendered code does: when a part that
it looks for is not there.

Source: the language follows FlashFill (Gulwani, POPL 2011): substrings by positions, and
positions by tokens and literals, joined by concatenation.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from skillkiln.author.python_text import render_string
from skillkiln.author.strings.scope import Scope

MAX_SLICE_TEXT = 52
"""Columns of a slice's text and places; beyond, the places are named."""

Row = Mapping[str, str]
"""One row of inputs: text by parameter name."""


class Expression(Protocol):
    """Something that makes a text out of a row."""

    def evaluate(self, row: Row) -> str:
        """Return the text.

        Raises:
            ValueError: the row lacks a part that the expression looks for.
        """
        ...

    def render(self, scope: Scope) -> str:
        """Return the Python expression."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A class of runs of characters."""

    name: str
    """The constant's name in an emitted file."""
    pattern: str


@lru_cache(maxsize=20_000)
def token_spans(pattern: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return where a pattern's matches begin and end."""
    return tuple(match.span() for match in re.finditer(pattern, text))


def _nth_span(token: Token, text: str, index: int) -> tuple[int, int]:
    spans = token_spans(token.pattern, text)
    if not -len(spans) <= index < len(spans):
        raise ValueError(f"no {token.name} at {index} in {text[:80]!r}")
    return spans[index]


@dataclass(frozen=True, slots=True)
class Column:
    """An input."""

    name: str

    def evaluate(self, row: Row) -> str:
        """Return the input."""
        return row[self.name]

    def render(self, scope: Scope) -> str:
        """Return the parameter's name."""
        return scope.use_column(self.name)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A change of a whole text that can be written in one Python expression."""

    name: str
    """What a local variable that holds the result is called."""
    apply: Callable[[str], str]
    render: Callable[[str, Scope], str]
    key: str
    """Equal for equal cleanings."""

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cleaning) and self.key == other.key


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text after a cleaning."""

    source: Expression
    cleaning: Cleaning

    def evaluate(self, row: Row) -> str:
        """Return the cleaned text."""
        return self.cleaning.apply(self.source.evaluate(row))

    def render(self, scope: Scope) -> str:
        """Return the cleaning of the rendered source."""
        return self.cleaning.render(self.source.render(scope), scope)


@dataclass(frozen=True, slots=True)
class Match:
    """A token's occurrence by index, counted from the end when negative."""

    source: Expression
    token: Token
    index: int

    def evaluate(self, row: Row) -> str:
        """Return the occurrence's text."""
        text = self.source.evaluate(row)
        start, end = _nth_span(self.token, text, self.index)
        return text[start:end]

    def render(self, scope: Scope) -> str:
        """Return a call of `nth_match`."""
        pattern = scope.use_pattern(self.token.name, self.token.pattern)
        source = name_source(self.source, scope)
        return f"{scope.use_runtime('nth_match')}({pattern}, {source}, {self.index})[0]"


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the pieces that a text falls into when cut at every separator."""

    source: Expression
    separator: str
    index: int

    def evaluate(self, row: Row) -> str:
        """Return the piece."""
        pieces = self.source.evaluate(row).split(self.separator)
        if not -len(pieces) <= self.index < len(pieces):
            raise ValueError(f"no piece {self.index} at {self.separator!r}")
        return pieces[self.index]

    def render(self, scope: Scope) -> str:
        """Return a call of `nth_piece`."""
        source, separator = name_source(self.source, scope), render_string(self.separator)
        if self.index in {0, -1}:  # a text always has a first and a last piece
            return f"{source}.split({separator})[{self.index}]"
        return f"{scope.use_runtime('nth_piece')}({source}, {separator}, {self.index})"


class Position(Protocol):
    """A place in a text."""

    def locate(self, text: str) -> int:
        """Return the place, counted from the start.

        Raises:
            ValueError: there is none.
        """
        ...

    def render(self, source: str, scope: Scope) -> str:
        """Return the Python expression of the place in a named text; empty for start or end."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A place counted in characters from the start, or from the end when negative."""

    offset: int

    def locate(self, text: str) -> int:
        """Return the place; as in a slice, one beyond the text is its edge."""
        return self.offset if self.offset >= 0 else max(0, len(text) + self.offset)

    def render(self, source: str, scope: Scope) -> str:
        """Return the number."""
        del source, scope
        return str(self.offset) if self.offset else ""


@dataclass(frozen=True, slots=True)
class TextEnd:
    """The end of the text."""

    def locate(self, text: str) -> int:
        """Return the text's length."""
        return len(text)

    def render(self, source: str, scope: Scope) -> str:
        """Return nothing: a slice's end may be left out."""
        del source, scope
        return ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Before or after the first or last occurrence of a literal."""

    literal: str
    is_last: bool = False
    is_after: bool = False

    def locate(self, text: str) -> int:
        """Return the place."""
        at = text.rfind(self.literal) if self.is_last else text.find(self.literal)
        if at < 0:
            raise ValueError(f"no {self.literal!r} in {text[:80]!r}")
        return at + len(self.literal) if self.is_after else at

    def render(self, source: str, scope: Scope) -> str:
        """Return a call of `find_mark` or `find_last_mark`."""
        function = scope.use_runtime("find_last_mark" if self.is_last else "find_mark")
        call = f"{function}({source}, {render_string(self.literal)})"
        return f"{call} + {len(self.literal)}" if self.is_after else call


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or end of a token's occurrence."""

    token: Token
    index: int
    is_end: bool

    def locate(self, text: str) -> int:
        """Return the place."""
        return _nth_span(self.token, text, self.index)[self.is_end]

    def render(self, source: str, scope: Scope) -> str:
        """Return a call of `nth_match` and the side."""
        pattern = scope.use_pattern(self.token.name, self.token.pattern)
        call = f"{scope.use_runtime('nth_match')}({pattern}, {source}, {self.index})"
        return f"{call}.{'end' if self.is_end else 'start'}()"


@dataclass(frozen=True, slots=True)
class Slice:
    """The text between two places."""

    source: Expression
    start: Position
    end: Position

    def evaluate(self, row: Row) -> str:
        """Return the slice; empty, as in Python, when the places are the wrong way round."""
        text = self.source.evaluate(row)
        return text[self.start.locate(text) : self.end.locate(text)]

    def render(self, scope: Scope) -> str:
        """Return a slice of a named text."""
        source = name_source(self.source, scope)
        start, end = self.start.render(source, scope), self.end.render(source, scope)
        if len(source) + len(start) + len(end) > MAX_SLICE_TEXT:
            start = scope.name_text("start", start) if "(" in start else start
            end = scope.name_text("end", end) if "(" in end else end
        return render_slice(source, start, end)


def name_source(source: Expression, scope: Scope) -> str:
    """Render what a part is taken from, as a parameter or as a local variable."""
    if isinstance(source, Column):
        return source.render(scope)
    wanted = source.cleaning.name if isinstance(source, Cleaned) else "rest"
    return scope.name_text(wanted, source.render(scope))


def render_slice(source: str, start: str, end: str) -> str:
    """Render a slice with blanks around the colon where a side is more than a number."""
    is_simple = all(re.fullmatch(r"-?\d*|[a-z_]+", side) for side in (start, end))
    if is_simple:
        return f"{source}[{start}:{end}]"
    left, right = f"{start} " if start else "", f" {end}" if end else ""
    return f"{source}[{left}:{right}]"


@dataclass(frozen=True, slots=True)
class Changed:
    """A part with a string method applied, for example `lower()` or `zfill(4)`."""

    source: Expression
    method: str
    arguments: tuple[int | str, ...] = ()

    def evaluate(self, row: Row) -> str:
        """Return the changed text."""
        return change(self.method, self.arguments, self.source.evaluate(row))

    def render(self, scope: Scope) -> str:
        """Return a method call."""
        shown = ", ".join(
            render_string(item) if isinstance(item, str) else str(item) for item in self.arguments
        )
        return f"{self.source.render(scope)}.{self.method}({shown})"


def change(method: str, arguments: tuple[int | str, ...], text: str) -> str:
    """Apply one of the string methods that programs may use."""
    result = getattr(text, method)(*arguments)
    assert isinstance(result, str)
    return result


@dataclass(frozen=True, slots=True)
class Cut:
    """The first characters of a part, or the last ones when the count is negative."""

    source: Expression
    count: int

    def evaluate(self, row: Row) -> str:
        """Return at most `abs(count)` characters."""
        text = self.source.evaluate(row)
        return text[: self.count] if self.count > 0 else text[self.count :]

    def render(self, scope: Scope) -> str:
        """Return a slice."""
        source = self.source.render(scope)
        return f"{source}[:{self.count}]" if self.count > 0 else f"{source}[{self.count}:]"


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed text."""

    text: str

    def evaluate(self, row: Row) -> str:
        """Return the text."""
        del row
        return self.text

    def render(self, scope: Scope) -> str:
        """Return a string literal."""
        del scope
        return render_string(self.text)
