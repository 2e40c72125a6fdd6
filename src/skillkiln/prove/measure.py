"""How simple a program is, measured on its tree.

Cyclomatic complexity is one plus the decisions of a function: `if`, loops, `except`, conditional
expressions, `assert`, comprehension conditions, `case`, and each further operand of `and` and `or`.
The copied share says how much of a program is its examples written down again.

Source: T. J. McCabe, A Complexity Measure, IEEE TSE 1976.
"""

import ast
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from skillkiln.prove.source import SourceText, string_constants
from skillkiln.records.needs import Case

MIN_COPIED_INPUT = 3
MIN_COPIED_OUTPUT = 8
"""Characters from which a constant that equals a text of an example is no coincidence."""

_BLOCKS = (
    ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match | ast.FunctionDef | ast.ClassDef
)


def count_code_lines(source: SourceText) -> int:
    """Count the lines that hold code: no blank lines, comments or docstrings."""
    docstring_lines: set[int] = set()
    for node in source.nodes():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstring_lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = source.text.splitlines()
    return sum(
        1
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#") and number not in docstring_lines
    )


def measure_complexity(source: SourceText) -> int:
    """Return the cyclomatic complexity of the most complex function; 1 when there is none."""
    functions = [
        node
        for node in source.nodes()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    ]
    return max((1 + sum(map(_decisions, ast.walk(node))) for node in functions), default=1)


def count_branches(source: SourceText) -> int:
    """Count the decisions of the whole file."""
    return sum(map(_decisions, source.nodes()))


def _decisions(node: ast.AST) -> int:
    match node:
        case ast.BoolOp(values=values):
            return len(values) - 1
        case ast.comprehension(ifs=conditions):
            return len(conditions)
        case ast.Match(cases=cases):
            return len(cases)
        case (
            ast.If()
            | ast.For()
            | ast.AsyncFor()
            | ast.While()
            | ast.IfExp()
            | ast.ExceptHandler()
            | ast.Assert()
        ):
            return 1
        case _:
            return 0


def measure_nesting(node: ast.AST) -> int:
    """Return how many blocks stand inside each other at the deepest place."""
    inner = max((measure_nesting(child) for child in ast.iter_child_nodes(node)), default=0)
    return inner + isinstance(node, _BLOCKS)


def measure_copied_share(source: SourceText, cases: Sequence[Case]) -> float:
    """Return the share of cases that stand in the program as constants, from 0 to 1.

    A case is copied when a constant equals one of its inputs, or its whole expected text; numbers
    and short texts are left out, since programs share those with their examples by coincidence.
    """
    if not cases:
        return 0.0
    constants = set(string_constants(source.module))
    return sum(_is_copied(case, constants) for case in cases) / len(cases)


def _is_copied(case: Case, constants: set[str]) -> bool:
    inputs = (text for value in case.inputs.values() for text in texts_in(value))
    if any(len(text) >= MIN_COPIED_INPUT and text in constants for text in inputs):
        return True
    return (
        isinstance(case.expected, str)
        and len(case.expected) >= MIN_COPIED_OUTPUT
        and case.expected in constants
    )


def texts_in(value: JsonValue) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)


def count_loose_types(source: SourceText) -> int:
    """Count what quiets a type checker without explaining anything: `Any`, `object`, `cast`."""
    quiet = {"typing.Any", "typing.cast"}
    return sum(
        1
        for node in source.nodes()
        if isinstance(node, (ast.Name, ast.Attribute)) and source.dotted_name(node) in quiet
    )
