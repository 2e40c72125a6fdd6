"""Digests are those of `sha256sum`, and no two folders share one."""

import subprocess
from pathlib import Path

import pytest

from skillkiln.errors import InvalidSkillError
from skillkiln.skill.digest import build_listing, folder_digest, sha256_hex

FILES = {
    "skill.py": b"def run() -> int:\n    return 1\n",
    "SKILL.md": b"",
    "a/b.txt": "äß\U0001f525\n".encode(),
    "a.txt": b"\x00\xff",
    "a-b.txt": b"1" * 100_000,
}


def sha256sum(folder: Path, *names: str) -> str:
    ran = subprocess.run(
        ["sha256sum", *names], cwd=folder, capture_output=True, text=True, check=True
    )
    return ran.stdout


def write_files(root: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


@pytest.mark.parametrize("content", FILES.values())
def test_a_files_digest_is_that_of_sha256sum(content: bytes, tmp_path: Path) -> None:
    write_files(tmp_path, {"file": content})
    assert sha256sum(tmp_path, "file").split()[0] == sha256_hex(content)


def test_a_folders_digest_can_be_computed_with_sha256sum(tmp_path: Path) -> None:
    write_files(tmp_path / "skill", FILES)
    listing = sha256sum(tmp_path / "skill", *sorted(FILES))
    (tmp_path / "listing").write_text(listing)
    assert sha256sum(tmp_path, "listing").split()[0] == folder_digest(FILES)


def test_the_order_of_the_files_does_not_matter_and_everything_else_does() -> None:
    digest = folder_digest(FILES)
    assert folder_digest(dict(reversed(FILES.items()))) == digest
    assert folder_digest(FILES | {"skill.py": b"x"}) != digest
    assert folder_digest(FILES | {"new.txt": b""}) != digest
    assert folder_digest({f"{path}x": content for path, content in FILES.items()}) != digest
    assert folder_digest({}) == sha256_hex(b"")


def test_the_listing_is_sorted_by_path() -> None:
    assert list(build_listing(FILES)) == sorted(FILES)


def test_a_path_that_imitates_a_second_line_of_the_listing_is_refused() -> None:
    two = {"a.md": b"A", "b.md": b"B"}
    forged = f"a.md\n{sha256_hex(b'B')}  b.md"
    with pytest.raises(InvalidSkillError, match="line break"):
        folder_digest({forged: b"A"})
    assert folder_digest(two)


@pytest.mark.parametrize("path", ["a\\b.md", "a\r.md", "\n"])
def test_a_path_that_sha256sum_would_escape_is_refused(path: str) -> None:
    with pytest.raises(InvalidSkillError):
        folder_digest({path: b""})
