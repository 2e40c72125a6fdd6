"""From words or a name to a live release.

A shadow release is never found, not even by its exact version: whatever is not live is unknown.
Finding hands out interfaces; describing hands out everything but the code.
"""

from skillkiln.errors import InvalidInputError, UnknownNameError
from skillkiln.invoke.descriptions import SkillDescription, build_description
from skillkiln.records.releases import Release
from skillkiln.registry.cards import SkillCard
from skillkiln.registry.integrity import LoadedSkill
from skillkiln.registry.registry import Registry
from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.status import FOUND_STATUSES
from skillkiln.store.interface import Store


def find_skills(registry: Registry, query: str, k: int) -> tuple[SkillCard, ...]:
    """Return at most k interfaces of live skills, best match first; often none.

    Args:
        registry: where the skills are.
        query: any text; nothing in it is an operator.
        k: how many at most, 0 or more.
    """
    return registry.search(query, k, FOUND_STATUSES)


def describe_skill(registry: Registry, store: Store, name: str) -> SkillDescription:
    """Return all that an agent may read about a live skill.

    Raises:
        UnknownNameError: no live skill has that name; the hint has the nearest ones.
        TrustError: what is kept is not what was signed; it is quarantined now.
    """
    release = resolve_live(registry, name, None)
    return build_description(registry.load(release.digest), store)


def load_callable(registry: Registry, name: str, version: str | None) -> LoadedSkill:
    """Return the checked files of a live code skill.

    Raises:
        UnknownNameError: no live skill has that name and version.
        InvalidInputError: it is no code.
        TrustError: what is kept is not what was signed; it is quarantined now.
    """
    release = resolve_live(registry, name, version)
    if release.kind is not ArtefactKind.CODE:
        raise InvalidInputError(
            f"{name!r}: expected a skill of kind 'code', got {str(release.kind)!r}",
            hint="read it with `describe_skill` and do as it says",
        )
    return registry.load(release.digest)


def resolve_live(registry: Registry, name: str, version: str | None) -> Release:
    """Return the live release of a name, in that version where one is given.

    Raises:
        UnknownNameError: there is none.
    """
    release = registry.resolve(name, version)
    if release.status not in FOUND_STATUSES:
        raise UnknownNameError(
            "live skill", f"{name} {version}", hint="leave the version out for the live one"
        )
    return release
