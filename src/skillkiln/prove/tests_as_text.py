"""A candidate's tests read as syntax: what they assert, and which kinds of input they try.

Reading is a first, cheap look: it finds the tests that no skill could fail and says where. Whether
the tests notice a real change is seen by running them against changed skills (gate `mutants`).

Four kinds of input make a test file adequate: *ordinary* ones with an expected result, *null* ones
(empty, blank, zero, None), *anomalous* ones (refused with an error, or with characters outside
printable ASCII), and *massive* ones (a thousand times as large as one would write by hand).
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skillkiln.prove.source import SourceText

MASSIVE_FACTOR = 1_000
MASSIVE_TEXT = 10_000

KINDS = ("ordinary", "null", "anomalous", "massive")

WIDE_ERRORS = frozenset({"Exception", "BaseException"})
"""Expecting one of these is content with any failure, a broken skill's among them."""


@dataclass(frozen=True, slots=True)
class FoundTest:
    """One test: its own tree and those of the functions of the file that it calls."""

    name: str
    node: ast.FunctionDef
    reach: tuple[ast.AST, ...]
    """All nodes of the test, its decorators, the local functions and module constants it uses."""


def find_tests(source: SourceText) -> list[FoundTest]:
    """Return the tests that a runner would collect."""
    definitions = {
        node.name: node for node in source.module.body if isinstance(node, ast.FunctionDef)
    }
    methods = [
        item
        for node in source.module.body
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
        for item in node.body
        if isinstance(item, ast.FunctionDef)
    ]
    known: dict[str, ast.AST] = {**_assigned(source.module.body), **definitions}
    return [
        FoundTest(node.name, node, tuple(_reach(node, known)))
        for node in [*definitions.values(), *methods]
        if node.name.startswith("test")
    ]


def _assigned(statements: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """Return what plain and annotated assignments bind, by name."""
    bound: dict[str, ast.expr] = {}
    for statement in statements:
        match statement:
            case ast.Assign(targets=targets, value=value):
                bound |= {target.id: value for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                bound[name] = value
            case _:
                pass
    return bound


def _reach(node: ast.AST, known: dict[str, ast.AST]) -> Iterator[ast.AST]:
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        for part in ast.walk(waiting.pop()):
            yield part
            if isinstance(part, ast.Name) and part.id in known and part.id not in seen:
                seen.add(part.id)
                waiting.append(known[part.id])


def calls_skill(nodes: tuple[ast.AST, ...], source: SourceText) -> bool:
    """Say whether the skill's `run` is called among some nodes."""
    return any(_is_skill_call(node, source) for node in nodes)


def _is_skill_call(node: ast.AST, source: SourceText) -> bool:
    return isinstance(node, ast.Call) and source.dotted_name(node.func) == "skill.run"


def find_assertions(test: FoundTest, source: SourceText) -> list[ast.AST]:
    """Return what can fail a test: assertions that say something, and expected errors."""
    return [
        node
        for node in test.reach
        if (isinstance(node, ast.Assert) and not is_tautology(node.test))
        or (_expected_error(node, source) not in {"", *WIDE_ERRORS})
    ]


def _expected_error(node: ast.AST, source: SourceText) -> str:
    """Return the name of the error that `pytest.raises` expects there; empty for other nodes."""
    if not isinstance(node, ast.Call) or source.dotted_name(node.func) != "pytest.raises":
        return ""
    return source.dotted_name(node.args[0]) if node.args else "Exception"


def is_tautology(test: ast.expr) -> bool:
    """Say whether a condition holds whatever the skill does."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=elements):
            return bool(elements)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(is_tautology(value) for value in values)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(is_tautology(value) for value in values)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            is_reflexive = isinstance(op, (ast.Eq, ast.Is, ast.LtE, ast.GtE))
            are_constant = isinstance(left, ast.Constant) and isinstance(right, ast.Constant)
            return are_constant or (is_reflexive and ast.dump(left) == ast.dump(right))
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, ast.Name(id="object")]):
            return True
        case _:
            return False


def find_swallowing(test: FoundTest) -> ast.AST | None:
    """Return the first place where a test catches what would fail it; None where it does not."""
    for node in test.reach:
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = (
            {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)}
            if node.type
            else set[str]()
        )
        if node.type is None or caught & {*WIDE_ERRORS, "AssertionError"}:
            return node
    return None


def find_kinds(test: FoundTest, source: SourceText) -> set[str]:
    """Return the kinds of input that a test tries."""
    if not calls_skill(test.reach, source):
        return set()
    kinds: set[str] = set()
    calls = list(_find_calls(test, source))
    is_massive = any(_is_massive(node) for node in test.reach)
    if is_massive:
        kinds.add("massive")
    if any(_is_null(given) for call in calls for given in call):
        kinds.add("null")
    others = [] if is_massive else [call for call in calls if not any(map(_is_null, call))]
    expects_error = any(_expected_error(node, source) for node in test.reach)
    if others and (expects_error or any(_is_odd_text(given) for call in others for given in call)):
        kinds.add("anomalous")
    if others and not expects_error and any(_is_equality(node) for node in test.reach):
        kinds.add("ordinary")
    return kinds


def _find_calls(test: FoundTest, source: SourceText) -> Iterator[list[ast.expr]]:
    """Yield what each call of `run` is given; for a name, each value that it takes in the test."""
    constants = _assigned(source.module.body)
    for node in test.reach:
        if not (isinstance(node, ast.Call) and _is_skill_call(node, source)):
            continue
        given = [*node.args, *(word.value for word in node.keywords)]
        names = [argument.id for argument in given if isinstance(argument, ast.Name)]
        values = [value for name in names for value in _find_values(name, test, constants)]
        yield from [_list_parts(value) for value in values] or [given]


def _list_parts(value: ast.expr) -> list[ast.expr]:
    """Return the inputs in a value: those of `run(**value)` are the dictionary's."""
    return value.values if isinstance(value, ast.Dict) and value.values else [value]


def _find_values(
    name: str, test: FoundTest, constants: Mapping[str, ast.expr]
) -> Iterator[ast.expr]:
    """Yield the values that a name takes: from `parametrize`, a loop, or an assignment."""
    for node in test.reach:
        match node:
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[names, table, *_]):
                yield from _find_column(name, _split_names(names), table, constants)
            case ast.For(target=target, iter=table) | ast.comprehension(target=target, iter=table):
                columns = [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]
                yield from _find_column(name, columns, table, constants)
            case ast.Assign() | ast.AnnAssign():
                yield from (value for bound, value in _assigned([node]).items() if bound == name)
            case _:
                pass


def _split_names(names: ast.expr) -> list[str]:
    """Return the names in the first argument of `parametrize`: one text, or several."""
    texts = [part.value for part in ast.walk(names) if isinstance(part, ast.Constant)]
    return [name for text in texts if isinstance(text, str) for name in text.split(",") if name]


def _find_column(
    name: str, columns: list[str], table: ast.expr, constants: Mapping[str, ast.expr]
) -> Iterator[ast.expr]:
    """Yield one column of a table that is written out."""
    stripped = [column.strip() for column in columns]
    if name not in stripped:
        return
    place = stripped.index(name)
    for cells in _list_rows(table, constants, is_wide=len(columns) > 1):
        if place < len(cells):
            yield cells[place]


def _list_rows(
    table: ast.expr, constants: Mapping[str, ast.expr], *, is_wide: bool
) -> Iterator[list[ast.expr]]:
    match table:
        case ast.Name(id=name) if name in constants:
            yield from _list_rows(constants[name], {}, is_wide=is_wide)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="items")):
            if isinstance(found := constants.get(name), ast.Dict):
                pairs = zip(found.keys, found.values, strict=True)
                yield from ([key, value] for key, value in pairs if key is not None)
        case ast.List(elts=rows) | ast.Tuple(elts=rows):
            for row in rows:
                match row:
                    case ast.Call(args=cells):  # pytest.param
                        yield cells
                    case ast.Tuple(elts=cells) | ast.List(elts=cells) if is_wide:
                        yield cells
                    case _:
                        yield [row]
        case _:
            return


def _is_null(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return not text.strip()
        case ast.Constant(value=value):
            return not value
        case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Tuple(elts=[]):
            return True
        case _:
            return False


def _is_odd_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and not (node.value.isascii() and node.value.isprintable())
    )


def _is_massive(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return max(_size(left), _size(right)) >= MASSIVE_FACTOR
        case ast.Call(func=ast.Name(id="range"), args=arguments):
            return max(map(_size, arguments), default=0) >= MASSIVE_FACTOR
        case ast.Constant(value=str(text)):
            return len(text) >= MASSIVE_TEXT
        case _:
            return False


def _size(node: ast.expr) -> int:
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.BinOp(
            left=ast.Constant(value=int(base)), op=ast.Pow(), right=ast.Constant(value=int(power))
        ) if abs(base) <= 10 and 0 <= power <= 9:
            return base**power
        case _:
            return 0


def _is_equality(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq) for op in node.ops)
        and not is_tautology(node)
    )
