"""What an annotation of skill.py means: from syntax to a type, without running any of it.

Annotations are resolved against a closed table of names: the JSON types, `typing` forms, and the
TypedDicts, dataclasses and aliases of the same file. Types that name each other over and over are
bounded by what they would expand to, so that a small file cannot keep the host busy.
"""

import ast
import dataclasses
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import typing_extensions
from pydantic import ConfigDict, JsonValue

from skillkiln.errors import InvalidContractError
from skillkiln.skill.parsing import parse_expression

MAX_TYPE_NODES = 2_000
"""How many names and forms all annotations may come to, with every alias written out."""
STRICT = ConfigDict(extra="forbid")
MAX_SHOWN = 80

TypeForm = Any
"""What an annotation means, such as `int`, `list[str]` or a TypedDict: it has no static type."""

PLAIN_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "None": type(None),
    "list": list,
    "dict": dict,
    "tuple": tuple,
    "Any": JsonValue,
    "object": JsonValue,
    "Sequence": Sequence,
    "Mapping": Mapping,
    "List": list,
    "Dict": dict,
    "Tuple": tuple,
}
ONE_PART = frozenset({"Optional", "Final", "NotRequired", "Required", "list", "List", "Sequence"})
OBJECTS = frozenset({"dict", "Dict", "Mapping"})
PARAMETRIC = ONE_PART | OBJECTS | {"Literal", "Union", "Annotated", "tuple", "Tuple"}


class TypeResolver:
    """Turns annotation syntax into types, knowing the classes and aliases of one file."""

    def __init__(self, module: ast.Module) -> None:
        self._classes = {n.name: n for n in module.body if isinstance(n, ast.ClassDef)}
        self._aliases = {
            target.id: node.value
            for node in module.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self._resolved: dict[str, TypeForm] = {}
        self._sizes: dict[str, int] = {}
        self._pending: set[str] = set()
        self._nodes = 0

    def resolve(self, node: ast.expr) -> TypeForm:
        """Return the type that an annotation means.

        Raises:
            InvalidContractError: it is none that can cross as JSON.
        """
        self._count(1, node)
        match node:
            case ast.Constant(value=None):
                return type(None)
            case ast.Constant(value=str(text)):
                return self.resolve(_parse_annotation(text, node))
            case ast.Name(id=name):
                return self._named(name, node)
            case ast.Attribute(attr=name):
                return self._named(name, node)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self.resolve(left) | self.resolve(right)
            case ast.Subscript(value=value, slice=inner):
                return self._subscript(value, inner, node)
            case _:
                raise problem_at(
                    f"`{ast.unparse(node):.{MAX_SHOWN}}` is no type that crosses as JSON", node
                )

    def _count(self, nodes: int, node: ast.expr) -> None:
        self._nodes += nodes
        if self._nodes > MAX_TYPE_NODES:
            raise problem_at(f"the types of `run` come to more than {MAX_TYPE_NODES} nodes", node)

    def _subscript(self, value: ast.expr, inner: ast.expr, node: ast.expr) -> TypeForm:
        form = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if form not in PARAMETRIC:
            raise problem_at(
                f"`{ast.unparse(node):.{MAX_SHOWN}}` is no type that crosses as JSON", node
            )
        expected = 1 if form in ONE_PART else 2 if form in OBJECTS else None
        if len(parts) != (expected or len(parts)) or not (parts or form in {"tuple", "Tuple"}):
            raise problem_at(
                f"`{ast.unparse(node):.{MAX_SHOWN}}`: expected {expected or 'some'} in brackets",
                node,
            )
        if form == "Literal":
            return _literal(parts)
        if form in {"tuple", "Tuple"} and len(parts) == 2 and _is_ellipsis(parts[1]):
            return tuple[self.resolve(parts[0]), ...]
        arguments = tuple(
            self.resolve(part) for part in (parts[:1] if form == "Annotated" else parts)
        )
        if form in OBJECTS and arguments[0] is not str:
            raise problem_at(
                f"`{ast.unparse(node):.{MAX_SHOWN}}`: the keys of a JSON object are `str`", node
            )
        return _apply(form, arguments)

    def _named(self, name: str, node: ast.expr) -> TypeForm:
        if name in self._resolved:
            self._count(self._sizes[name], node)
            return self._resolved[name]
        if name in self._pending:
            raise problem_at(f"`{name}` contains itself", node)
        self._pending.add(name)
        nodes_before = self._nodes
        if name in self._classes:
            found = self._class(self._classes[name])
        elif name in self._aliases:
            found = self._alias(name, self._aliases[name])
        elif name in PLAIN_TYPES:
            found = PLAIN_TYPES[name]
        else:
            raise problem_at(
                f"`{name}` is not known here: use JSON types, or a TypedDict or dataclass of "
                "the same file",
                node,
            )
        self._pending.discard(name)
        self._resolved[name] = found
        # A class is written out once and referred to; an alias is written out at every use.
        self._sizes[name] = 0 if name in self._classes else self._nodes - nodes_before
        return found

    def _alias(self, name: str, value: ast.expr) -> TypeForm:
        if not (isinstance(value, ast.Call) and getattr(value.func, "id", "") == "TypedDict"):
            return self.resolve(value)
        fields: dict[str, TypeForm] = {}
        match value.args:
            case [_, ast.Dict(keys=keys, values=types)]:
                for key, kind in zip(keys, types, strict=True):
                    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                        raise problem_at(
                            f"`{name}`: the fields of a TypedDict are literal texts", kind
                        )
                    fields[key.value] = self.resolve(kind)
            case _:
                raise problem_at(f"`{name}`: expected TypedDict(name, {{field: type}})", value)
        return _build_typed_dict(name, fields, is_total=_is_total(value.keywords))

    def _class(self, node: ast.ClassDef) -> TypeForm:
        bases = [ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases]
        decorators = {
            ast.unparse(item).split("(")[0].rsplit(".", 1)[-1] for item in node.decorator_list
        }
        fields = {
            item.target.id: self.resolve(item.annotation)
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }
        if bases == ["TypedDict"]:
            return _build_typed_dict(node.name, fields, is_total=_is_total(node.keywords))
        if "dataclass" in decorators and not bases:
            return dataclasses.make_dataclass(node.name, list(fields.items()))
        raise problem_at(
            f"class `{node.name}`: expected a TypedDict or a dataclass that inherits nothing", node
        )


def _apply(form: str, arguments: tuple[TypeForm, ...]) -> TypeForm:
    match form:
        case "Optional":
            return arguments[0] | None
        case "Union":
            return typing.Union[arguments]  # noqa: UP007 - built from a tuple
        case "Annotated" | "Final":
            return arguments[0]
        case "NotRequired":
            return typing_extensions.NotRequired[arguments[0]]
        case "Required":
            return typing_extensions.Required[arguments[0]]
        case _:
            return PLAIN_TYPES[form][arguments if len(arguments) != 1 else arguments[0]]


def _literal(parts: list[ast.expr]) -> TypeForm:
    values = tuple(ast.literal_eval(part) for part in parts)
    for value, part in zip(values, parts, strict=True):
        if not isinstance(value, str | int | bool | None):
            raise problem_at(
                f"`Literal[{ast.unparse(part):.{MAX_SHOWN}}]`: expected text, int, bool, None", part
            )
    form: Any = Literal
    return form[values]


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _is_total(keywords: list[ast.keyword]) -> bool:
    return not any(word.arg == "total" and ast.unparse(word.value) == "False" for word in keywords)


def _build_typed_dict(name: str, fields: Mapping[str, Any], *, is_total: bool) -> TypeForm:
    # The typing_extensions form is the one that pydantic reads on every supported Python. The
    # constructor is called through Any because its arguments are only known here at run time.
    make = cast("Any", typing_extensions.TypedDict)
    built = make(name, dict(fields), total=is_total)
    built.__pydantic_config__ = STRICT
    return built


def _parse_annotation(text: str, node: ast.expr) -> ast.expr:
    try:
        parsed = parse_expression(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise problem_at(f"annotation {text!r:.60} does not parse", node) from error
    for part in ast.walk(parsed):  # a problem inside the quotes is reported where the quotes are
        ast.copy_location(part, node)
    return parsed


def problem_at(message: str, node: ast.AST) -> InvalidContractError:
    """Return the error that says what is wrong at a place in skill.py."""
    line = getattr(node, "lineno", 1)
    return InvalidContractError(f"skill.py: {message}", where=f"skill.py:{line}")
