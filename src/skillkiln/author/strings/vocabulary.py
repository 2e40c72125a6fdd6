"""The words of the language of string programs: tokens, cleanings, and what they cost.

A cost is a guess at how unlikely a person is to have meant something: the cheapest program that
fits the examples is tried first. The figures were tuned on one half of public benchmark tasks and
are reported on the other half (`benchmarks/authors.py`).
"""

import re
from collections.abc import Iterator, Sequence

from skillkiln.author.python_text import render_pattern, render_string
from skillkiln.author.strings.expressions import Cleaning, Token
from skillkiln.author.strings.scope import Scope

DIGITS = Token("DIGITS", r"\d+")
LETTERS = Token("LETTERS", r"[^\W\d_]+")
CAPITALS = Token("CAPITALS", r"[A-Z]+")
SMALL = Token("SMALL_LETTERS", r"[a-z]+")
CAPITALISED = Token("CAPITALISED", r"[A-Z][a-z]+")
ALPHANUMERIC = Token("ALPHANUMERIC", r"[^\W_]+")
WORD = Token("WORD", r"\S+")
NUMBER = Token("NUMBER", r"\d+(?:[.,]\d+)*")
NAME_LIKE = Token("NAME_LIKE", r"[\w.-]+")
HUMP = Token("HUMP", r"[A-Z]?[a-z]+|[A-Z]+|\d+")
INITIAL = Token("INITIAL", r"\b[^\W\d_]")

TOKEN_COSTS: dict[Token, float] = {
    DIGITS: 0.3,
    LETTERS: 0.3,
    WORD: 0.35,
    ALPHANUMERIC: 0.45,
    NUMBER: 0.6,
    CAPITALS: 0.9,
    SMALL: 0.9,
    CAPITALISED: 0.7,
    NAME_LIKE: 0.9,
    HUMP: 1.2,
}

CASES: dict[str, float] = {"lower": 0.6, "upper": 0.6, "capitalize": 0.8, "title": 0.8}
"""String methods that change case, with their cost."""


def index_cost(index: int) -> float:
    """Return the cost of an index: the first and the last are what people mostly mean."""
    return {0: 0.0, -1: 0.1}.get(index, 0.25 * abs(index) + (0.1 if index < 0 else 0.0))


def constant_cost(text: str, examples: int) -> float:
    """Return the cost of a constant: letters and digits are suspect, less so in many examples."""
    words = sum(character.isalnum() for character in text)
    marks = len(text) - words
    weight = 0.9 if examples == 1 else 0.6
    return 0.8 + 0.2 * marks + weight * min(words, 4) + 0.2 * max(0, words - 4)


def _method(key: str, name: str, *arguments: str) -> Cleaning:
    shown = ", ".join(render_string(argument) for argument in arguments)
    return Cleaning(
        name=name,
        apply=lambda text: str(getattr(text, key)(*arguments)),
        render=lambda source, scope: f"{source}.{key}({shown})",
        key=f"{key}({shown})",
    )


def _removal(name: str, constant: str, pattern: str, replacement: str = "") -> Cleaning:
    def render(source: str, scope: Scope) -> str:
        return f"{scope.use_pattern(constant, pattern)}.sub({render_string(replacement)}, {source})"

    return Cleaning(
        name=name,
        apply=lambda text: re.sub(pattern, replacement, text),
        render=render,
        key=f"sub({render_pattern(pattern)}, {replacement!r})",
    )


def joined_tokens(token: Token, separator: str) -> Cleaning:
    """Return the cleaning that keeps only a token's occurrences, joined by a separator."""

    def render(source: str, scope: Scope) -> str:
        pattern = scope.use_pattern(token.name, token.pattern)
        return f"{render_string(separator)}.join({pattern}.findall({source}))"

    return Cleaning(
        name="joined",
        apply=lambda text: separator.join(re.findall(token.pattern, text)),
        render=render,
        key=f"join({token.name}, {separator!r})",
    )


SQUEEZED = Cleaning(
    name="squeezed",
    apply=lambda text: " ".join(text.split()),
    render=lambda source, scope: f'" ".join({source}.split())',
    key="squeezed",
)
REVERSED_WORDS = Cleaning(
    name="turned",
    apply=lambda text: " ".join(reversed(text.split())),
    render=lambda source, scope: f'" ".join(reversed({source}.split()))',
    key="reversed words",
)
STRIPPED = _method("strip", "stripped")

FIXED_CLEANINGS: tuple[tuple[Cleaning, float], ...] = (
    (STRIPPED, 0.3),
    (SQUEEZED, 0.7),
    (_removal("digits", "NOT_DIGITS", r"\D+"), 0.9),
    (_removal("letters", "NOT_LETTERS", r"[\W\d_]+"), 1.2),
    (_removal("alphanumeric", "NOT_ALPHANUMERIC", r"[\W_]+"), 1.0),
    (_removal("number", "NOT_NUMBER", r"[^\d.]+"), 1.2),
    (_removal("capitals", "NOT_CAPITALS", r"[^A-Z]+"), 1.2),
    (_removal("unbracketed", "BRACKETED", r" ?\([^()]*\)"), 1.6),
    (_removal("plain", "TAG", r"<[^<>]*>"), 1.6),
    (_removal("undigited", "DIGITS", r"\d+"), 1.5),
    (joined_tokens(INITIAL, ""), 1.1),
    (REVERSED_WORDS, 1.8),
)
"""Cleanings that are always tried, with their cost."""


def find_cleanings(
    texts: Sequence[str], outputs: Sequence[str]
) -> Iterator[tuple[Cleaning, float]]:
    """Yield the cleanings worth trying for some texts, with their cost.

    Args:
        texts: the inputs of a column.
        outputs: the expected results.
    """
    yield from FIXED_CLEANINGS
    marks = [c for c in dict.fromkeys("".join(texts)) if not c.isalnum()][:10]
    wanted = [c for c in dict.fromkeys("".join(outputs)) if not c.isalnum()][:6]
    for mark in marks:
        yield _method("replace", "replaced", mark, ""), 1.0
        for other in wanted:
            if other != mark and not any(other in text for text in texts):
                yield _method("replace", "replaced", mark, other), 1.0
                yield _removal("replaced", "BLANKS", r"\s+", other), 1.3
    separators = ["", *(c for c in (" ", "-", "_", ".", "/", ",", ", ") if _is_in_all(c, outputs))]
    for token, cost in TOKEN_COSTS.items():
        for separator in separators:
            yield joined_tokens(token, separator), 1.3 + cost


def _is_in_all(text: str, outputs: Sequence[str]) -> bool:
    return any(text in output for output in outputs)


MAX_MARK = 16
"""Characters of a literal that a text is cut at."""


def find_marks(texts: Sequence[str]) -> list[str]:
    """Return the punctuation and words that stand in every text."""
    shortest = min(texts, key=len)
    marks = [c for c in dict.fromkeys(shortest) if not c.isalnum()]
    words = re.findall(r"[^\W\d_]{2,}[:=]?|[^\w\s]{2,}|[^\w\s]\s+", shortest)
    every = dict.fromkeys([*marks[:14], *(word[:MAX_MARK] for word in words[:16])])
    return [mark for mark in every if all(mark in text for text in texts)]
