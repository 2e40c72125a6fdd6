"""The wall-clock bound of one piece of learning.

The clock is an argument, so that a test can make time pass as it likes. Learning calls
`Deadline.check` in its loops; what was found before time ran out may still be used.
"""

from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
"""Returns seconds that only ever grow, for example `time.monotonic`."""


class OutOfTimeError(Exception):
    """Learning reached its deadline. Caught by the author, who then refuses."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a clock."""

    clock: Clock
    ends_at: float
    """Seconds on `clock`."""

    @property
    def is_over(self) -> bool:
        """Whether the moment has passed."""
        return self.clock() >= self.ends_at

    def check(self) -> None:
        """Raise once the moment has passed.

        Raises:
            OutOfTimeError: it has.
        """
        if self.is_over:
            raise OutOfTimeError


def build_deadline(clock: Clock, wall_ms: int) -> Deadline:
    """Return the deadline that lies a number of milliseconds ahead."""
    return Deadline(clock, clock() + wall_ms / 1000)
