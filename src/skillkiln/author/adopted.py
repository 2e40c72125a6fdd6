"""The author of a skill that is there already: a person wrote it, Skillkiln only proves it.

An adopted skill goes through the same gates as any other. Nothing in it is changed: where a gate
objects, the person mends it and adopts it again.
"""

from collections.abc import Mapping

from skillkiln.errors import InvalidSkillError
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.needs import Brief, Case
from skillkiln.skill.contract import Contract
from skillkiln.skill.folder import ATTESTATION_FILE, SKILL_MD, SKILL_PY, TEST_PY
from skillkiln.skill.manifest import MANIFEST_FILE, parse_manifest
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import parse_skill_md

NAME = "adopted"


class Adopted:
    """Hands in one given candidate, and declines to change it."""

    name = NAME

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate

    def write(self, brief: Brief, budget: Budget) -> Candidate | Refusal:
        """Hand in the person's skill."""
        return self._candidate

    def rewrite(
        self, brief: Brief, failing: tuple[Case, ...], budget: Budget
    ) -> Candidate | Refusal:
        """Decline: what a person wrote is theirs to change."""
        return Refusal(
            author=self._candidate.author,
            reason="a person's skill is not rewritten",
            hint="mend it, then adopt it again",
        )


def build_adopted(files: Mapping[str, bytes], *, author: str, need_id: str) -> Candidate:
    """Build a candidate from a skill folder.

    The contract is the one in skill.json, where there is one; else it is derived from the
    signature of `run`, with no side effects.

    Args:
        files: content by path, as `registry.folders` read it.
        author: who wrote it, for example `ada`.
        need_id: the need that it is to answer.

    Raises:
        InvalidSkillError: SKILL.md, skill.py or the tests are missing or not text.
        InvalidContractError: `run` or skill.json is not as it must be.
    """
    missing = [path for path in (SKILL_MD, SKILL_PY, TEST_PY) if path not in files]
    if missing:
        raise InvalidSkillError(
            f"the folder lacks {', '.join(missing)}",
            hint="a code skill has SKILL.md, skill.py with a typed `run`, and test_skill.py",
        )
    kept = {p: c for p, c in files.items() if p not in {MANIFEST_FILE, ATTESTATION_FILE}}
    return Candidate(
        need_id=need_id,
        author=f"human:{author}",
        contract=_read_contract(files),
        files={path: _decode(path, content) for path, content in kept.items()},
        explanation=f"written by {author}; adopted as it was",
    )


def _read_contract(files: Mapping[str, bytes]) -> Contract:
    if MANIFEST_FILE in files:
        return parse_manifest(files[MANIFEST_FILE]).contract()
    about = parse_skill_md(files[SKILL_MD])
    schemas = derive_schemas(_decode(SKILL_PY, files[SKILL_PY]))
    return Contract(
        name=about.name,
        version="1.0.0",
        input_schema=schemas.input_schema,
        output_schema=schemas.output_schema,
    )


def _decode(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidSkillError(f"file {path!r}: not UTF-8: {error.reason}") from error
