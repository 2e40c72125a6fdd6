"""Small changes to a skill that its own tests should notice.

A change is made on the tree and written back as text, one for each mutant. The first answers
nothing at all; the others turn a condition round, change a constant, swallow an answer or raise
another error, spread evenly over the file. Where a change could not show in an answer (docstrings,
annotations, texts of errors, declarations of types) none is made.

Source: R. A. DeMillo, R. J. Lipton, F. G. Sayward, Hints on Test Data Selection, Computer 1978.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

from skillkiln.prove.source import SourceText
from skillkiln.skill.signature import find_run

OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed skill."""

    change: str
    """Where and what was changed."""
    text: str


def build_mutants(source: SourceText, max_mutants: int) -> list[Mutant]:
    """Return up to so many changed versions of a skill; the same source gives the same ones."""
    silenced = {id(node) for node in _find_silent(source.module)}
    sites = [
        number
        for number, node in enumerate(ast.walk(source.module))
        # A shallow copy will do: only the node itself is changed, never what hangs below it.
        if id(node) not in silenced and _change(copy.copy(node)) is not None
    ]
    chosen = _spread(sites, max_mutants - 1)
    mutants = [_build_mute(source), *(_build_mutant(source, number) for number in chosen)]
    return mutants[:max_mutants]


def _build_mute(source: SourceText) -> Mutant:
    module = copy.deepcopy(source.module)
    function = find_run(module)
    function.body = [ast.Return(ast.Constant(None))]
    return Mutant(f"{source.span(function)}: `run` answers nothing", _write(module))


def _build_mutant(source: SourceText, number: int) -> Mutant:
    module = copy.deepcopy(source.module)
    node = list(ast.walk(module))[number]
    return Mutant(f"{source.span(node)}: {_change(node)}", _write(module))


def _write(module: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(module)) + "\n"


def _spread(sites: list[int], count: int) -> list[int]:
    if len(sites) <= count:
        return sites
    return [sites[position * len(sites) // count] for position in range(count)]


def _change(node: ast.AST) -> str | None:
    """Change a node in place and say how; None where this kind of node is left alone."""
    match node:
        case ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return "condition turned round"
        case ast.Compare(ops=[op]) if type(op) in OPPOSITES:
            node.ops = [OPPOSITES[type(op)]()]
            return "comparison turned round"
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=str(text)):
            node.value = f"{text}~"
            return f"text {text!r:.30} changed"
        case ast.Constant(value=int(figure)):
            node.value = figure + 1
            return f"{figure} became {figure + 1}"
        case ast.Return(value=ast.expr()):
            node.value = ast.Constant(None)
            return "answer swallowed"
        case ast.Raise(exc=ast.expr()):
            node.exc = ast.Call(ast.Name("RuntimeError", ast.Load()), [], [])
            return "another error raised"
        case _:
            return None


def _find_silent(module: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes whose change could not show in an answer."""
    for node in ast.walk(module):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.ClassDef():
                yield from ast.walk(node)
            case ast.Raise(exc=ast.expr() as error):
                yield from ast.walk(error)
            case ast.arg(annotation=ast.expr() as annotation):
                yield from ast.walk(annotation)
            case ast.AnnAssign(annotation=annotation):
                yield from ast.walk(annotation)
            case ast.FunctionDef(returns=ast.expr() as annotation):
                yield from ast.walk(annotation)
            case ast.Call(func=ast.Name(id="TypedDict")):
                yield from ast.walk(node)
            case _:
                pass
