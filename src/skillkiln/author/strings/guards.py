"""The conditions that can tell some rows from others, the most likely first."""

from collections.abc import Iterator, Sequence

from skillkiln.author.strings.expressions import Row
from skillkiln.author.strings.programs import Begins, Contains, Guard, Holds, IsBlank
from skillkiln.author.strings.vocabulary import (
    ALPHANUMERIC,
    CAPITALS,
    DIGITS,
    LETTERS,
    SMALL,
    WORD,
)


def find_guards(rows: Sequence[Row], names: Sequence[str]) -> list[tuple[float, Guard]]:
    """Find conditions that hold for some of the rows and not for all, with their cost.

    Of conditions that hold for the same rows the cheapest two are kept.
    """
    kept: dict[tuple[bool, ...], list[tuple[float, Guard]]] = {}
    for name in names:
        for cost, guard in _candidates(name, [row[name] for row in rows]):
            holds = tuple(guard.holds(row) for row in rows)
            if len(set(holds)) == 2:
                kept.setdefault(holds, []).append((cost, guard))
    cheapest = [
        guard for guards in kept.values() for guard in sorted(guards, key=lambda g: g[0])[:2]
    ]
    return sorted(cheapest, key=lambda item: item[0])


def _candidates(name: str, texts: Sequence[str]) -> Iterator[tuple[float, Guard]]:
    yield 0.4, IsBlank(name)
    every = "".join(texts)
    for mark in [c for c in dict.fromkeys(every) if not c.isalnum()][:20]:
        yield 0.9, Contains(name, mark)
        for times in (2, 3):
            yield 1.2 + 0.1 * times, Contains(name, mark, times)
    for token in (DIGITS, LETTERS, CAPITALS, SMALL):
        yield 0.9, Holds(name, token)
        yield 1.0, Begins(name, token)
        yield 1.1, Begins(name, token, is_end=True)
    for token in (WORD, DIGITS, ALPHANUMERIC):
        for times in (2, 3, 4):
            yield 1.1 + 0.1 * times, Holds(name, token, times)
    words = dict.fromkeys(w for text in texts for w in text.split() if len(w) > 1)
    for word in list(words)[:30]:
        yield 1.5, Contains(name, word)
