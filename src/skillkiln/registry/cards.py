"""What a search hands out: the interface of a skill, never its code."""

from skillkiln.skill.contract import JsonSchema
from skillkiln.skill.status import Status
from skillkiln.skill.value import Value
from skillkiln.store.interface import KeptRelease


class SkillCard(Value):
    """Enough to decide whether to call a skill, and how."""

    name: str
    version: str
    digest: str
    status: Status
    description: str
    input_schema: JsonSchema
    output_schema: JsonSchema


def build_card(kept: KeptRelease) -> SkillCard:
    """Build the card of a release."""
    return SkillCard(
        name=kept.release.name,
        version=kept.release.version,
        digest=kept.release.digest,
        status=kept.release.status,
        description=kept.release.description,
        input_schema=kept.contract.input_schema,
        output_schema=kept.contract.output_schema,
    )
