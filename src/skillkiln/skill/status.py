"""The status machine of candidates and releases: every allowed transition, in one table.

A candidate that fails is `rejected` and stays so. A release is born in `shadow`: mirrored, never
found or invoked. It may become a `canary` (found for its share) or go `live`; a live release is
`superseded` by its successor, or `retired`, or `rolled_back`. Any release can be `quarantined`.
From retired, rolled_back and quarantined the only way back is `shadow`, after being proved again.
A superseded release becomes live again when its successor is rolled back (a switch of pointers).

Example:
    >>> check_transition(Status.SHADOW, Status.LIVE)
    >>> check_transition(Status.REJECTED, Status.LIVE)
    Traceback (most recent call last):
    skillkiln.errors.InvalidTransitionError: a 'rejected' release cannot become 'live'
    hint: from 'rejected' nothing follows
"""

from enum import StrEnum

from skillkiln.errors import InvalidTransitionError


class Status(StrEnum):
    """Where a candidate or release stands in its life."""

    CANDIDATE = "candidate"
    REJECTED = "rejected"
    SHADOW = "shadow"
    CANARY = "canary"
    LIVE = "live"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"
    RETIRED = "retired"
    QUARANTINED = "quarantined"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.CANDIDATE: frozenset({Status.REJECTED, Status.SHADOW}),
    Status.REJECTED: frozenset(),
    Status.SHADOW: frozenset(
        {Status.CANARY, Status.LIVE, Status.RETIRED, Status.ROLLED_BACK, Status.QUARANTINED}
    ),
    Status.CANARY: frozenset({Status.LIVE, Status.ROLLED_BACK, Status.RETIRED, Status.QUARANTINED}),
    Status.LIVE: frozenset(
        {Status.SUPERSEDED, Status.ROLLED_BACK, Status.RETIRED, Status.QUARANTINED}
    ),
    Status.SUPERSEDED: frozenset({Status.LIVE, Status.RETIRED, Status.QUARANTINED}),
    Status.ROLLED_BACK: frozenset({Status.SHADOW, Status.RETIRED, Status.QUARANTINED}),
    Status.RETIRED: frozenset({Status.SHADOW, Status.QUARANTINED}),
    Status.QUARANTINED: frozenset({Status.SHADOW, Status.RETIRED}),
}
"""For each status, the statuses that may follow it."""

FOUND_STATUSES = frozenset({Status.LIVE, Status.CANARY})
"""Releases that search and invoke may hand out."""


def is_allowed(before: Status, after: Status) -> bool:
    """Say whether `after` may follow `before`."""
    return after in TRANSITIONS[before]


def check_transition(before: Status, after: Status) -> None:
    """Raise unless `after` may follow `before`.

    Raises:
        InvalidTransitionError: the table has no such transition.
    """
    if is_allowed(before, after):
        return
    followers = ", ".join(repr(str(status)) for status in sorted(TRANSITIONS[before])) or "nothing"
    raise InvalidTransitionError(
        f"a {str(before)!r} release cannot become {str(after)!r}",
        hint=f"from {str(before)!r} {followers} follows",
    )
