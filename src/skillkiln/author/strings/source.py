"""The text of skill.py for a string program.

It holds the compiled patterns and the small functions that the program uses, and `run`, which
raises `ValueError` for a blank input where no example shows one, and for a text that lacks a part
which the answer is made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from skillkiln.author.python_text import WIDTH, render_compile, render_string, split_text
from skillkiln.author.strings.expressions import Constant
from skillkiln.author.strings.programs import Concatenation, StringProgram
from skillkiln.author.strings.scope import RUNTIME, Scope

RESERVED = ("datetime", "re", "run", *RUNTIME)
"""Names that an emitted module uses itself; an input must have another."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the module's docstring says.

    Attributes:
        title: its first line, without the full stop.
        examples: a few input-to-output pairs, each one line of plain text.
    """

    title: str
    examples: tuple[str, ...]


def render_string_skill(program: StringProgram, names: Sequence[str], header: Header) -> str:
    """Render skill.py.

    Args:
        program: what was learnt.
        names: the parameters of `run`, in order; none of them in `RESERVED`.
        header: the docstring.
    """
    scope = Scope(taken=[*RESERVED, *names])
    body = _render_body(program, scope)
    signature = ", ".join(f"{name}: str" for name in names)
    blocks = [_render_docstring(header)]
    imports = [*(["import re"] if scope.uses_re else []), *scope.imports]
    if imports:
        blocks.append("\n".join(imports))
    if scope.patterns:
        blocks.append(_render_patterns(scope))
    functions = [RUNTIME[name].rstrip() for name in RUNTIME if name in scope.runtime]
    run = "\n".join(
        [
            _render_signature(signature, names),
            '    """Return the answer for one input.',
            "",
            "    Raises:",
            "        ValueError: the input is blank or lacks a part that the answer is made of.",
            '    """',
            *_render_requirement(program.required),
            *body,
        ]
    )
    return "\n\n".join(blocks) + "\n\n\n" + "\n\n\n".join([*functions, run]) + "\n"


def _render_signature(signature: str, names: Sequence[str]) -> str:
    flat = f"def run({signature}) -> str:"
    if len(flat) <= WIDTH:
        return flat
    if len(signature) + 4 <= WIDTH:
        return f"def run(\n    {signature}\n) -> str:"
    return "\n".join(["def run(", *(f"    {name}: str," for name in names), ") -> str:"])


def _render_docstring(header: Header) -> str:
    examples = [f"    {example}" for example in header.examples]
    if not examples:
        return f'"""{header.title}."""'
    return "\n".join([f'"""{header.title}.', "", "For example:", *examples, '"""'])


def _render_patterns(scope: Scope) -> str:
    return "\n".join(
        f"{name} = {render_compile([pattern], before=len(name) + 3)}"
        for name, pattern in sorted(scope.patterns.items())
    )


def _render_requirement(required: Sequence[str]) -> list[str]:
    if not required:
        return []
    if len(required) <= 2:
        condition = " or ".join(f"not {name}.strip()" for name in required)
    else:
        condition = f"not all(part.strip() for part in ({', '.join(required)}))"
    return [f"    if {condition}:", '        raise ValueError("expected some text, got a blank")']


def _render_body(program: StringProgram, scope: Scope) -> list[str]:
    lines: list[str] = []
    if program.guard is not None and program.guarded is not None:
        lines.append(f"    if {program.guard.render(scope)}:")
        lines += _render_branch(program.guarded, scope, indent=8)
    return lines + _render_branch(program.otherwise, scope, indent=4)


def _render_branch(branch: Concatenation, scope: Scope, *, indent: int) -> list[str]:
    inner = Scope(
        taken=list(scope.taken),
        patterns=scope.patterns,
        runtime=scope.runtime,
        imports=scope.imports,
        columns=scope.columns,
    )
    parts: list[str] = []
    for part in branch.parts:
        if isinstance(part, Constant):
            parts += [render_string(piece) for piece in split_text(part.text)] or ['""']
        else:
            parts.append(part.render(inner))
    pad = " " * indent
    named = [f"{pad}{name} = {expression}" for name, expression in inner.locals]
    flat = " + ".join(parts) or '""'
    if indent + len("return ") + len(flat) <= WIDTH or len(parts) < 2:
        return [*named, f"{pad}return {flat}"]
    if indent + 4 + len(flat) <= WIDTH:
        return [*named, f"{pad}return (", f"{pad}    {flat}", f"{pad})"]
    rows = [f"{pad}    {parts[0]}", *(f"{pad}    + {part}" for part in parts[1:])]
    return [*named, f"{pad}return (", *rows, f"{pad})"]
