r"""Rendering Python source as `ruff format` would lay it out.

Only what emitted skills need: string and pattern literals, nested lists, tuples and dictionaries,
and the breaking of what does not fit in 88 columns. Text comes from recordings, so whatever is not
plainly printable is escaped: no emitted file holds a control or direction character.

Example:
    >>> render_string('say "hi"')
    '\'say "hi"\''
"""

import keyword
import re
from collections.abc import Mapping, Sequence

WIDTH = 88
"""Columns of a line; ruff's default."""
PIECE = 60
"""Columns of one piece of a string that is broken over lines."""

Literal = str | int | bool | None | Sequence["Literal"] | Mapping[str, "Literal"]


def render_string(text: str) -> str:
    """Render a string literal on one line, double-quoted where that needs no more escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = "".join(_escape(character) for character in text.replace("\\", "\\\\"))
    return quote + body.replace(quote, "\\" + quote) + quote


def _escape(character: str) -> str:
    return character if character.isprintable() else repr(character)[1:-1]


def render_pattern(text: str) -> str:
    """Render a pattern on one line, raw where it holds a backslash and can be raw."""
    if "\\" not in text:
        return render_string(text)
    quote = next((quote for quote in "\"'" if quote not in text), None)
    if quote is None or not text.isprintable() or text.endswith("\\") or '\\"' in text:
        return render_string(text)
    return f"r{quote}{text}{quote}"


def render_literal(value: Literal, *, indent: int = 0, before: int = 0, after: int = 0) -> str:
    """Render a value, over several lines where it does not fit on one.

    Args:
        value: texts, numbers, and lists, tuples and dictionaries of them.
        indent: columns that continued lines are indented by.
        before: columns taken on the first line before the value.
        after: columns needed on the last line behind it.
    """
    flat = _render_flat(value)
    if before + len(flat) + after <= WIDTH:
        return flat
    inner = indent + 4
    if isinstance(value, str):
        if len(value) <= PIECE // 2:
            return flat
        whole = inner + len(flat) <= WIDTH
        pieces = [flat] if whole else [render_string(piece) for piece in split_text(value)]
        return _wrap("(", pieces, ")", indent)
    if isinstance(value, Mapping):
        rows = [
            f"{render_string(key)}: "
            + render_literal(
                item, indent=inner, before=inner + len(render_string(key)) + 2, after=1
            )
            for key, item in value.items()
        ]
        return _wrap("{", [f"{row}," for row in rows], "}", indent)
    if isinstance(value, (list, tuple)):
        rows = [render_literal(item, indent=inner, before=inner, after=1) for item in value]
        brackets = "()" if isinstance(value, tuple) else "[]"
        return _wrap(brackets[0], [f"{row}," for row in rows], brackets[1], indent)
    return flat


def _render_flat(value: Literal) -> str:
    if isinstance(value, str):
        return render_string(value)
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{render_string(k)}: {_render_flat(v)}" for k, v in value.items())
            + "}"
        )
    if isinstance(value, tuple):
        items = [_render_flat(item) for item in value]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if isinstance(value, Sequence):
        return f"[{', '.join(_render_flat(item) for item in value)}]"
    return repr(value)


def _wrap(opening: str, rows: Sequence[str], closing: str, indent: int) -> str:
    pad = " " * (indent + 4)
    return "\n".join([opening, *(pad + row for row in rows), " " * indent + closing])


def render_call(
    function: str, arguments: Sequence[str], *, indent: int = 0, before: int = 0, after: int = 0
) -> str:
    """Render a call of rendered arguments, one on each line where they do not fit on one."""
    flat = f"{function}({', '.join(arguments)})"
    if "\n" not in flat and before + len(flat) + after <= WIDTH:
        return flat
    return _wrap(f"{function}(", [f"{argument}," for argument in arguments], ")", indent)


def render_compile(
    pieces: Sequence[str], *, indent: int = 0, before: int = 0, after: int = 0
) -> str:
    """Render `re.compile` of a pattern given in pieces, one on each line where it is long."""
    whole = render_pattern("".join(pieces))
    if before + len(f"re.compile({whole})") + after <= WIDTH:
        return f"re.compile({whole})"
    if indent + 4 + len(whole) <= WIDTH:
        return _wrap("re.compile(", [whole], ")", indent)
    rows = [render_pattern(part) for piece in pieces for part in _split_pattern(piece)]
    return _wrap("re.compile(", rows, ")", indent)


def _split_pattern(piece: str) -> list[str]:
    """Cut a piece of a pattern that is too long for a line, never inside an escape."""
    parts = [""]
    for token in re.findall(r"\\.|.", piece, re.DOTALL):
        if len(parts[-1]) >= PIECE:
            parts.append("")
        parts[-1] += token
    return parts


def split_text(text: str) -> list[str]:
    """Cut a text into pieces that fit on a line, after a blank where there is one."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        # Escapes widen a character by up to ten columns, so the cut is measured as rendered.
        size = PIECE
        while size > 1 and len(render_string(text[start : start + size])) > PIECE + 12:
            size -= max(1, size // 8)
        end = start + size
        if end < len(text):
            blank = text.rfind(" ", start + size // 2, end)
            end = blank + 1 if blank >= 0 else end
        pieces.append(text[start:end])
        start = end
    return pieces


def render_comment(text: str, *, indent: int = 0) -> str:
    """Render a one-line comment that shows a text, cut to fit.

    A number sign in it becomes a question mark: what is quoted must not read as a directive to a
    checking tool.
    """
    shown = "".join(_escape(character) for character in text.replace("#", "?"))
    room = WIDTH - indent - 2
    return (
        " " * indent + "# " + (shown if len(shown) <= room else shown[: room - 3] + "...").strip()
    )


def is_parameter_name(text: str) -> bool:
    """Say whether a text can name a parameter of `run`."""
    return text.isidentifier() and not keyword.iskeyword(text) and not text.startswith("_")


def unused_name(wanted: str, taken: Sequence[str]) -> str:
    """Return the wanted name, with an underscore behind it for each clash."""
    while wanted in taken:
        wanted += "_"
    return wanted
