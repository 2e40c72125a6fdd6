r"""How a shape becomes a regular expression.

A pattern is a row of *spots*: gaps' words and blanks, and fields. Each spot has options from tight
to loose; learning starts tight and loosens only what keeps other lines out.

Every quantifier is possessive (`[^ ]++`, `\d++`): it never gives back what it took. So each shape
reads a line once from left to right, and no line, however hostile, can make matching slow. What a
field ends at must therefore be excluded from what it takes, and that is how the options are made.
A look-ahead checks a few characters and no run of them, which keeps the whole pass linear.

Example:
    >>> field_options(["10.0.0.1", "10.0.0.2"], Follow("] ")).options
    ('[^ \\]]++', '[^\\]]++', '(?:(?!\\] ).)++')
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillkiln.author.lines.shapes import find_skip, is_alike, split_tokens

_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")
_IN_CLASS = re.compile(r"[\\\]\[^-]")
_CONTROL = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\f": r"\f", "\v": r"\v"}


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a pattern and what may stand there, from tight to loose."""

    options: tuple[str, ...]
    field: str | None = None
    """The field that it captures, if any."""


@dataclass(frozen=True, slots=True)
class Follow:
    """What stands after a field.

    Attributes:
        text: the following gap, runs of blanks as one; empty when a field follows at once.
        is_end: whether the line ends there.
        is_before_digit: whether after that text a field follows that begins with a digit.
    """

    text: str
    is_end: bool = False
    is_before_digit: bool = False


def escape_literal(text: str) -> str:
    """Escape what is special in a pattern and nothing else, so that patterns stay readable."""
    escaped = _SPECIAL.sub(lambda found: "\\" + found.group(), text)
    return "".join(_CONTROL.get(character, character) for character in escaped)


def exclude(characters: str) -> str:
    """Return the class of every character but these."""
    escaped = _IN_CLASS.sub(lambda found: "\\" + found.group(), characters)
    return f"[^{''.join(_CONTROL.get(character, character) for character in escaped)}]"


def gap_spots(variants: frozenset[str]) -> list[Spot]:
    """Turn the variants of a gap, which are alike or can be skipped, into spots."""
    if not is_alike(variants):
        skip = find_skip(variants)
        start = [Spot((escape_literal(skip.start),))] if skip.start else []
        ending = escape_literal(skip.end)
        return [*start, Spot((f"(?:(?!{ending}).)*+{ending}" if ending else ".*+",))]
    rows = [split_tokens(gap) for gap in sorted(variants)]
    spots: list[Spot] = []
    for column, tokens in enumerate(zip(*rows, strict=True)):
        following = rows[0][column + 1] if column + 1 < len(rows[0]) else ""
        spots.append(_token_spot(tokens, following[:1]))
    return spots


def _token_spot(tokens: tuple[str, ...], following: str) -> Spot:
    distinct = set(tokens)
    if tokens[0].isspace():
        return Spot(_blank_options(distinct))
    if not tokens[0].isalnum():
        return Spot((escape_literal(tokens[0]),))
    loose = r"\w++" if not following or following.isalnum() else f"{exclude(following)}++"
    if len(distinct) == 1:
        return Spot((escape_literal(tokens[0]), loose))
    return Spot((r"\d++", loose) if all(token.isdecimal() for token in distinct) else (loose,))


def _blank_options(distinct: set[str]) -> tuple[str, ...]:
    if distinct == {" "}:
        return (" ", " ++")
    if all(set(blank) == {" "} for blank in distinct):
        return (" ++",)
    exact = [escape_literal(blank) for blank in distinct]
    return (*exact, r"\s++") if len(exact) == 1 else (r"\s++",)


def field_options(values: Sequence[str], follow: Follow, *, name: str | None = None) -> Spot:
    """Return the patterns for a field, tight to loose, that take each of its values whole.

    Args:
        values: the field's texts in the labelled lines, none empty.
        follow: what stands after it.
        name: the field's name.
    """
    if follow.is_end and not follow.text:
        options = _last_options(values)
    elif not follow.text:
        options = _touching_options(values)
    else:
        options = _bounded_options(values, follow)
    whole = [option for option in options if all(re.fullmatch(option, value) for value in values)]
    return Spot(tuple(dict.fromkeys(whole)), name)


def _digits(values: Sequence[str]) -> list[str]:
    is_number = len(set(values)) > 1 and all(v.isdecimal() and v.isascii() for v in values)
    return [r"\d++"] if is_number else []


def _last_options(values: Sequence[str]) -> list[str]:
    spaced = any(re.search(r"\s", value) for value in values)
    return [*_digits(values), *([] if spaced else ["[^ ]++"]), r"\S.*+", ".*+"]


def _touching_options(values: Sequence[str]) -> list[str]:
    """Options where another field follows at once: a width, or a kind of character."""
    widths = {len(value) for value in values}
    fixed = [f".{{{widths.pop()}}}"] if len(widths) == 1 and len(values) > 1 else []
    return [r"\d++", "[A-Z]++", "[a-z]++", "[A-Za-z]++", r"\D++", r"[\d.]++", *fixed]


def _bounded_options(values: Sequence[str], follow: Follow) -> list[str]:
    """Options where some text follows: everything up to that text."""
    stop = follow.text[0]
    has_blank = any(re.search(r"\s", value) for value in values)
    options = _digits(values)
    if not any(stop in value for value in values):
        options += [f"{exclude(stop if has_blank or stop == ' ' else ' ' + stop)}++"]
        options += [f"{exclude(stop)}++"]
    counts = {len(re.findall(_stop_run(stop), value)) for value in values}
    if len(counts) == 1 and counts != {0}:
        word, run = f"{exclude(stop)}++", _stop_run(stop)
        options += [word + f"(?:{run}{word})" + (f"{{{n}}}" if (n := counts.pop()) > 1 else "")]
    until = escape_literal(follow.text)
    if len(follow.text) > 1:
        options += [f"(?:(?!{until}).)++"]
    if follow.is_before_digit:
        options += [rf"(?:(?!{until}\d).)++"]
    return options


def _stop_run(stop: str) -> str:
    return " ++" if stop == " " else escape_literal(stop)
