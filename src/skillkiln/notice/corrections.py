"""Recognises a person correcting the agent.

Rules: only what a person said counts, and only after the agent did something. A correction opens
with its no (`no, ...`, `don't ...`, `that's wrong`, `I said ...`), because the same words later in
a text are mostly part of a task. Polite phrases that open the same way (`no problem`, `don't
worry`) are none, nor are long texts, which are tasks of their own. What is not recognised is not
noticed: a missed correction costs less than a false one.
"""

import re

MAX_CHARS = 600
"""A longer text is a new task rather than a correction."""

_HESITATION = r"(?:(?:oh|hm+|hey|wait|sorry|ok|okay|but|please|actually|well)[,.! ]+){0,3}"
_OPENINGS = (
    r"no(?:pe)?(?:[,.!:;-]|\s+(?:no|not|don'?t|do not|you|that|this|i|it|the|we|use)\b)",
    r"don'?t\b",
    r"do not\b",
    r"stop\b(?!\s+(?:the|all)\s+(?:server|container|service))",
    r"(?:that|this|it)(?:'s| is| was)? (?:wrong|incorrect|not (?:right|what|correct|it))\b",
    r"wrong\b",
    r"not what i\b",
    r"i (?:said|told you|asked (?:you )?(?:for|to)|meant)\b",
    r"you (?:should not|shouldn'?t|should have|forgot|broke|misunderstood|misread|missed)\b",
    r"why (?:did|are|would) you\b",
    r"(?:undo|revert) (?:that|this|it|your)\b",
)
_POLITE_OPENINGS = (
    r"no,? (?:problem|worries|need|thanks|thank you|rush|questions?|idea|all good)\b",
    r"no,? (?:that|it)(?:'?s| is) (?:fine|ok|okay|all|good|great)\b",
    r"don'?t (?:worry|forget|hesitate)\b",
    r"i (?:said|meant) yes\b",
    r"that'?s not (?:a problem|bad|an issue)\b",
)
_OPENING = re.compile(f"{_HESITATION}(?:{'|'.join(_OPENINGS)})", re.IGNORECASE)
_POLITE = re.compile(f"{_HESITATION}(?:{'|'.join(_POLITE_OPENINGS)})", re.IGNORECASE)
_WORD = re.compile(r"[a-z][a-z'-]{2,}")
_EMPTY_WORDS = frozenset(
    {"the", "and", "that", "this", "with", "for", "you", "are", "not", "don't", "dont", "but"}
    | {"was", "its", "it's", "have", "has", "had", "from", "what", "just", "should", "would"}
    | {"could", "can", "will", "please", "also", "then", "than", "when", "why", "did", "does"}
    | {"doing", "your", "use", "using"}
)


def is_correction(text: str) -> bool:
    """Say whether a person's words correct the agent."""
    said = text.strip().replace("\u2019", "'")
    return len(said) <= MAX_CHARS and bool(_OPENING.match(said)) and not _POLITE.match(said)


def list_topic_words(text: str) -> frozenset[str]:
    """Return the words that say what a correction is about."""
    return frozenset(_WORD.findall(text.lower())) - _EMPTY_WORDS
