"""Which files a skill folder may hold.

Rules: POSIX paths relative to the folder, of letters that mean the same everywhere (`SAFE_PATH`),
no `..`, no hidden files, no two paths that differ only in case, at most `MAX_FILES` files of at
most `MAX_FILE_BYTES`, UTF-8 text only (binaries and archives hide what they do), no `conftest.py`
(it would run inside the tests' process) and no settings of the tools that judge, and, once there is
a manifest, every file listed in it and none beside. Links are refused where folders are read
(`registry.folders`).
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from skillkiln.errors import InvalidSkillError
from skillkiln.skill.digest import sha256_hex
from skillkiln.skill.manifest import MANIFEST_FILE, Manifest

SKILL_MD = "SKILL.md"
SKILL_PY = "skill.py"
TEST_PY = "test_skill.py"
LOCK_FILE = "requirements.lock"
ATTESTATION_FILE = "attestation.jsonl"

UNSIGNED_FILES = frozenset({ATTESTATION_FILE})
"""Files about the release rather than in it; they carry signatures of their own."""

MAX_FILES = 64
MAX_FILE_BYTES = 512 * 1024
SAFE_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
MAX_PATH_LENGTH = 200
FORBIDDEN_NAMES = frozenset(
    {
        "conftest.py",
        "sitecustomize.py",
        "usercustomize.py",
        "pyproject.toml",
        "setup.cfg",
        "tox.ini",
        "pytest.ini",
        "pytest.toml",
        "ruff.toml",
        "pyrightconfig.json",
    }
)
"""Files that steer the interpreter or the tools that judge the skill."""
TEXT_SUFFIXES = frozenset(
    {
        ".py",
        ".md",
        ".json",
        ".jsonl",
        ".txt",
        ".csv",
        ".toml",
        ".yaml",
        ".yml",
        ".lock",
        ".log",
        ".tsv",
    }
)

SkillFiles = Mapping[str, bytes]
"""Content by POSIX path relative to the skill's folder."""


def check_files(files: SkillFiles) -> None:
    """Raise unless every file may be part of a skill.

    Raises:
        InvalidSkillError: naming the first file that may not, and why.
    """
    if len(files) > MAX_FILES:
        raise InvalidSkillError(f"expected at most {MAX_FILES} files, got {len(files)}")
    for path, content in files.items():
        problem = _find_problem(path, content)
        if problem:
            raise InvalidSkillError(f"file {path!r:.80}: {problem}")
    if len({path.lower() for path in files}) != len(files):
        raise InvalidSkillError("two files differ only in the case of their letters")


def _find_problem(path: str, content: bytes) -> str | None:
    pure = PurePosixPath(path)
    checks = [
        (
            pure.is_absolute() or ".." in pure.parts or str(pure) != path,
            "not a plain relative path",
        ),
        (any(part.startswith(".") for part in pure.parts), "hidden files are refused"),
        (not SAFE_PATH.fullmatch(path), "expected letters, digits, `.`, `_`, `-` in its path"),
        (len(path) > MAX_PATH_LENGTH, f"expected a path of at most {MAX_PATH_LENGTH} characters"),
        (pure.name.lower() in FORBIDDEN_NAMES, "it would steer what judges the skill"),
        (pure.suffix not in TEXT_SUFFIXES, f"expected one of {sorted(TEXT_SUFFIXES)}"),
        (len(content) > MAX_FILE_BYTES, f"{len(content)} bytes, at most {MAX_FILE_BYTES}"),
        (not _is_text(content), "not UTF-8 text; binaries and archives are refused"),
    ]
    return next((text for is_bad, text in checks if is_bad), None)


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_listed(files: SkillFiles, manifest: Manifest) -> None:
    """Raise unless the manifest lists exactly these files with exactly these digests.

    Raises:
        InvalidSkillError: a file is unlisted, missing, or has another digest.
    """
    present = set(files) - {MANIFEST_FILE} - UNSIGNED_FILES
    listed = set(manifest.sha256)
    if present != listed:
        raise InvalidSkillError(
            f"skill.json lists {sorted(listed)}, the folder holds {sorted(present)}",
            hint="every file is listed with its sha256, and no other file is there",
        )
    for path, expected in manifest.sha256.items():
        got = sha256_hex(files[path])
        if got != expected:
            raise InvalidSkillError(f"file {path!r}: expected sha256 {expected}, got {got}")


def signed_files(files: SkillFiles) -> dict[str, bytes]:
    """Return the files that the release's digest covers."""
    return {path: content for path, content in files.items() if path not in UNSIGNED_FILES}
