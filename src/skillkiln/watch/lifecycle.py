"""The steps of a release's life that a person or the watch may ask for: live, back, and out.

Each keeps its reason: in the release's history and, by the registry, in the ledger. A step without
a reason is refused, because the record is what the next person decides on.
"""

from skillkiln.errors import InvalidInputError
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.sessions.text import make_inert_line
from skillkiln.skill.status import Status

MAX_REASON = 500


def go_live(registry: Registry, digest: str, reason: str) -> Release:
    """Switch a name's pointer to this release; the one that was live is superseded.

    Raises:
        InvalidInputError: there is no reason.
        InvalidTransitionError: it may not go live from where it stands.
        TrustError: it is not what was signed, and is quarantined now.
    """
    return registry.make_live(digest, _keep_reason(reason))


def roll_back(registry: Registry, name: str, reason: str) -> Release | None:
    """Take the live release of a name back and put the previous good one in its place.

    Returns:
        The release that is live now; None where there was no earlier good one.

    Raises:
        InvalidInputError: there is no reason.
        UnknownNameError: nothing of that name is live.
    """
    return registry.roll_back(name, _keep_reason(reason))


def withdraw(registry: Registry, digest: str, reason: str) -> Release:
    """Roll back a release that has not gone live; what is live stays as it is.

    Raises:
        InvalidInputError: there is no reason.
        InvalidTransitionError: it cannot be rolled back from where it stands.
    """
    return registry.change_status(digest, Status.ROLLED_BACK, _keep_reason(reason))


def retire(registry: Registry, name: str, reason: str) -> Release:
    """Take the live release of a name out of service; it stays in the inventory with its history.

    Raises:
        InvalidInputError: there is no reason.
        UnknownNameError: nothing of that name is live.
    """
    return registry.retire(registry.resolve(name).digest, _keep_reason(reason))


def _keep_reason(reason: str) -> str:
    kept = make_inert_line(reason, MAX_REASON)
    if not kept:
        raise InvalidInputError("reason: expected words, got none", hint="say why, for the record")
    return kept
