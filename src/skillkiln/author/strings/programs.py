"""String programs: concatenations of expressions, with at most one condition.

A program is a value that can be evaluated on a row and compared by cost; how it is found is left
to `strings.search` and `strings.guards`, how it is written to `strings.source`.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from skillkiln.author.python_text import render_string
from skillkiln.author.strings.expressions import Constant, Expression, Row, Token
from skillkiln.author.strings.scope import Scope


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Parts that are joined in order; none of them makes the empty text."""

    parts: tuple[Expression, ...]

    def evaluate(self, row: Row) -> str:
        """Return the joined text.

        Raises:
            ValueError: a part is not there.
        """
        return "".join(part.evaluate(row) for part in self.parts)

    @property
    def literal_share(self) -> int:
        """Return the number of letters and digits that stand in constants."""
        return sum(
            character.isalnum()
            for part in self.parts
            if isinstance(part, Constant)
            for character in part.text
        )

    @property
    def is_constant(self) -> bool:
        """Whether the answer does not depend on the input."""
        return all(isinstance(part, Constant) for part in self.parts)


class Guard(Protocol):
    """A condition on a row."""

    def holds(self, row: Row) -> bool:
        """Say whether the row meets the condition."""
        ...

    def render(self, scope: Scope) -> str:
        """Return the Python condition."""
        ...


@dataclass(frozen=True, slots=True)
class Contains:
    """The input contains a literal, at least some number of times."""

    name: str
    literal: str
    times: int = 1

    def holds(self, row: Row) -> bool:
        """Count the literal."""
        return row[self.name].count(self.literal) >= self.times

    def render(self, scope: Scope) -> str:
        """Return an `in`, or a comparison of a count."""
        literal, name = render_string(self.literal), scope.use_column(self.name)
        if self.times == 1:
            return f"{literal} in {name}"
        return f"{name}.count({literal}) >= {self.times}"


@dataclass(frozen=True, slots=True)
class Begins:
    """The input begins with a token, or ends with one."""

    name: str
    token: Token
    is_end: bool = False

    @property
    def pattern(self) -> str:
        """The anchored pattern."""
        return rf"{self.token.pattern}\Z" if self.is_end else self.token.pattern

    def holds(self, row: Row) -> bool:
        """Look for the token at the input's edge."""
        text = row[self.name]
        found = re.search(self.pattern, text) if self.is_end else re.match(self.pattern, text)
        return found is not None

    def render(self, scope: Scope) -> str:
        """Return a test of a pattern."""
        scope.use_column(self.name)
        if self.is_end:
            name = scope.use_pattern(f"{self.token.name}_AT_END", self.pattern)
            return f"{name}.search({self.name}) is not None"
        name = scope.use_pattern(self.token.name, self.pattern)
        return f"{name}.match({self.name}) is not None"


@dataclass(frozen=True, slots=True)
class Holds:
    """The input has at least some number of a token's occurrences."""

    name: str
    token: Token
    times: int = 1

    def holds(self, row: Row) -> bool:
        """Count the token's occurrences."""
        return len(re.findall(self.token.pattern, row[self.name])) >= self.times

    def render(self, scope: Scope) -> str:
        """Return a search, or a comparison of a count."""
        scope.use_column(self.name)
        name = scope.use_pattern(self.token.name, self.token.pattern)
        if self.times == 1:
            return f"{name}.search({self.name}) is not None"
        return f"len({name}.findall({self.name})) >= {self.times}"


@dataclass(frozen=True, slots=True)
class IsBlank:
    """The input is empty or blank."""

    name: str

    def holds(self, row: Row) -> bool:
        """Strip it and look."""
        return not row[self.name].strip()

    def render(self, scope: Scope) -> str:
        """Return a test of the stripped text."""
        return f"not {scope.use_column(self.name)}.strip()"


@dataclass(frozen=True, slots=True)
class StringProgram:
    """A concatenation, or one for rows that meet a condition and another for the rest.

    Attributes:
        cost: the guess at how unlikely it is to be meant; lower is better.
        otherwise: what is done where no guard holds.
        guard: the condition, if there is one.
        guarded: what is done where it holds.
        required: inputs that must not be blank, because no example shows what to do then.
    """

    cost: float
    otherwise: Concatenation
    guard: Guard | None = None
    guarded: Concatenation | None = None
    required: tuple[str, ...] = ()

    def branch(self, row: Row) -> Concatenation:
        """Return what is done for a row."""
        if self.guard is not None and self.guarded is not None and self.guard.holds(row):
            return self.guarded
        return self.otherwise

    @property
    def branches(self) -> tuple[Concatenation, ...]:
        """All that it may do."""
        return (self.otherwise,) if self.guarded is None else (self.guarded, self.otherwise)

    def evaluate(self, row: Row) -> str:
        """Return the answer.

        Raises:
            ValueError: a required input is blank, or the row lacks a part that is looked for.
        """
        if not all(row[name].strip() for name in self.required):
            raise ValueError("a required input is blank")
        return self.branch(row).evaluate(row)

    def find_answer(self, row: Row) -> str | None:
        """Return the answer, or None where it is refused."""
        try:
            return self.evaluate(row)
        except ValueError:
            return None
