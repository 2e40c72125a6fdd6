"""What noticing asks of the outside, and its honest no."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NoNeed:
    """Why no need can be built from a gap or a request, and what would help."""

    reason: str
    hint: str = ""


class FileSource(Protocol):
    """Gives the texts of files that a person allowed to be read."""

    def find_text(self, path: str) -> str | None:
        """Return a file's text, or None when it is not there, not allowed, or not text.

        Args:
            path: absolute, as a recording named it.
        """
        ...
