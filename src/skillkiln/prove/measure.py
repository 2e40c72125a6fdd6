"""How simple a program is, measured on its tree.

Cyclomatic complexity is one plus the decisions of a function: `if`, loops, `except`, conditional
expressions, `assert`, comprehension conditions, `case`, and each further operand of `and` and `or`.
The copied share says how much of a program is its examples written down again.

Source: T. J. McCabe, A Complexity Measure, IEEE TSE 1976.
"""

import ast
import json
from collections.abc import Sequence

from pydantic import JsonValue

from skillkiln.prove.source import SourceText, find_docstrings
from skillkiln.records.needs import Case

MIN_COPIED_INPUT = 3
MIN_COPIED_OUTPUT = 8
"""Characters from which a constant that equals a text of an example is no coincidence."""
MIN_COPIED_ITEMS = 2
"""Items from which the same holds for a list or an object."""

_LITERALS = ast.Constant | ast.List | ast.Tuple | ast.Dict

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
    """Return the share of cases that stand in the program as literals, from 0 to 1.

    A case is copied when a literal equals one of its inputs or its expected value, as it is or
    spelled out in a text. Numbers and short texts are left out: programs share those with their
    examples by coincidence.
    """
    literals = _collect_literals(source.module)
    copied = sum(_is_copied(case, literals) for case in cases)
    return copied / len(cases) if cases else 0.0


def _is_copied(case: Case, literals: set[str]) -> bool:
    telling = [value for value in case.inputs.values() if _is_telling(value, MIN_COPIED_INPUT)]
    if _is_telling(case.expected, MIN_COPIED_OUTPUT):
        telling.append(case.expected)
    return any(_spellings(value) & literals for value in telling)


def _is_telling(value: JsonValue, min_length: int) -> bool:
    """Say whether a value is long enough that finding it in a program is no coincidence."""
    if isinstance(value, str):
        return len(value) >= min_length
    return isinstance(value, (list, dict)) and len(value) >= MIN_COPIED_ITEMS


def _spellings(value: JsonValue) -> set[str]:
    return {_canonical(value), _canonical(str(value)), _canonical(json.dumps(value))}


def _collect_literals(module: ast.Module) -> set[str]:
    """Return every literal of a program, the inner ones too, in one spelling."""
    docstrings = find_docstrings(module)
    found: set[str] = set()
    for node in ast.walk(module):
        if id(node) in docstrings or not isinstance(node, _LITERALS):
            continue
        try:
            found.add(_canonical(ast.literal_eval(node)))
        except (ValueError, TypeError):
            continue  # it is computed, or JSON has no form for it
    return found


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def count_loose_types(source: SourceText) -> int:
    """Count what quiets a type checker without explaining anything: `Any`, `object`, `cast`."""
    quiet = {"typing.Any", "typing.cast"}
    return sum(
        1
        for node in source.nodes()
        if isinstance(node, (ast.Name, ast.Attribute)) and source.dotted_name(node) in quiet
    )
