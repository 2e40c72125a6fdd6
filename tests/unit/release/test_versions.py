"""The next version: what changed for callers decides."""

from typing import Any

import pytest

from skillkiln.release.versions import choose_version
from skillkiln.skill.contract import Contract

LINE = {"line": {"type": "string"}}


def _contract(version: str = "1.4.2", **changes: Any) -> Contract:
    fields: dict[str, Any] = {
        "name": "shout",
        "version": version,
        "input_schema": {"type": "object", "properties": LINE, "required": ["line"]},
        "output_schema": {"type": "object", "properties": {"text": {"type": "string"}}},
    }
    return Contract.model_validate({**fields, **changes})


def _input(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


LIMIT = {"limit": {"type": "integer", "default": 10}}
WRITES: dict[str, Any] = {
    "side_effects": ["write_files"],
    "permissions": {"write_files": ["out/*.csv"]},
    "idempotency": "keyed",
}


@pytest.mark.parametrize("version", ["1.0.0", "0.3.1", "2.0.0-rc.1"])
def test_a_new_name_keeps_the_version_it_came_with(version: str) -> None:
    assert str(choose_version(_contract(version), None)) == version


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "1.4.3"),
        ({"version": "9.0.0"}, "1.4.3"),
        ({"timeout_ms": 9}, "1.4.3"),
        ({"input_schema": _input({**LINE, **LIMIT}, ["line"])}, "1.5.0"),
        (
            {
                "output_schema": {
                    "type": "object",
                    "properties": {"text": {"type": "string"}, "n": {"type": "integer"}},
                }
            },
            "1.5.0",
        ),
        ({"input_schema": _input({**LINE, **LIMIT}, ["line", "limit"])}, "2.0.0"),
        ({"input_schema": _input({"row": {"type": "string"}}, ["row"])}, "2.0.0"),
        ({"input_schema": _input({"line": {"type": "integer"}}, ["line"])}, "2.0.0"),
        ({"input_schema": _input(LINE, [])}, "2.0.0"),
        ({"input_schema": {"type": "object"}}, "2.0.0"),
        ({"output_schema": {"type": "string"}}, "2.0.0"),
        (WRITES, "2.0.0"),
    ],
)
def test_what_changed_decides(changes: dict[str, Any], expected: str) -> None:
    assert str(choose_version(_contract(**changes), _contract())) == expected


def test_asking_for_less_is_another_contract_too() -> None:
    assert str(choose_version(_contract(), _contract(**WRITES))) == "2.0.0"


def test_asking_for_another_place_is_another_contract() -> None:
    elsewhere: dict[str, Any] = {**WRITES, "permissions": {"write_files": ["*"]}}
    assert str(choose_version(_contract(**elsewhere), _contract(**WRITES))) == "2.0.0"


def test_a_schema_whose_properties_are_no_object_is_only_equal_or_not() -> None:
    odd = _contract(output_schema={"properties": True})
    assert str(choose_version(odd, _contract(output_schema={"properties": True}))) == "1.4.3"
