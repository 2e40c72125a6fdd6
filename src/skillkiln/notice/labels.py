"""Guess how a log line splits into named fields, for a person to confirm or correct.

A guess is a proposal, never a truth: the caller shows it and asks. It tries one separator that cuts
every line into exactly as many parts as there are names; else words, where a quoted or bracketed
stretch is one word and the last name takes the rest of the line.
"""

import re
from collections.abc import Sequence

SEPARATORS = ("|", "\t", ";", ",")
_WORD = re.compile(r'"([^"]*)"|\[([^\]]*)\]|(\S+)')


def guess_labels(lines: Sequence[str], fields: Sequence[str]) -> tuple[dict[str, str] | None, ...]:
    """Propose the fields of each line; None for a line that has too few parts.

    Every proposed value is a substring of its line, and the values stand in the order of `fields`.
    """
    for separator in SEPARATORS:
        if all(line.count(separator) == len(fields) - 1 for line in lines):
            return tuple(
                {
                    name: part.strip()
                    for name, part in zip(fields, line.split(separator), strict=True)
                }
                for line in lines
            )
    return tuple(_guess_words(line, fields) for line in lines)


def is_settled(line: str, fields: Sequence[str]) -> bool:
    """Say whether a line has exactly as many parts as there are names, so nothing is guessed."""
    if any(line.count(separator) == len(fields) - 1 for separator in SEPARATORS):
        return True
    return len(_WORD.findall(line)) == len(fields)


def _guess_words(line: str, fields: Sequence[str]) -> dict[str, str] | None:
    words = list(_WORD.finditer(line))
    if len(words) < len(fields):
        return None
    values = [next(part for part in word.groups() if part is not None) for word in words]
    last = words[len(fields) - 1]
    if len(words) > len(fields):
        values[len(fields) - 1] = line[last.start() :].rstrip()
    return dict(zip(fields, values, strict=False))


def pick_diverse(lines: Sequence[str], count: int) -> tuple[str, ...]:
    """Pick lines to label: one of each shape before a second of any, in the order of the log."""
    by_shape: dict[str, list[str]] = {}
    for line in dict.fromkeys(lines):
        by_shape.setdefault(shape(line), []).append(line)
    picked: list[str] = []
    while len(picked) < count and any(by_shape.values()):
        for waiting in by_shape.values():
            if waiting and len(picked) < count:
                picked.append(waiting.pop(0))
    return tuple(line for line in dict.fromkeys(lines) if line in set(picked))


def shape(line: str) -> str:
    """Reduce a line to its shape: runs of letters and digits to one mark each."""
    return re.sub(r"\s+", " ", re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "9", line)))[:200]
