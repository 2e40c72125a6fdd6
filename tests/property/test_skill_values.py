"""What holds for every name, version, folder, contract, manifest and signature there can be."""

import contextlib
import hashlib
import json
import string
from datetime import UTC, datetime
from functools import cmp_to_key

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from skillkiln.errors import InvalidContractError, InvalidSkillError
from skillkiln.records.budget import Budget
from skillkiln.records.json_equality import is_equal_json
from skillkiln.skill.contract import Contract, Permissions, parse_contract
from skillkiln.skill.digest import build_listing, folder_digest
from skillkiln.skill.folder import check_files, check_listed
from skillkiln.skill.manifest import (
    Manifest,
    Source,
    TestResults,
    parse_manifest,
    render_manifest,
)
from skillkiln.skill.name import is_name, normalise_name
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.version import SemanticVersion, parse_version

TEXTS = st.text(max_size=20)
ENCODABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | ENCODABLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ENCODABLE, inner, max_size=3),
    max_leaves=8,
)
NUMBERS = st.integers(0, 10**6)
IDENTIFIERS = st.one_of(
    NUMBERS.map(str),
    st.text(string.ascii_letters + "-", min_size=1, max_size=4),
)
VERSIONS = st.builds(
    SemanticVersion, NUMBERS, NUMBERS, NUMBERS, st.lists(IDENTIFIERS, max_size=3).map(tuple)
)
SAFE = string.ascii_letters + string.digits
PATHS = st.text(SAFE, min_size=1, max_size=8).map(lambda stem: f"{stem.lower()}.txt")
CONTENTS = ENCODABLE.filter(lambda text: "\0" not in text).map(str.encode)
FOLDERS = st.dictionaries(PATHS, CONTENTS, max_size=5)
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
WILD_FOLDERS = st.dictionaries(TEXTS, st.binary(max_size=20), max_size=4)


@given(st.text(max_size=100))
def test_any_text_is_normalised_to_a_name_and_a_name_stays(text: str) -> None:
    name = normalise_name(text)
    assert is_name(name)
    if is_name(text):
        assert is_name(normalise_name(text))


@given(VERSIONS)
def test_a_version_is_parsed_back_from_its_text(version: SemanticVersion) -> None:
    assert parse_version(str(version)) == version


def compare_as_specified(left: SemanticVersion, right: SemanticVersion) -> int:
    """Semver item 11, step by step and without a sort key: -1, 0 or 1."""
    for one, other in zip(
        (left.major, left.minor, left.patch), (right.major, right.minor, right.patch), strict=True
    ):
        if one != other:
            return -1 if one < other else 1
    if not left.prerelease or not right.prerelease:
        return bool(right.prerelease) - bool(left.prerelease)
    for one, other in zip(left.prerelease, right.prerelease, strict=False):
        if one == other:
            continue
        if one.isdigit() and other.isdigit():
            return -1 if int(one) < int(other) else 1
        if one.isdigit() != other.isdigit():
            return -1 if one.isdigit() else 1
        return -1 if one < other else 1
    return (len(left.prerelease) > len(right.prerelease)) - (
        len(left.prerelease) < len(right.prerelease)
    )


@given(VERSIONS, VERSIONS)
def test_versions_compare_as_the_specification_says(
    left: SemanticVersion, right: SemanticVersion
) -> None:
    order = compare_as_specified(left, right)
    assert (left < right, left == right, left > right) == (order < 0, order == 0, order > 0)


@given(st.lists(VERSIONS, max_size=8))
def test_versions_sort_as_the_specification_says(versions: list[SemanticVersion]) -> None:
    assert sorted(versions) == sorted(versions, key=cmp_to_key(compare_as_specified))


@given(VERSIONS)
def test_every_bump_is_later_and_a_major_one_the_latest(version: SemanticVersion) -> None:
    assert version < version.bump_patch() <= version.bump_minor() <= version.bump_major()


@given(st.text(max_size=40))
def test_any_text_is_a_version_or_refused_with_our_error(text: str) -> None:
    with contextlib.suppress(InvalidContractError):
        assert str(parse_version(text)) == text


@given(WILD_FOLDERS, WILD_FOLDERS)
def test_two_folders_share_a_digest_only_when_they_are_equal(
    left: dict[str, bytes], right: dict[str, bytes]
) -> None:
    with contextlib.suppress(InvalidSkillError, UnicodeEncodeError):
        assert (folder_digest(left) == folder_digest(right)) == (left == right)


@given(FOLDERS)
def test_a_folders_digest_is_the_hash_of_its_listing(files: dict[str, bytes]) -> None:
    listing = "".join(
        f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)
    )
    assert folder_digest(files) == hashlib.sha256(listing.encode()).hexdigest()


@given(WILD_FOLDERS)
def test_any_folder_is_accepted_or_refused_with_our_error(files: dict[str, bytes]) -> None:
    with contextlib.suppress(InvalidSkillError):
        check_files(files)
        for path, content in files.items():
            assert path.isascii()
            assert ".." not in path.split("/")
            content.decode()  # or a UnicodeDecodeError fails the test


def build_manifest(schema: JsonValue, files: dict[str, bytes], note: str) -> Manifest:
    return Manifest(
        name="a",
        version="1.0.0",
        input_schema={"type": "object", "default": schema},
        output_schema={"const": schema},
        created_at=MOMENT,
        created_by="human:tester",
        source=Source(task_id=note, trace_id="", dossier=note),
        test_results=TestResults(passed=0, failed=0),
        sha256=build_listing(files),
    )


@given(JSON, FOLDERS, ENCODABLE)
def test_every_manifest_is_read_back_equal_and_written_again_the_same(
    schema: JsonValue, files: dict[str, bytes], note: str
) -> None:
    manifest = build_manifest(schema, files, note)
    content = render_manifest(manifest)
    read = parse_manifest(content)
    assert read == manifest
    assert render_manifest(read) == content


@given(FOLDERS, st.data())
def test_a_folder_is_as_listed_until_anything_is_added_taken_or_changed(
    files: dict[str, bytes], draw: st.DataObject
) -> None:
    manifest = build_manifest(None, files, "")
    check_listed(files, manifest)
    path = draw.draw(PATHS)
    altered = dict(files)
    if path in altered and draw.draw(st.booleans()):
        del altered[path]
    else:
        altered[path] = altered.get(path, b"") + b"x"
    try:
        check_listed(altered, manifest)
    except InvalidSkillError:
        return
    raise AssertionError(f"{path!r} was changed and nobody noticed")


@given(st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_manifest_or_refused_with_our_error(content: bytes) -> None:
    with contextlib.suppress(InvalidContractError):
        parse_manifest(content)


@given(JSON)
def test_json_that_is_no_contract_is_refused_with_a_short_message(fields: JsonValue) -> None:
    with pytest.raises(InvalidContractError) as caught:
        parse_contract(fields, where="x")
    assert len(str(caught.value)) < 10_000


@given(
    st.sets(st.sampled_from(["write_files", "network", "execute"])),
    st.sets(st.sampled_from(["write_files", "network", "execute"])),
    st.sampled_from([None, "pure", "keyed"]),
)
def test_a_contract_stands_exactly_when_its_effects_agree(
    listed: set[str], detailed: set[str], idempotency: str | None
) -> None:
    fields = {
        "name": "a",
        "version": "1.0.0",
        "input_schema": {"type": "object"},
        "output_schema": {},
        "side_effects": sorted(listed),
        "permissions": {effect: ["x"] for effect in detailed},
        "idempotency": idempotency,
    }
    is_sound = listed == detailed and (not listed or idempotency is not None)
    try:
        contract = Contract.model_validate(fields)
    except ValidationError:
        assert not is_sound
    else:
        assert is_sound
        assert (contract.permissions == Permissions()) == (not listed)


ANNOTATIONS = st.recursive(
    st.sampled_from(["str", "int", "float", "bool", "None", "Literal['a', 1]", "Any"]),
    lambda inner: st.one_of(
        inner.map("list[{}]".format),
        inner.map("dict[str, {}]".format),
        inner.map("Optional[{}]".format),
        inner.map("tuple[{}, ...]".format),
        st.tuples(inner, inner).map(lambda pair: f"tuple[{pair[0]}, {pair[1]}]"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]} | {pair[1]}"),
    ),
    max_leaves=6,
)


@given(ANNOTATIONS)
def test_every_json_annotation_has_a_valid_schema_that_survives_json(annotation: str) -> None:
    schemas = derive_schemas(f"def run(x: {annotation}) -> {annotation}: ...")
    for schema in (schemas.input_schema, schemas.output_schema):
        assert json.loads(json.dumps(schema, allow_nan=False)) == schema
        jsonschema_rs.validator_for(schema)


@given(st.text("xaint[]|.,'\"()=* \n:Literal", max_size=30))
def test_any_annotation_has_a_schema_or_is_refused_with_our_error(annotation: str) -> None:
    with contextlib.suppress(InvalidContractError):
        derive_schemas(f"def run(x: {annotation}) -> int: ...")


@given(JSON)
def test_a_literal_default_is_the_schemas_default(value: JsonValue) -> None:
    schema = derive_schemas(f"def run(x: object = {value!r}) -> int: ...").input_schema
    properties = schema["properties"]
    assert isinstance(properties, dict)
    parameter = properties["x"]
    assert isinstance(parameter, dict)
    assert parameter["default"] == value


@given(JSON)
def test_every_json_value_is_its_own_answer_and_stays_so_through_json(value: JsonValue) -> None:
    assert is_equal_json(value, value)
    assert is_equal_json(value, json.loads(json.dumps(value)))


@given(JSON, JSON)
def test_being_the_same_answer_has_no_direction(left: JsonValue, right: JsonValue) -> None:
    assert is_equal_json(left, right) == is_equal_json(right, left)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2_000), st.integers(0, 900)), max_size=5)
)
def test_a_budget_never_grows_and_never_goes_below_zero(spent: list[tuple[int, int, int]]) -> None:
    budget = Budget(attempts=9, wall_ms=5_000, tokens=1_000)
    for attempts, wall_ms, tokens in spent:
        left = budget.spend(attempts=attempts, wall_ms=wall_ms, tokens=tokens)
        assert 0 <= left.attempts <= budget.attempts
        assert 0 <= left.wall_ms <= budget.wall_ms
        assert 0 <= left.tokens <= budget.tokens
        budget = left
