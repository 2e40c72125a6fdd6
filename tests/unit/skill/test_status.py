"""The status machine: every one of the 81 pairs, against the life drawn by hand."""

import itertools

import pytest

from skillkiln.errors import InvalidTransitionError
from skillkiln.skill.status import (
    FOUND_STATUSES,
    TRANSITIONS,
    Status,
    check_transition,
    is_allowed,
)

# Rows: before; columns: after, both in the order below. `x` may follow.
ORDER = [
    Status.CANDIDATE,
    Status.REJECTED,
    Status.SHADOW,
    Status.CANARY,
    Status.LIVE,
    Status.SUPERSEDED,
    Status.ROLLED_BACK,
    Status.RETIRED,
    Status.QUARANTINED,
]
TABLE = """
    . x x . . . . . .
    . . . . . . . . .
    . . . x x . x x x
    . . . . x . x x x
    . . . . . x x x x
    . . . . x . . x x
    . . x . . . . x x
    . . x . . . . . x
    . . x . . . . x .
"""
MAY_FOLLOW = {
    (before, after): mark == "x"
    for before, row in zip(ORDER, TABLE.strip().splitlines(), strict=True)
    for after, mark in zip(ORDER, row.split(), strict=True)
}
ENDS = {Status.REJECTED}
RELEASED = set(Status) - {Status.CANDIDATE, Status.REJECTED}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Status, Status)))
def test_a_pair_is_allowed_exactly_where_the_table_says(before: Status, after: Status) -> None:
    allowed = MAY_FOLLOW[before, after]
    assert is_allowed(before, after) is allowed
    if allowed:
        check_transition(before, after)
    else:
        with pytest.raises(InvalidTransitionError) as caught:
            check_transition(before, after)
        for word in (before, after, *TRANSITIONS[before]):
            assert repr(str(word)) in str(caught.value)


def test_the_statuses_are_these_and_each_has_a_row() -> None:
    assert set(TRANSITIONS) == set(Status) == set(ORDER)


def test_nothing_becomes_what_it_is() -> None:
    assert not any(is_allowed(status, status) for status in Status)


def test_a_candidate_never_goes_live_without_shadow() -> None:
    assert TRANSITIONS[Status.CANDIDATE] == {Status.REJECTED, Status.SHADOW}
    assert not any(Status.CANDIDATE in after for after in TRANSITIONS.values())


def test_only_a_rejected_candidate_stays_for_ever() -> None:
    assert {status for status in Status if not TRANSITIONS[status]} == ENDS


def test_every_release_can_be_quarantined_and_comes_back_through_shadow_alone() -> None:
    for status in RELEASED - {Status.QUARANTINED}:
        assert is_allowed(status, Status.QUARANTINED)
    for status in (Status.QUARANTINED, Status.RETIRED, Status.ROLLED_BACK):
        assert TRANSITIONS[status] & {Status.LIVE, Status.CANARY} == set()
        assert is_allowed(status, Status.SHADOW)


def test_what_is_found_is_live_or_canary_alone() -> None:
    assert {Status.LIVE, Status.CANARY} == FOUND_STATUSES


def test_every_release_status_can_be_reached_from_a_candidate() -> None:
    reached, pending = set[Status](), [Status.CANDIDATE]
    while pending:
        status = pending.pop()
        if status not in reached:
            reached.add(status)
            pending.extend(TRANSITIONS[status])
    assert reached == set(Status)
