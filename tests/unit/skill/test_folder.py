"""What a skill folder may hold, tried with what an attacker would put there."""

from datetime import UTC, datetime

import pytest

from skillkiln.errors import InvalidSkillError
from skillkiln.skill.digest import build_listing
from skillkiln.skill.folder import (
    ATTESTATION_FILE,
    FORBIDDEN_NAMES,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_PATH_LENGTH,
    TEXT_SUFFIXES,
    check_files,
    check_listed,
    signed_files,
)
from skillkiln.skill.manifest import MANIFEST_FILE, Manifest, Source, TestResults

GOOD = {
    "SKILL.md": b"---\nname: a\ndescription: b\n---\n",
    "skill.py": b"def run() -> int:\n    return 1\n",
    "test_skill.py": b"",
    "tables/codes-2.csv": "a,ä\n".encode(),
}


def build_manifest(files: dict[str, bytes]) -> Manifest:
    return Manifest(
        name="a",
        version="1.0.0",
        input_schema={"type": "object"},
        output_schema={},
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        created_by="agent:by-example",
        source=Source(task_id="t", trace_id="x", dossier="gap:1"),
        test_results=TestResults(passed=1, failed=0),
        sha256=build_listing(files),
    )


def test_an_ordinary_folder_is_accepted() -> None:
    check_files(GOOD)
    check_files({f"part-{number}{suffix}": b"" for number, suffix in enumerate(TEXT_SUFFIXES)})
    check_files({})


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "/etc/passwd.md",
        "../skill.py",
        "a/../skill.py",
        "a/..",
        "./skill.py",
        "a//b.py",
        "a/b.py/",
        "a\\..\\b.py",
        ".hidden.py",
        "a/.git/x.py",
        ".pytest.toml",
        "a/.coveragerc",
        "-rf.py",
        "a b.py",
        "a\nb.py",
        "a\tb.py",
        "a\0.py",
        "a\x1b[2J.py",
        "b\u202eyp.py",
        "é.py",
        "~/a.py",
        "$HOME.py",
        "a:b.py",
        "C:/a.py",
        "x" * MAX_PATH_LENGTH + ".py",
    ],
)
def test_a_path_that_is_not_plain_is_refused(path: str) -> None:
    with pytest.raises(InvalidSkillError):
        check_files(GOOD | {path: b""})


@pytest.mark.parametrize("name", sorted(FORBIDDEN_NAMES))
@pytest.mark.parametrize("place", ["{}", "deep/er/{}"])
def test_a_file_that_steers_the_judges_is_refused_in_any_spelling(name: str, place: str) -> None:
    for spelling in (name, name.upper(), name.title()):
        with pytest.raises(InvalidSkillError, match="steer"):
            check_files(GOOD | {place.format(spelling): b""})


@pytest.mark.parametrize("name", ["a.so", "a.zip", "a.pyc", "a.whl", "a.pth", "a", "a.sh", "a.PY"])
def test_a_suffix_that_is_not_of_text_is_refused(name: str) -> None:
    with pytest.raises(InvalidSkillError, match="expected one of"):
        check_files({name: b"text"})


@pytest.mark.parametrize(
    "content",
    [b"\x00", b"text\x00", b"\xff", b"\xed\xa0\x80", b"\x7fELF\x02\x01\x00", b"PK\x03\xff"],
)
def test_content_that_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidSkillError, match="not UTF-8"):
        check_files({"skill.py": content})


def test_the_bounds_hold_exactly() -> None:
    check_files({"a.txt": b"x" * MAX_FILE_BYTES})
    with pytest.raises(InvalidSkillError, match=f"at most {MAX_FILE_BYTES}"):
        check_files({"a.txt": b"x" * (MAX_FILE_BYTES + 1)})
    many = {f"{number}.txt": b"" for number in range(MAX_FILES)}
    check_files(many)
    with pytest.raises(InvalidSkillError, match=f"at most {MAX_FILES} files"):
        check_files(many | {"one-more.txt": b""})


def test_two_paths_that_are_one_file_elsewhere_are_refused() -> None:
    with pytest.raises(InvalidSkillError, match="case"):
        check_files({"a.py": b"", "A.py": b""})


def test_a_folder_as_listed_is_accepted_with_what_is_about_it() -> None:
    manifest = build_manifest(GOOD)
    check_listed(GOOD, manifest)
    check_listed(GOOD | {MANIFEST_FILE: b"{}", ATTESTATION_FILE: b"{}"}, manifest)


def test_a_file_beside_the_list_is_refused() -> None:
    with pytest.raises(InvalidSkillError, match=r"extra\.py"):
        check_listed(GOOD | {"extra.py": b""}, build_manifest(GOOD))


def test_a_listed_file_that_is_missing_is_refused() -> None:
    rest = {path: content for path, content in GOOD.items() if path != "test_skill.py"}
    with pytest.raises(InvalidSkillError, match=r"test_skill\.py"):
        check_listed(rest, build_manifest(GOOD))


def test_one_changed_byte_is_refused() -> None:
    with pytest.raises(InvalidSkillError, match=r"'skill\.py': expected sha256 [0-9a-f]{64}, got"):
        check_listed(GOOD | {"skill.py": GOOD["skill.py"] + b" "}, build_manifest(GOOD))


def test_a_manifest_cannot_list_itself_or_its_attestations() -> None:
    for path in (MANIFEST_FILE, ATTESTATION_FILE):
        files = GOOD | {path: b"{}"}
        with pytest.raises(InvalidSkillError):
            check_listed(files, build_manifest(files))


def test_the_digest_covers_everything_but_the_attestations() -> None:
    files = GOOD | {MANIFEST_FILE: b"{}", ATTESTATION_FILE: b"{}"}
    assert signed_files(files) == GOOD | {MANIFEST_FILE: b"{}"}
