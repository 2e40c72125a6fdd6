"""What a search hands out: the interface of a skill, never its code."""

from collections.abc import Iterable

from skillkiln.skill.contract import JsonSchema
from skillkiln.skill.status import Status
from skillkiln.skill.value import Value
from skillkiln.store.rows import FoundRelease

MAX_CARDS = 20
"""More interfaces than this at once only fill an agent's context."""


class SkillCard(Value):
    """Enough to decide whether to call a skill, and how."""

    name: str
    version: str
    digest: str
    status: Status
    description: str
    input_schema: JsonSchema
    output_schema: JsonSchema


def build_card(found: FoundRelease) -> SkillCard:
    """Build the card of a release."""
    return SkillCard(
        name=found.release.name,
        version=found.release.version,
        digest=found.release.digest,
        status=found.release.status,
        description=found.release.description,
        input_schema=found.contract.input_schema,
        output_schema=found.contract.output_schema,
    )


def choose_cards(cards: Iterable[SkillCard], k: int) -> tuple[SkillCard, ...]:
    """Return at most k cards in their order, one for each name: the live one where there is one."""
    chosen: dict[str, SkillCard] = {}
    for card in cards:
        if card.name not in chosen or card.status is Status.LIVE:
            chosen[card.name] = card
    return tuple(chosen.values())[: max(0, k)]
