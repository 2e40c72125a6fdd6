"""A budget only ever shrinks, and says which bound ended it."""

import pytest
from pydantic import ValidationError

from skillkiln.records.budget import Budget

BUDGET = Budget(attempts=3, wall_ms=1_000, tokens=500)


def test_spending_takes_away_and_leaves_the_first_budget_alone() -> None:
    left = BUDGET.spend(attempts=1, wall_ms=400, tokens=100)
    assert (left.attempts, left.wall_ms, left.tokens) == (2, 600, 400)
    assert (BUDGET.attempts, BUDGET.wall_ms, BUDGET.tokens) == (3, 1_000, 500)


def test_spending_more_than_there_is_leaves_nothing() -> None:
    left = BUDGET.spend(attempts=10, wall_ms=10_000, tokens=10_000)
    assert (left.attempts, left.wall_ms, left.tokens) == (0, 0, 0)


@pytest.mark.parametrize("amounts", [{"attempts": -1}, {"wall_ms": -1}, {"tokens": -1}])
def test_spending_never_gives_back(amounts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot spend"):
        BUDGET.spend(**amounts)


@pytest.mark.parametrize(
    ("budget", "bound"),
    [
        (BUDGET, None),
        (BUDGET.spend(attempts=3), "attempts"),
        (BUDGET.spend(wall_ms=1_000), "wall time"),
        (BUDGET.spend(attempts=3, wall_ms=1_000), "attempts"),
        (Budget(attempts=1, wall_ms=1), None),
    ],
)
def test_the_bound_that_ended_it_is_named(budget: Budget, bound: str | None) -> None:
    assert budget.exhausted_by == bound


@pytest.mark.parametrize("field", ["attempts", "wall_ms", "tokens", "money_usd"])
def test_no_bound_is_negative(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Budget.model_validate({"attempts": 1, "wall_ms": 1} | {field: -1})
