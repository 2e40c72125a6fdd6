"""The text of skill.py for a learnt line parser.

It holds one compiled pattern for each shape with a line of that shape above it, a `TypedDict` of
the fields, and `run`, which raises `ValueError` for a line that no pattern takes whole. Field
names stay as they were asked for; where one is no identifier, `Entry` is written in the functional
form of `TypedDict`, so that the keys of the answer are the names of the cases.
"""

from collections.abc import Sequence

from skillkiln.author.lines.parser import LineParser, ShapePattern
from skillkiln.author.python_text import (
    WIDTH,
    is_parameter_name,
    render_call,
    render_comment,
    render_compile,
    render_string,
    unused_name,
)

POSSESSIVE_NOTE = "# `++` never gives back what it took, so no line can make matching slow."


def render_line_skill(
    parser: LineParser, samples: Sequence[str], *, parameter: str, title: str
) -> str:
    """Render skill.py.

    Args:
        parser: what was learnt.
        samples: for each of the parser's patterns, a line of that shape.
        parameter: the name of `run`'s one parameter.
        title: the first line of the module's docstring, without its full stop.
    """
    is_single = len(parser.patterns) == 1
    patterns = _render_single(parser, samples[0]) if is_single else _render_several(parser, samples)
    body = _single_body(parser, parameter) if is_single else _several_body(parser, parameter)
    return "\n".join(
        [
            '"""' + title + ".",
            "",
            "Every pattern takes a line whole or not at all; a line of no learnt shape is refused.",
            '"""',
            "",
            "import re",
            "from typing import TypedDict",
            "",
            POSSESSIVE_NOTE,
            *patterns,
            "",
            "",
            *_render_entry(parser),
            "",
            "",
            f"def run({parameter}: str) -> Entry:",
            '    """Return the fields of one line.',
            "",
            "    Raises:",
            "        ValueError: the line has no learnt shape.",
            '    """',
            *body,
            "",
        ]
    )


def _render_single(parser: LineParser, sample: str) -> list[str]:
    compiled = render_compile(parser.patterns[0].pieces, before=len("LINE = "))
    return [render_comment(sample), f"LINE = {compiled}"]


def _render_several(parser: LineParser, samples: Sequence[str]) -> list[str]:
    rows: list[str] = ["SHAPES = ("]
    for pattern, sample in zip(parser.patterns, samples, strict=True):
        compiled = render_compile(pattern.pieces, indent=4, before=4, after=1)
        rows += [render_comment(sample, indent=4), f"    {compiled},"]
    return [*rows, ")"]


def _has_plain_names(parser: LineParser) -> bool:
    return all(is_parameter_name(field) for field in parser.fields)


def _render_entry(parser: LineParser) -> list[str]:
    if _has_plain_names(parser):
        fields = [f"    {field}: str" for field in parser.fields]
        return ["class Entry(TypedDict):", f'    """{_entry_note(parser)}"""', "", *fields]
    fields = [f"        {render_string(field)}: str," for field in parser.fields]
    return [
        f"# {_entry_note(parser)}",
        "Entry = TypedDict(",
        '    "Entry",',
        "    {",
        *fields,
        "    },",
        ")",
    ]


def _entry_note(parser: LineParser) -> str:
    has_optional = any(
        set(pattern.shape.fields) != set(parser.fields) for pattern in parser.patterns
    )
    return (
        "The fields of a line, as they stand in it; empty where a shape lacks one."
        if has_optional
        else "The fields of a line, as they stand in it."
    )


def _subject(parser: LineParser, parameter: str) -> str:
    return parameter if parser.keeps_trailing_blanks else f"{parameter}.rstrip()"


def _refusal(parameter: str, indent: int) -> str:
    message = f'f"line of no learnt shape: {{{parameter}[:80]!r}}"'
    pad = " " * indent
    flat = f"{pad}raise ValueError({message})"
    return flat if len(flat) <= WIDTH else f"{pad}raise ValueError(\n{pad}    {message}\n{pad})"


def _single_body(parser: LineParser, parameter: str) -> list[str]:
    match = unused_name("match", [parameter])
    values = [(field, f'{match}["{parser.patterns[0].groups[field]}"]') for field in parser.fields]
    return [
        f"    {match} = LINE.fullmatch({_subject(parser, parameter)})",
        f"    if {match} is None:",
        _refusal(parameter, 8),
        f"    return {_render_answer(parser, values, indent=4)}",
    ]


def _several_body(parser: LineParser, parameter: str) -> list[str]:
    shape, match, found = (unused_name(n, [parameter]) for n in ("shape", "match", "found"))
    groups = parser.patterns[0].groups
    values = [
        (field, _lookup(found, groups[field], is_always=_is_always(parser.patterns, field)))
        for field in parser.fields
    ]
    return [
        f"    for {shape} in SHAPES:",
        f"        {match} = {shape}.fullmatch({_subject(parser, parameter)})",
        f"        if {match} is not None:",
        f"            {found} = {match}.groupdict()",
        f"            return {_render_answer(parser, values, indent=12)}",
        _refusal(parameter, 4),
    ]


def _is_always(patterns: Sequence[ShapePattern], field: str) -> bool:
    return all(field in pattern.shape.fields for pattern in patterns)


def _lookup(found: str, group: str, *, is_always: bool) -> str:
    return f'{found}["{group}"]' if is_always else f'{found}.get("{group}", "")'


def _render_answer(parser: LineParser, values: list[tuple[str, str]], *, indent: int) -> str:
    before = indent + len("return ")
    if _has_plain_names(parser):
        arguments = [f"{field}={value}" for field, value in values]
        return render_call("Entry", arguments, indent=indent, before=before)
    rows = [f"{render_string(field)}: {value}" for field, value in values]
    flat = "{" + ", ".join(rows) + "}"
    if before + len(flat) <= WIDTH:
        return flat
    pad = " " * (indent + 4)
    return "\n".join(["{", *(f"{pad}{row}," for row in rows), " " * indent + "}"])
