"""A value fits a schema, or one line says which field, what was expected and what came."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.errors import InvalidContractError
from skillkiln.skill.schema_fit import MAX_JSON_BYTES, SchemaFit, find_not_json

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "line": {"type": "string", "maxLength": 5},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "level": {"enum": ["INFO", "WARN"]},
        "rows": {"type": "array", "items": {"type": "object", "required": ["id"]}},
    },
    "required": ["line"],
    "additionalProperties": False,
}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "inputs.line: expected a value, got none"),
        ({"line": 5}, "inputs.line: expected string, got 5"),
        ({"line": "abcdef"}, "inputs.line: expected at most 5 characters, got 'abcdef'"),
        ({"line": "", "limit": "3"}, "inputs.limit: expected integer or null, got '3'"),
        ({"line": "", "level": "x"}, "inputs.level: expected one of ['INFO', 'WARN'], got 'x'"),
        ({"line": "", "rows": [{"id": 1}, {}]}, "inputs.rows[1].id: expected a value, got none"),
        (
            {"line": "", "lines": 1},
            "inputs.lines: expected one of ['level', 'limit', 'line', 'rows'], "
            "got an unknown field",
        ),
    ],
)
def test_a_misfit_names_the_field_what_was_expected_and_what_came(
    value: dict[str, Any], message: str
) -> None:
    assert SchemaFit(SCHEMA, root="inputs").find_misfit(value) == message


def test_what_fits_is_no_misfit() -> None:
    fit = SchemaFit(SCHEMA, root="inputs")
    assert fit.find_misfit({"line": "abc", "limit": None, "level": "INFO", "rows": []}) is None


def test_a_message_carries_neither_control_characters_nor_a_long_value() -> None:
    fit = SchemaFit({"type": "object", "additionalProperties": {"type": "integer"}}, root="inputs")
    message = fit.find_misfit({"\x1b[31m\u202e": "\x07" * 100_000})
    assert message is not None
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), "\ud800", {"a": ["\udfff"]}, b"bytes", {1, 2}, 10**5000],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_json_for_every_reader_fits_no_schema(value: Any) -> None:
    assert SchemaFit({}, root="output").find_misfit(value) is not None


def test_depth_and_size_are_bounded() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    fit = SchemaFit({}, root="output")
    assert fit.find_misfit(deep) == "output: expected JSON, got a value nested too deeply"
    assert "bytes" in str(fit.find_misfit("x" * MAX_JSON_BYTES))
    assert fit.find_misfit("x" * (MAX_JSON_BYTES - 2)) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$ref": "file:///etc/hostname"},
        {"type": "nothing"},
        {"pattern": "("},
    ],
)
def test_a_schema_that_is_invalid_or_lies_elsewhere_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidContractError, match="JSON Schema"):
        SchemaFit(schema, root="inputs")


def test_a_regular_expression_cannot_run_away() -> None:
    # Needs backtracking (a look-ahead) and 2**60 steps: it must be given up, not waited for.
    fit = SchemaFit({"pattern": r"^(?=(a+)+$)(a|a)*(?=c)$"}, root="inputs")
    assert fit.find_misfit("a" * 60 + "b") is not None


@given(JSON_VALUES)
def test_a_value_is_json_exactly_when_strict_utf8_json_can_hold_it(value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        is_json = True
    except ValueError:
        is_json = False
    assert (find_not_json(value, root="v") is None) == is_json
