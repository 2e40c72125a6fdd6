"""Budgets: every loop has an exit (DESIGN, invariant 10)."""

from typing import Annotated

from pydantic import Field

from skillkiln.skill.value import Value


class Budget(Value):
    """What a loop may still spend: upper bounds, of which the first to run out ends it."""

    attempts: Annotated[int, Field(ge=0)]
    wall_ms: Annotated[int, Field(ge=0)]
    tokens: Annotated[int, Field(ge=0)] = 0
    money_usd: Annotated[float, Field(ge=0)] = 0.0

    def spend(self, *, attempts: int = 0, wall_ms: int = 0, tokens: int = 0) -> "Budget":
        """Return what is left, never below zero.

        Raises:
            ValueError: an amount is negative; spending never gives back.
        """
        if min(attempts, wall_ms, tokens) < 0:
            raise ValueError(f"cannot spend {attempts} attempts, {wall_ms} ms, {tokens} tokens")
        return self.model_copy(
            update={
                "attempts": max(0, self.attempts - attempts),
                "wall_ms": max(0, self.wall_ms - wall_ms),
                "tokens": max(0, self.tokens - tokens),
            }
        )

    @property
    def exhausted_by(self) -> str | None:
        """The bound that ended it, or None while there is something left."""
        if self.attempts == 0:
            return "attempts"
        if self.wall_ms == 0:
            return "wall time"
        return None
