"""The schemas of a code skill, derived from the typed signature of `run` without running it.

The source is parsed, never imported: annotations are read as syntax, turned into real types
(`skill.annotations`), and handed to pydantic, which writes the JSON Schema. So contract and code
cannot drift apart, and deriving a hostile file's schema runs none of it. Whatever is wrong with a
file, the answer is one `InvalidContractError`.

Example:
    >>> derive_schemas("def run(text: str, *, limit: int = 3) -> list[str]: ...").output_schema
    {'items': {'type': 'string'}, 'type': 'array'}
"""

import ast
import json
from dataclasses import dataclass
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PydanticUserError,
    TypeAdapter,
    create_model,
)
from pydantic_core import SchemaError

from skillkiln.errors import InvalidContractError
from skillkiln.skill.annotations import TypeResolver, problem_at
from skillkiln.skill.contract import JsonSchema
from skillkiln.skill.parsing import parse_statements

MAX_SOURCE_BYTES = 512 * 1024
# What the type builders raise for forms that make no sense.
BUILDING_ERRORS = (PydanticUserError, SchemaError, TypeError, ValueError, RecursionError)


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
    if function.returns is None:
        raise problem_at("`run` has no return annotation", function)
    resolver = TypeResolver(module)
    try:
        # Fields have names of our own and the parameters' as aliases: a parameter called `json` or
        # `copy` would otherwise collide with the model's methods.
        fields = {
            f"field_{number}": (
                resolver.resolve(annotation),
                Field(... if default is None else _literal_default(default), alias=name),
            )
            for number, (name, annotation, default) in enumerate(_parameters(function))
        }
        make_model = cast("Any", create_model)  # its keywords are only known at run time
        model: type[BaseModel] = make_model(
            "Input", __config__=ConfigDict(extra="forbid"), **fields
        )
        given = _drop_titles(model.model_json_schema())
        answer = _drop_titles(TypeAdapter(resolver.resolve(function.returns)).json_schema())
        json.dumps([given, answer], allow_nan=False, ensure_ascii=False).encode()
    except BUILDING_ERRORS as error:
        raise problem_at(f"a type of `run` has no JSON form: {error!s:.200}", function) from error
    return Schemas(given, answer)


def parse_module(source: str) -> ast.Module:
    """Parse Python source, turning every way in which that can fail into one error.

    Raises:
        InvalidContractError: with the line and what the parser said.
    """
    if len(source) > MAX_SOURCE_BYTES:
        raise InvalidContractError(f"skill.py: at most {MAX_SOURCE_BYTES} bytes, got {len(source)}")
    try:
        return parse_statements(source)
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
    for statement in module.body:
        if "run" in _bound_names(statement):
            raise problem_at("`run` is bound again here, so its signature says nothing", statement)
    return named[0]


def _bound_names(statement: ast.stmt) -> set[str]:
    """Return what a top-level statement binds, other than the name of a function or class."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return set()
    names: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.alias(name=name, asname=given):
                names.add(given or name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case _:
                pass
    return names


def _parameters(function: ast.FunctionDef) -> list[tuple[str, ast.expr, ast.expr | None]]:
    given = function.args
    if given.posonlyargs or given.vararg or given.kwarg:
        raise problem_at("`run` takes named parameters only: no `/`, `*args`, `**kwargs`", function)
    missing = len(given.args) - len(given.defaults)
    defaults = [None] * missing + list(given.defaults) + list(given.kw_defaults)
    result: list[tuple[str, ast.expr, ast.expr | None]] = []
    for argument, default in zip(given.args + given.kwonlyargs, defaults, strict=True):
        if argument.annotation is None:
            raise problem_at(f"parameter `{argument.arg}` has no annotation", argument)
        if argument.arg.startswith("_"):
            raise problem_at(f"parameter `{argument.arg}` starts with an underscore", argument)
        if any(argument.arg == name for name, _, _ in result):
            raise problem_at(f"parameter `{argument.arg}` is there twice", argument)
        result.append((argument.arg, argument.annotation, default))
    return result


def _literal_default(node: ast.expr) -> JsonValue:
    try:
        default = ast.literal_eval(node)
        json.dumps(default, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise problem_at("a default must be a literal that crosses as JSON", node) from error
    return default


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
