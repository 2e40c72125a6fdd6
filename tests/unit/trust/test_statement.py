"""The release statement: it reads back, and only as what it is."""

import json
from typing import Any

import pytest

from skillkiln.errors import DigestMismatchError, SignatureError
from skillkiln.trust.statement import Claim, build_statement, check_subjects, parse_statement

Subjects = dict[str, str]


def test_a_claim_reads_back(claim: Claim, subjects: Subjects) -> None:
    statement = parse_statement(build_statement(claim, subjects))
    assert statement.claim == claim
    assert statement.subjects == subjects


def test_equal_claims_have_equal_bytes(claim: Claim, subjects: Subjects) -> None:
    turned = dict(reversed(subjects.items()))
    assert build_statement(claim, turned) == build_statement(claim, subjects)


def test_unknown_fields_are_passed_over(claim: Claim, subjects: Subjects) -> None:
    fields = json.loads(build_statement(claim, subjects))
    fields["later"] = 1
    fields["predicate"]["later"] = {"a": 1}
    assert parse_statement(json.dumps(fields).encode()).claim == claim


def _set(fields: dict[str, Any], path: str, value: object) -> None:
    *steps, last = path.split("/")
    place: Any = fields
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("_type", "https://in-toto.io/Statement/v0.1"),
        ("predicateType", "https://slsa.dev/provenance/v1"),
        ("subject", []),
        ("subject", [{"name": "a"}]),
        ("subject/0/name", "skill.py"),
        ("subject/0/digest", {"sha1": "0" * 40}),
        ("subject/0/digest/sha256", "0" * 63),
        ("predicate", {}),
        ("predicate", "all good"),
        ("predicate/buildDefinition/buildType", "https://example.com/build"),
        ("predicate/buildDefinition/resolvedDependencies", []),
        ("predicate/proof/score", 11),
        ("predicate/proof/gates", [{"gate": "types", "stage": "types", "outcome": "passed"}]),
        ("predicate/runDetails/metadata/startedOn", "yesterday"),
    ],
)
def test_what_is_no_release_statement_is_refused(
    claim: Claim, subjects: Subjects, path: str, value: object
) -> None:
    fields = json.loads(build_statement(claim, subjects))
    _set(fields, path, value)
    with pytest.raises(SignatureError, match="not a release statement"):
        parse_statement(json.dumps(fields).encode())


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"7", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_statement_at_all_is_refused(payload: bytes) -> None:
    with pytest.raises(SignatureError, match="not a release statement"):
        parse_statement(payload)


@pytest.mark.parametrize(
    ("present", "named"),
    [
        ({"SKILL.md": "1" * 64, "skill.py": "3" * 64}, "skill.py"),
        ({"skill.py": "2" * 64}, "SKILL.md"),
        ({"SKILL.md": "1" * 64, "skill.py": "2" * 64, "extra.py": "4" * 64}, "extra.py"),
        ({"SKILL.md": "2" * 64, "skill.py": "1" * 64}, "SKILL.md"),
        ({}, "SKILL.md"),
    ],
    ids=["changed", "missing", "too many", "swapped", "none"],
)
def test_other_files_are_named(
    claim: Claim, subjects: Subjects, present: Subjects, named: str
) -> None:
    statement = parse_statement(build_statement(claim, subjects))
    with pytest.raises(DigestMismatchError, match=named):
        check_subjects(statement, present)


def test_the_same_files_pass(claim: Claim, subjects: Subjects) -> None:
    check_subjects(parse_statement(build_statement(claim, subjects)), dict(subjects))
