"""Gate `files`: exactly the files of a code skill, each of which may be in one."""

from pathlib import PurePosixPath

from skillkiln.errors import InvalidSkillError
from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_MD, SKILL_PY, TEST_PY, check_files
from skillkiln.skill.reasons import FailureReason

REQUIRED = frozenset({SKILL_MD, SKILL_PY, TEST_PY})
RESOURCE_SUFFIXES = (".json", ".csv", ".tsv", ".txt", ".toml", ".yaml", ".yml", ".lock", ".md")
"""What a skill may bring beside its code: tables and texts, never a second program."""

RESERVED = frozenset({"skill.json", "attestation.jsonl"})
"""Written when a candidate is released; an author's own would be a forgery."""


class FilesGate:
    """Refuses folders that lack a file, or hold one that has no business there."""

    name = "files"
    stage = Stage.WRITE

    def check(self, subject: Subject) -> Finding:
        """Compare the folder with what a code skill is made of."""
        if problem := _find_problem(subject):
            return build_failed(self, FailureReason.POLICY_VIOLATION, problem)
        size = sum(len(content) for content in subject.files.values())
        return build_passed(
            self,
            f"{len(subject.files)} files, {size} bytes",
            figures={"files": len(subject.files), "size_bytes": size},
        )


def _list_folders(path: str) -> list[str]:
    return [str(folder) for folder in PurePosixPath(path).parents]


def _find_problem(subject: Subject) -> str | None:
    try:
        check_files(subject.files)
    except InvalidSkillError as error:
        return error.message
    present = set(subject.files)
    if both := {folder for path in present for folder in _list_folders(path)} & present:
        return f"{min(both)!r} is a file and a folder at once"
    if missing := REQUIRED - present:
        return f"expected {', '.join(sorted(REQUIRED))}; missing: {', '.join(sorted(missing))}"
    if reserved := RESERVED & present:
        return f"{min(reserved)!r} is written at release, never by an author"
    extra = sorted(p for p in present - REQUIRED if not p.endswith(RESOURCE_SUFFIXES))
    if extra:
        return f"{extra[0]!r}: one skill.py and one test_skill.py; other programs are refused"
    return None
