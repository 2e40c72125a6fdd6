"""Text out of recordings: cut to length, made encodable, and made inert before it is shown.

A recording holds whatever some program printed: escape sequences that rewrite the terminal,
marks that reverse the reading order, half characters. `make_inert` leaves words and line breaks
and nothing that acts. It does not judge meaning: an instruction in a text stays visible as text,
and no part of Skillkiln follows it.
"""

import re

CHARS_PER_TOKEN = 4
"""Rule of thumb for English and code, used only where a recording counts no tokens."""

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*+[ -/]*+[@-~]?"  # control sequences: colours, cursor, erase
    r"|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)?"  # operating-system commands: titles, links, clipboard
    r"|\x1b[PX^_][^\x1b]*+(?:\x1b\\)?"  # device strings
    r"|\x1b."
)
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    r"\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, or changing the reading order
    r"\ud800-\udfff\U000e0000-\U000e007f]"  # half characters, and tags that hide text
)
_REPLACEMENT = "\ufffd"


def make_inert(text: str, max_chars: int = 2_000) -> str:
    """Return a text that can be shown anywhere: no escapes, controls or hidden characters.

    Args:
        text: anything.
        max_chars: longest result; a longer text is cut and ends in an ellipsis.
    """
    shortened = text[: max_chars * 4]
    plain = _ESCAPE_SEQUENCE.sub("", shortened.replace("\r\n", "\n"))
    inert = _UNSAFE.sub(_REPLACEMENT, plain)
    if len(inert) > max_chars or len(shortened) < len(text):
        return inert[: max_chars - 1] + "…"
    return inert


def make_inert_line(text: str, max_chars: int = 160) -> str:
    """Return a text made inert on one line, its runs of white space made single blanks."""
    flat = " ".join(make_inert(text, max_chars * 4).split())
    return flat if len(flat) <= max_chars else flat[: max_chars - 1] + "…"


def cut_text(text: str, max_chars: int) -> str:
    """Return a text that can be encoded, cut after a blank at `max_chars` at most.

    It is cut between words, so that no half of a secret is kept that its whole would betray.
    """
    if len(text) > max_chars:
        end = max_chars
        while end > 0 and not text[end - 1].isspace():
            end -= 1
        text = text[:end]
    return make_encodable(text)


def make_encodable(text: str) -> str:
    """Return a text with lone surrogates replaced, so that it can be stored as UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def count_tokens(text: str) -> int:
    """Estimate the tokens of a text."""
    return -(-len(text) // CHARS_PER_TOKEN)
