"""skill.json: what is written is read back equal; what two readers could disagree on is refused."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from skillkiln.errors import InvalidContractError
from skillkiln.skill.contract import Contract
from skillkiln.skill.manifest import (
    Manifest,
    Source,
    TestResults,
    parse_manifest,
    render_manifest,
)

MANIFEST = Manifest(
    name="parse-access-log",
    version="1.4.0-rc.1",
    input_schema={
        "type": "object",
        "properties": {"zeile": {"type": "string", "default": "ä\u2028"}},
    },
    output_schema={"type": "array"},
    created_at=datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC),
    created_by="agent:by-example",
    source=Source(task_id="t", trace_id="x", dossier="gap:3f9a0c"),
    test_results=TestResults(passed=12, failed=0, learned_from=6, held_out=2),
    sha256={"skill.py": "0" * 64, "SKILL.md": "f" * 64},
)


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(render_manifest(MANIFEST)) | fields).encode()


def test_a_manifest_is_read_back_equal() -> None:
    assert parse_manifest(render_manifest(MANIFEST)) == MANIFEST


def test_equal_manifests_have_equal_bytes_whatever_order_they_were_built_in() -> None:
    fields = MANIFEST.model_dump()
    backwards = dict(reversed(fields.items()))
    backwards["sha256"] = dict(reversed(MANIFEST.sha256.items()))
    assert render_manifest(Manifest.model_validate(backwards)) == render_manifest(MANIFEST)


def test_the_bytes_are_plain_sorted_json_that_a_person_can_read() -> None:
    content = render_manifest(MANIFEST)
    fields = json.loads(content)
    assert list(fields) == sorted(fields)
    assert content.endswith(b"}\n")
    assert "ä".encode() in content
    assert b"2026-03-01T12:30:00.123456Z" in content


def test_the_contract_is_the_manifest_without_its_history() -> None:
    contract = MANIFEST.contract()
    assert type(contract) is Contract
    assert contract.model_dump() == {
        field: value
        for field, value in MANIFEST.model_dump().items()
        if field in Contract.model_fields
    }


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"created_at": "2026-03-01T12:30:00"}, "created_at"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"created_by": "by-example"}, "created_by"),
        ({"created_by": "robot:x"}, "created_by"),
        ({"created_by": "agent:"}, "created_by"),
        ({"created_by": "agent:x\n"}, "created_by"),
        ({"source": {"task_id": "t", "trace_id": "x"}}, r"source\.dossier"),
        ({"source": None}, "source"),
        ({"test_results": {"passed": -1, "failed": 0}}, r"test_results\.passed"),
        ({"sha256": {"skill.py": "0" * 63}}, r"sha256\.skill\.py"),
        ({"sha256": {"skill.py": "F" * 64}}, r"sha256\.skill\.py"),
        ({"sha256": {"skill.py": "0" * 64 + "\n"}}, r"sha256\.skill\.py"),
        ({"approved": True}, "approved"),
        ({"name": "A"}, "name"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidContractError, match=named) as caught:
        parse_manifest(changed(**fields), where="a/skill.json")
    assert caught.value.where == "a/skill.json"


@pytest.mark.parametrize(
    "missing", ["created_at", "created_by", "source", "test_results", "sha256"]
)
def test_a_missing_field_is_named(missing: str) -> None:
    fields = json.loads(render_manifest(MANIFEST))
    del fields[missing]
    with pytest.raises(InvalidContractError, match=f"^{missing}: "):
        parse_manifest(json.dumps(fields).encode())


TEXT = render_manifest(MANIFEST).decode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b"1" * 5_000,
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.replace('"type": "array"', '"type": "array", "default": NaN').encode(),
        TEXT.replace('"type": "array"', '"type": "array", "default": -Infinity').encode(),
        TEXT.replace('"type": "array"', '"type": "array", "default": 1e999').encode(),
        TEXT.replace('"type": "array"', '"type": "array", "default": "\\ud800"').encode(),
        TEXT.replace('"type": "array"', '"type": "array", "\\udc00": 1').encode(),
        TEXT.replace('"type": "array"', '"type": "object", "type": "array"').encode(),
        TEXT.replace('"name"', '"name": "other", "name"').encode(),
        TEXT.replace('"skill.py"', '"skill.py": "' + "1" * 64 + '", "skill.py"').encode(),
    ],
)
def test_what_readers_could_read_differently_is_refused(content: bytes) -> None:
    assert content != TEXT.encode()
    with pytest.raises(InvalidContractError):
        parse_manifest(content)


def test_another_time_zone_is_the_same_instant() -> None:
    there = MANIFEST.created_at.astimezone(timezone(timedelta(hours=9)))
    assert parse_manifest(changed(created_at=there.isoformat())).created_at == MANIFEST.created_at
