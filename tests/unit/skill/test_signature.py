"""Schemas from signatures: right for what people write, one error for what attackers write."""

import json
from typing import Any

import jsonschema_rs
import pytest

from skillkiln.errors import InvalidContractError
from skillkiln.skill.annotations import MAX_TYPE_NODES
from skillkiln.skill.signature import MAX_SOURCE_BYTES, derive_schemas, find_run, parse_module

OBJECT = {"type": "object", "additionalProperties": False}
TYPED = """
from dataclasses import dataclass
import typing
from typing import TypedDict, NotRequired

class Line(TypedDict):
    host: str
    size: NotRequired[int]

class Loose(TypedDict, total=False):
    a: int

Short = TypedDict("Short", {"from": str, "json": int})
Open = TypedDict("Open", {"a": int}, total=False)
Lines = list[Line]

@dataclass(frozen=True)
class Totals:
    title: str
    count: "int | None"
"""


def output(annotation: str, before: str = "") -> dict[str, Any]:
    return derive_schemas(f"{before}\ndef run() -> {annotation}: ...").output_schema


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("str", {"type": "string"}),
        ("int", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("bool", {"type": "boolean"}),
        ("None", {"type": "null"}),
        ("'str'", {"type": "string"}),
        ("list[str]", {"type": "array", "items": {"type": "string"}}),
        ("typing.List[int]", {"type": "array", "items": {"type": "integer"}}),
        ("Sequence[bool]", {"type": "array", "items": {"type": "boolean"}}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("Mapping[str, None]", {"type": "object", "additionalProperties": {"type": "null"}}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        ("tuple[()]", {"type": "array", "minItems": 0, "maxItems": 0}),
        ("str | None", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("Optional[str]", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("Union[int, str]", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Annotated[int, print('x')]", {"type": "integer"}),
        ("Literal['a', 1, None, True]", {"enum": ["a", 1, None, True]}),
        ("'list[\"int\"]'", {"type": "array", "items": {"type": "integer"}}),
    ],
)
def test_an_annotation_has_this_schema(annotation: str, schema: dict[str, Any]) -> None:
    assert output(annotation) == schema


@pytest.mark.parametrize("annotation", ["Any", "object", "typing.Any", "list[Any]"])
def test_any_json_may_stand_for_any(annotation: str) -> None:
    schema = output(annotation)
    value: Any = {"a": [1, None, "x", {"b": 1.5}]}
    jsonschema_rs.validator_for(schema).validate([value] if "list" in annotation else value)


def test_parameters_become_properties_in_order_and_with_their_defaults() -> None:
    schema = derive_schemas(
        "def run(text: str, limit: int = -3, *, names: list[str] = ['a'],"
        " deep: dict[str, int] = {}, flag: bool = False, other: str | None = None) -> int: ..."
    ).input_schema
    properties: Any = schema["properties"]
    assert list(properties) == ["text", "limit", "names", "deep", "flag", "other"]
    assert schema["required"] == ["text"]
    assert schema["additionalProperties"] is False
    defaults = {name: field.get("default", "none") for name, field in properties.items()}
    assert defaults == {
        "text": "none",
        "limit": -3,
        "names": ["a"],
        "deep": {},
        "flag": False,
        "other": None,
    }


def test_run_without_parameters_takes_an_empty_object() -> None:
    assert derive_schemas("def run() -> int: ...").input_schema == OBJECT | {"properties": {}}


@pytest.mark.parametrize(
    "name", ["json", "copy", "schema", "dict", "model_config", "model_dump", "field_0", "title"]
)
def test_a_parameter_may_be_called_anything(name: str) -> None:
    assert derive_schemas(f"def run({name}: int) -> int: ...").input_schema == OBJECT | {
        "properties": {name: {"type": "integer"}},
        "required": [name],
    }


def test_classes_and_aliases_of_the_file_are_known() -> None:
    line = OBJECT | {
        "properties": {"host": {"type": "string"}, "size": {"type": "integer"}},
        "required": ["host"],
    }
    assert output("Line", TYPED) == line
    assert output("Lines", TYPED) == {
        "type": "array",
        "items": {"$ref": "#/$defs/Line"},
        "$defs": {"Line": line},
    }
    assert output("Loose", TYPED) == OBJECT | {"properties": {"a": {"type": "integer"}}}
    assert output("Open", TYPED) == OBJECT | {"properties": {"a": {"type": "integer"}}}
    assert output("Short", TYPED) == OBJECT | {
        "properties": {"from": {"type": "string"}, "json": {"type": "integer"}},
        "required": ["from", "json"],
    }
    totals = output("Totals", TYPED)
    assert totals["required"] == ["title", "count"]
    assert totals["properties"]["title"] == {"type": "string"}


def test_a_class_used_many_times_is_written_once() -> None:
    schema = output("dict[str, list[Line] | Line | tuple[Line, Line]]", TYPED)
    assert list(schema["$defs"]) == ["Line"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def run(x) -> int: ...", 1),
        ("def run(x: int): ...", 1),
        ("\n\ndef run(x: Unknown) -> int: ...", 3),
        ("def run(*x: int) -> int: ...", 1),
        ("def run(**x: int) -> int: ...", 1),
        ("def run(x: int, /) -> int: ...", 1),
        ("def run(_x: int) -> int: ...", 1),
        ("def run(x: int, x: int) -> int: ...", 1),
        ("def run(\n  x: int = print()) -> int: ...", 2),
        ("def run(x: dict[int, str]) -> int: ...", 1),
        ("def run(x: set[int]) -> int: ...", 1),
        ("def run(x: bytes) -> int: ...", 1),
        ("class A(TypedDict):\n  a: 'A'\ndef run(x: A) -> int: ...", 2),
        ("A = 'A'\ndef run(x: A) -> int: ...", 1),
        ("class A: ...\ndef run(x: A) -> int: ...", 1),
        ("class A(B, TypedDict):\n  a: int\ndef run(x: A) -> int: ...", 1),
        ("@dataclass\nclass A(B):\n  a: int\ndef run(x: A) -> int: ...", 2),
        ("def run(x: int) -> int: ...\nrun = print", 2),
        ("from os import system as run\ndef run(x: int) -> int: ...", 1),
        ("def run(x: int) -> int: ...\nif True:\n  def run() -> str: ...", 2),
        ("def run(x: int) -> int: ...\nfor run in []: ...", 2),
        ("def run(x: int) -> int: ...\ndel run", 2),
    ],
)
def test_a_refusal_says_the_line(source: str, line: int) -> None:
    with pytest.raises(InvalidContractError) as caught:
        derive_schemas(source)
    assert caught.value.where == f"skill.py:{line}"


@pytest.mark.parametrize(
    "source",
    ["", "run = 1", "class run: ...", "async def run() -> int: ...", "def walk() -> int: ...",
     "def run() -> int: ...\ndef run() -> int: ...", "if True:\n  def run() -> int: ..."],
)  # fmt: skip
def test_exactly_one_plain_run_is_wanted(source: str) -> None:
    with pytest.raises(InvalidContractError, match="exactly one top-level `def run`"):
        find_run(parse_module(source))


@pytest.mark.parametrize(
    "annotation",
    ["Optional[()]", "Union[()]", "Literal[()]", "dict[()]", "dict[str]", "list[int, int]",
     "list[()]", "Annotated[()]", "dict[str, int, int]", "Literal[name]", "Literal[b'x']",
     "Literal[1.5]", "Literal[[1]]", "Literal['\\ud800']", "tuple[..., int]", "list[...]",
     "NotRequired[int]",
     "...", "f'{1}'", "'('", "'\\0'", "(lambda: 1)", "print('x')", "(y := int)", "1", "int or str",
     "int & str", "str[int]", "unknown.Thing", "list['set[int]']"],
)  # fmt: skip
def test_a_type_that_makes_no_sense_is_refused(annotation: str) -> None:
    with pytest.raises(InvalidContractError):
        derive_schemas(f"def run(x: {annotation}) -> int: ...")
    with pytest.raises(InvalidContractError):
        derive_schemas(f"def run() -> {annotation}: ...")


@pytest.mark.parametrize(
    "default",
    ["...", "b'x'", "{1}", "1j", "1e999", "-1e999", "{[]: 1}", "name", "[].append(1)", "print()",
     "0x" + "f" * 9000, "'a' * 9", "{**{}}", "[*x]", "lambda: 1", "-'a'"],
)  # fmt: skip
def test_a_default_that_is_no_json_literal_is_refused(default: str) -> None:
    with pytest.raises(InvalidContractError, match="default"):
        derive_schemas(f"def run(x: object = {default}) -> int: ...")


def doubling(form: str, levels: int) -> str:
    aliases = [f"A{n} = {form.format(f'A{n - 1}')}" for n in range(1, levels + 1)]
    return "\n".join(["A0 = int", *aliases, f"def run(x: A{levels}) -> A{levels}: ...", ""])


@pytest.mark.parametrize(
    "form", ["tuple[{0}, {0}]", "dict[str, tuple[{0}, '{0}']]", "{0} | list[{0}]"]
)
def test_aliases_that_double_are_bounded_before_they_are_built(form: str) -> None:
    with pytest.raises(InvalidContractError, match=f"more than {MAX_TYPE_NODES}"):
        derive_schemas(doubling(form, 40))


def test_a_class_may_be_used_often_because_it_is_not_written_out() -> None:
    fields = "\n".join(f"    field_{n}: Line" for n in range(500))
    assert len(output("Wide", f"{TYPED}\nclass Wide(TypedDict):\n{fields}")["properties"]) == 500


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000,
        "x = " + "-" * 100_000 + "1\ndef run() -> int: ...",
        "def run(x: " + "list[" * 3_000 + "int" + "]" * 3_000 + ") -> int: ...",
        "def run(x: " + "|".join(["int"] * 10_000) + ") -> int: ...",
        "def run(x: " + ".".join(["a"] * 10_000) + ") -> int: ...",
        "def run(x: object = " + "[" * 150 + "]" * 150 + ") -> int: " + "(" * 300,
        doubling("list[{0}]", 1_500),
        "def run() -> int: ...\0",
        "def run(x: Literal['\ud800']) -> int: ...",
        "x" * (MAX_SOURCE_BYTES + 1),
        "\ufeff\ufeffdef run() -> int: ...",
        "def run(x: int) -> int:\nreturn 1",
    ],
    ids=lambda source: source[:30].encode("ascii", "backslashreplace").decode(),
)
def test_a_file_built_to_break_the_parser_gets_the_same_error(source: str) -> None:
    with pytest.raises(InvalidContractError) as caught:
        derive_schemas(source)
    assert len(str(caught.value)) < 1_000


def test_deriving_runs_nothing(tmp_path: Any) -> None:
    trap = tmp_path / "ran"
    touch = f"open({str(trap)!r}, 'w')"
    source = f"""
import os
{touch}
@{touch}
def run(x: "Annotated[int, {touch}]" = 1) -> Annotated[int, {touch}]:
    {touch}
class A(metaclass={touch}): ...
"""
    derive_schemas(source)
    assert not trap.exists()


@pytest.mark.parametrize("annotation", ["Line", "Totals", "list[Lines] | None", "Literal['a', 2]"])
def test_every_schema_is_json_and_a_valid_schema(annotation: str) -> None:
    schemas = derive_schemas(f"{TYPED}\ndef run(x: {annotation}) -> {annotation}: ...")
    for schema in (schemas.input_schema, schemas.output_schema):
        assert json.loads(json.dumps(schema, allow_nan=False)) == schema
        jsonschema_rs.validator_for(schema)
