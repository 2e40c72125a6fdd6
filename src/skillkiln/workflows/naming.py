"""Two needs must not end up as two versions of one skill only because they sound alike."""

from skillkiln.notice.interface import NoNeed
from skillkiln.records.needs import Need
from skillkiln.registry.registry import Registry
from skillkiln.skill.name import MAX_NAME_LENGTH


def choose_free_name(need: Need | NoNeed, registry: Registry) -> Need | NoNeed:
    """Return a gap's need under a name that no other gap's skill has.

    A need of the same gap keeps the name: what comes of it is the skill's next version.
    """
    if isinstance(need, NoNeed):
        return need
    name, number = need.name, 1
    while True:
        latest = registry.find_latest(name)
        if latest is None or latest.release.source_signal == f"gap:{need.gap_id}":
            return need.model_copy(update={"name": name})
        number += 1
        tail = f"-{number}"
        name = need.name[: MAX_NAME_LENGTH - len(tail)] + tail
