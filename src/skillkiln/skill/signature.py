"""The schemas of a code skill, derived from the typed signature of `run` without running it.

The source is parsed, never imported: annotations are read as syntax, resolved against a closed
table of names (the JSON types, `typing` forms, and TypedDicts, dataclasses and aliases of the same
file), turned into real types, and handed to pydantic, which writes the JSON Schema. So contract
and code cannot drift apart, and deriving a hostile file's schema runs none of it.

Example:
    >>> derive_schemas("def run(text: str, *, limit: int = 3) -> list[str]: ...").output_schema
    {'items': {'type': 'string'}, 'type': 'array'}
"""

import ast
import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import typing_extensions
from pydantic import BaseModel, ConfigDict, JsonValue, PydanticUserError, TypeAdapter, create_model

from skillkiln.errors import InvalidContractError
from skillkiln.skill.contract import JsonSchema

MAX_SOURCE_BYTES = 512 * 1024
STRICT = ConfigDict(extra="forbid")

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


@dataclass(frozen=True, slots=True)
class Schemas:
    """What `run` takes and gives, as JSON Schema."""

    input_schema: JsonSchema
    output_schema: JsonSchema


def derive_schemas(source: str) -> Schemas:
    """Derive both schemas from the source of a skill.

    Args:
        source: the text of skill.py; it has exactly one top-level `def run`.

    Raises:
        InvalidContractError: the file does not parse, `run` is missing or untyped, or a type
            cannot cross as JSON; the message says which, and the line.
    """
    module = parse_module(source)
    function = find_run(module)
    resolver = TypeResolver(module)
    fields = {name: resolver.field(node, default) for name, node, default in _parameters(function)}
    if function.returns is None:
        raise _problem("`run` has no return annotation", function)
    try:
        make_model = cast("Any", create_model)  # its keywords are only known at run time
        model: type[BaseModel] = make_model("Input", __config__=STRICT, **fields)
        given = model.model_json_schema()
        answer = TypeAdapter(resolver.resolve(function.returns)).json_schema()
    except (PydanticUserError, TypeError, ValueError, RecursionError) as error:
        raise _problem(f"a type of `run` has no JSON form: {error}", function) from error
    return Schemas(_drop_titles(given), _drop_titles(answer))


def parse_module(source: str) -> ast.Module:
    """Parse Python source, turning every way in which that can fail into one error.

    Raises:
        InvalidContractError: with the line and what the parser said.
    """
    if len(source) > MAX_SOURCE_BYTES:
        raise InvalidContractError(f"skill.py: at most {MAX_SOURCE_BYTES} bytes, got {len(source)}")
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise InvalidContractError(
            f"skill.py: {error.msg}", where=f"skill.py:{error.lineno or 1}:{error.offset or 1}"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidContractError(f"skill.py cannot be parsed: {error}") from error


def find_run(module: ast.Module) -> ast.FunctionDef:
    """Return the one top-level `def run`.

    Raises:
        InvalidContractError: there is none, several, or it is async.
    """
    named = [node for node in module.body if getattr(node, "name", None) == "run"]
    if len(named) != 1 or not isinstance(named[0], ast.FunctionDef):
        raise InvalidContractError(
            f"skill.py: expected exactly one top-level `def run`, got {len(named)}",
            hint="for example `def run(text: str) -> str:`",
        )
    return named[0]


def _parameters(function: ast.FunctionDef) -> list[tuple[str, ast.expr, ast.expr | None]]:
    given = function.args
    if given.posonlyargs or given.vararg or given.kwarg:
        raise _problem("`run` takes named parameters only: no `/`, `*args`, `**kwargs`", function)
    missing = len(given.args) - len(given.defaults)
    defaults = [None] * missing + list(given.defaults) + list(given.kw_defaults)
    result: list[tuple[str, ast.expr, ast.expr | None]] = []
    for argument, default in zip(given.args + given.kwonlyargs, defaults, strict=True):
        if argument.annotation is None:
            raise _problem(f"parameter `{argument.arg}` has no annotation", argument)
        if argument.arg.startswith("_"):
            raise _problem(f"parameter `{argument.arg}` starts with an underscore", argument)
        result.append((argument.arg, argument.annotation, default))
    return result


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
        self._resolved: dict[str, Any] = {}
        self._pending: set[str] = set()

    def field(self, annotation: ast.expr, default: ast.expr | None) -> tuple[Any, Any]:
        """Return a pydantic field definition: the type, and the default or `...`."""
        if default is None:
            return (self.resolve(annotation), ...)
        try:
            return (self.resolve(annotation), ast.literal_eval(default))
        except ValueError as error:
            raise _problem("a default must be a literal", default) from error

    def resolve(self, node: ast.expr) -> TypeForm:
        """Return the type that an annotation means.

        Raises:
            InvalidContractError: it is none that can cross as JSON.
        """
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
                raise _problem(f"`{ast.unparse(node)}` is no type that crosses as JSON", node)

    def _subscript(self, value: ast.expr, inner: ast.expr, node: ast.expr) -> TypeForm:
        form = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        builders: dict[str, Callable[[], Any]] = {
            "Literal": lambda: _literal(tuple(ast.literal_eval(part) for part in parts)),
            "Optional": lambda: self.resolve(parts[0]) | None,
            "Union": lambda: typing.Union[tuple(self.resolve(part) for part in parts)],  # noqa: UP007 - built from a tuple
            "Annotated": lambda: self.resolve(parts[0]),
            "Final": lambda: self.resolve(parts[0]),
            "NotRequired": lambda: typing_extensions.NotRequired[self.resolve(parts[0])],
            "Required": lambda: typing_extensions.Required[self.resolve(parts[0])],
        }
        if form in builders:
            return builders[form]()
        if form not in {"list", "dict", "tuple", "List", "Dict", "Tuple", "Sequence", "Mapping"}:
            raise _problem(f"`{ast.unparse(node)}` is no type that crosses as JSON", node)
        arguments: tuple[Any, ...] = tuple(
            ... if isinstance(part, ast.Constant) and part.value is ... else self.resolve(part)
            for part in parts
        )
        if form in {"dict", "Dict", "Mapping"} and arguments[0] is not str:
            raise _problem(f"`{ast.unparse(node)}`: the keys of a JSON object are `str`", node)
        return PLAIN_TYPES[form][arguments if len(arguments) != 1 else arguments[0]]

    def _named(self, name: str, node: ast.expr) -> TypeForm:
        if name in self._resolved:
            return self._resolved[name]
        if name in self._pending:
            raise _problem(f"`{name}` contains itself", node)
        self._pending.add(name)
        if name in self._classes:
            found = self._class(self._classes[name])
        elif name in self._aliases:
            found = self._alias(name, self._aliases[name])
        elif name in PLAIN_TYPES:
            found = PLAIN_TYPES[name]
        else:
            raise _problem(
                f"`{name}` is not known here: use JSON types, or a TypedDict or dataclass of "
                "the same file",
                node,
            )
        self._pending.discard(name)
        self._resolved[name] = found
        return found

    def _alias(self, name: str, value: ast.expr) -> TypeForm:
        if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "TypedDict":
            match value.args:
                case [_, ast.Dict(keys=keys, values=types)]:
                    fields = {
                        ast.literal_eval(key): self.resolve(kind)
                        for key, kind in zip(keys, types, strict=True)
                        if key is not None
                    }
                    return _build_typed_dict(name, fields, is_total=True)
                case _:
                    raise _problem(f"`{name}`: expected TypedDict(name, {{field: type}})", value)
        return self.resolve(value)

    def _class(self, node: ast.ClassDef) -> TypeForm:
        bases = {ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases}
        decorators = {
            ast.unparse(item).split("(")[0].rsplit(".", 1)[-1] for item in node.decorator_list
        }
        fields = {
            item.target.id: self.resolve(item.annotation)
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }
        if "TypedDict" in bases:
            is_total = not any(
                word.arg == "total" and ast.unparse(word.value) == "False" for word in node.keywords
            )
            return _build_typed_dict(node.name, fields, is_total=is_total)
        if "dataclass" in decorators:
            return dataclasses.make_dataclass(node.name, list(fields.items()))
        raise _problem(f"class `{node.name}`: expected a TypedDict or a dataclass", node)


def _literal(values: tuple[object, ...]) -> TypeForm:
    form: Any = Literal
    return form[values]


def _build_typed_dict(name: str, fields: Mapping[str, Any], *, is_total: bool) -> TypeForm:
    # The typing_extensions form is the one that pydantic reads on every supported Python. The
    # constructor is called through Any because its arguments are only known here at run time.
    make = cast("Any", typing_extensions.TypedDict)
    built = make(name, dict(fields), total=is_total)
    built.__pydantic_config__ = STRICT
    return built


def _drop_titles(schema: JsonSchema) -> JsonSchema:
    """Drop the titles that pydantic derives from names; a property called `title` stays."""

    def walk(node: JsonValue) -> JsonValue:
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        kept = {
            key: value
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
        return {
            key: {name: walk(item) for name, item in value.items()}
            if key in {"properties", "$defs"} and isinstance(value, dict)
            else value
            if key in {"default", "const", "enum", "required"}
            else walk(value)
            for key, value in kept.items()
        }

    walked = walk(schema)
    assert isinstance(walked, dict)
    return walked


def _parse_annotation(text: str, node: ast.expr) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _problem(f"annotation {text!r:.60} does not parse", node) from error


def _problem(message: str, node: ast.AST) -> InvalidContractError:
    line = getattr(node, "lineno", 1)
    return InvalidContractError(f"skill.py: {message}", where=f"skill.py:{line}")
