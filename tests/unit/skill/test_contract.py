"""The contract's rules: each holds, and a contract that breaks one names the field."""

import sys
from typing import Any

import pytest
from pydantic import ValidationError

from skillkiln.errors import InvalidContractError
from skillkiln.skill.contract import (
    DEFAULT_TIMEOUT_MS,
    MAX_TIMEOUT_MS,
    Contract,
    Idempotency,
    Permissions,
    SideEffect,
    parse_contract,
)
from skillkiln.skill.kinds import ArtefactKind

LEAST: dict[str, Any] = {
    "name": "parse-access-log",
    "version": "1.0.0",
    "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}},
    "output_schema": {"type": "array"},
}
GRANTABLE = {"write_files": ["out/*.csv"], "network": ["example.org:443"], "execute": ["git log"]}


def with_effects(*effects: str) -> dict[str, Any]:
    return LEAST | {
        "side_effects": list(effects),
        "permissions": {effect: GRANTABLE[effect] for effect in effects},
        "idempotency": "keyed",
    }


def test_the_least_contract_petitions_for_nothing() -> None:
    contract = parse_contract(LEAST, where="skill.json")
    assert contract.kind is ArtefactKind.CODE
    assert contract.side_effects == ()
    assert contract.permissions == Permissions()
    assert contract.timeout_ms == DEFAULT_TIMEOUT_MS
    assert contract.max_retries == 0
    assert contract.idempotency is None
    assert contract.dependencies == ()


def test_a_contract_survives_json() -> None:
    contract = parse_contract(with_effects("write_files", "network", "execute"), where="x")
    assert contract.side_effects == tuple(SideEffect)
    assert contract.idempotency is Idempotency.KEYED
    assert Contract.model_validate_json(contract.model_dump_json()) == contract


@pytest.mark.parametrize("effect", list(SideEffect))
def test_an_effect_is_both_listed_and_detailed_or_neither(effect: SideEffect) -> None:
    parse_contract(with_effects(effect), where="x")
    listed_only: dict[str, Any] = with_effects(effect) | {"permissions": {}}
    detailed_only: dict[str, Any] = with_effects(effect) | {"side_effects": []}
    another: dict[str, Any] = with_effects(effect) | {
        "permissions": {next(e for e in GRANTABLE if e != effect): ["x"]}
    }
    for fields in (listed_only, detailed_only, another):
        with pytest.raises(InvalidContractError, match="side_effects lists"):
            parse_contract(fields, where="x")


@pytest.mark.parametrize("effect", list(SideEffect))
def test_an_effect_needs_idempotency(effect: SideEffect) -> None:
    with pytest.raises(InvalidContractError, match="idempotency is obligatory"):
        parse_contract(with_effects(effect) | {"idempotency": None}, where="x")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": "Parse Log"}, "name"),
        ({"name": "a" * 65}, "name"),
        ({"version": "1.0"}, r"version: .*MAJOR\.MINOR\.PATCH"),
        ({"version": "9" * 5000 + ".0.0"}, "version"),
        ({"kind": "virus"}, "kind"),
        ({"input_schema": {"type": "array"}}, "input_schema.*expected type 'object', got 'array'"),
        ({"input_schema": {}}, "input_schema"),
        ({"input_schema": []}, "input_schema"),
        ({"output_schema": "string"}, "output_schema"),
        ({"side_effects": ["delete_everything"]}, "side_effects"),
        ({"permissions": {"root": ["yes"]}}, r"permissions\.root"),
        ({"timeout_ms": 0}, "timeout_ms"),
        ({"timeout_ms": MAX_TIMEOUT_MS + 1}, "timeout_ms"),
        ({"timeout_ms": 1.5}, "timeout_ms"),
        ({"timeout_ms": None}, "timeout_ms"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 11}, "max_retries"),
        ({"idempotency": "sometimes"}, "idempotency"),
        ({"dependencies": "requests"}, "dependencies"),
        ({"is_trusted": True}, "is_trusted"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidContractError, match=named) as caught:
        parse_contract(LEAST | change, where="a/skill.json")
    assert caught.value.where == "a/skill.json"


@pytest.mark.parametrize("missing", sorted(LEAST))
def test_a_missing_field_is_named(missing: str) -> None:
    with pytest.raises(InvalidContractError, match=f"^{missing}: "):
        parse_contract({k: v for k, v in LEAST.items() if k != missing}, where="x")


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(InvalidContractError) as caught:
        parse_contract({"name": "A", "version": "x", "input_schema": {}}, where="x")
    named = [line.split(":")[0] for line in caught.value.message.splitlines()]
    assert named == ["name", "version", "input_schema", "output_schema"]


@pytest.mark.parametrize("fields", [None, 1, "text", [], [LEAST], {1: 2}])
def test_what_is_no_object_is_refused(fields: object) -> None:
    with pytest.raises(InvalidContractError):
        parse_contract(fields, where="x")


def test_a_bottomless_schema_is_refused_and_the_message_stays_short() -> None:
    deep: Any = {}
    for _ in range(sys.getrecursionlimit() * 3):
        deep = {"items": deep}
    for field in ("input_schema", "output_schema", "name", "permissions"):
        with pytest.raises(InvalidContractError) as caught:
            parse_contract(LEAST | {field: deep}, where="x")
        assert len(str(caught.value)) < 2_000


def test_a_contract_cannot_be_changed() -> None:
    contract = parse_contract(LEAST, where="x")
    with pytest.raises(ValidationError, match="frozen"):
        contract.timeout_ms = 1  # pyright: ignore[reportAttributeAccessIssue] - the attack
