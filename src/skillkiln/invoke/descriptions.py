"""What an agent may read about a skill before it calls it: everything but the code.

The contract and the text of SKILL.md come out of the signed files, checked on the way; score and
gates come out of the signed statement. The sealed cases behind them are for no agent to see.
"""

from typing import Annotated

from pydantic import Field

from skillkiln.registry.integrity import LoadedSkill
from skillkiln.skill.contract import Contract
from skillkiln.skill.folder import SKILL_MD
from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.status import Status
from skillkiln.skill.value import Value
from skillkiln.store.interface import Store
from skillkiln.trust.statement import GateOutcome


class EvidenceSummary(Value):
    """Why the release was let go live, and how it has been used since."""

    score: Annotated[float, Field(ge=0, le=10)]
    gates: tuple[GateOutcome, ...]
    """What every gate came to, as it was signed."""
    tests_passed: Annotated[int, Field(ge=0)]
    learned_from: Annotated[int, Field(ge=0)]
    """Examples that the author saw."""
    shadow_calls: Annotated[int, Field(ge=0)]
    """Calls mirrored before it went live."""
    calls: Annotated[int, Field(ge=0)]
    """Calls since."""


class SkillDescription(Value):
    """One skill, as an agent may read it."""

    name: str
    version: str
    digest: str
    status: Status
    kind: ArtefactKind
    description: str
    contract: Contract
    skill_md: str
    """The whole text of SKILL.md."""
    evidence: EvidenceSummary
    created_by: str
    source_signal: str


def build_description(skill: LoadedSkill, store: Store) -> SkillDescription:
    """Build the description of a loaded skill.

    Args:
        skill: the release, its files checked.
        store: where its calls are counted.
    """
    release, manifest = skill.release, skill.manifest
    return SkillDescription(
        name=release.name,
        version=release.version,
        digest=release.digest,
        status=release.status,
        kind=release.kind,
        description=release.description,
        contract=manifest.contract(),
        skill_md=skill.files[SKILL_MD].decode(),
        evidence=EvidenceSummary(
            score=skill.statement.claim.score,
            gates=skill.statement.claim.gates,
            tests_passed=manifest.test_results.passed,
            learned_from=manifest.test_results.learned_from,
            shadow_calls=store.invocations.count(release.digest, is_shadow=True),
            calls=store.invocations.count(release.digest),
        ),
        created_by=release.created_by,
        source_signal=release.source_signal,
    )
