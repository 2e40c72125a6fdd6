"""Semantic versions: parse, order, bump.

Source: Semantic Versioning 2.0.0 (semver.org), without build metadata: a release is addressed by
its digest, so a second way to tell builds apart would only confuse.
"""

import re
from dataclasses import dataclass
from functools import total_ordering

from skillkiln.errors import InvalidContractError

MAX_VERSION_LENGTH = 128
_PATTERN = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?",
    re.ASCII,
)


@total_ordering
@dataclass(frozen=True, slots=True)
class SemanticVersion:
    """A version such as 1.4.0 or 2.0.0-rc.1."""

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    def __str__(self) -> str:
        tail = f"-{'.'.join(self.prerelease)}" if self.prerelease else ""
        return f"{self.major}.{self.minor}.{self.patch}{tail}"

    def __lt__(self, other: "SemanticVersion") -> bool:
        return self._precedence() < other._precedence()

    def _precedence(self) -> tuple[object, ...]:
        # A version without a pre-release follows all of its pre-releases; numeric identifiers sort
        # below alphanumeric ones and among themselves by value (semver 11.3, 11.4).
        identifiers = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease
        )
        return (self.major, self.minor, self.patch, not self.prerelease, identifiers)

    def bump_major(self) -> "SemanticVersion":
        """Return the next version that may break callers."""
        return SemanticVersion(self.major + 1, 0, 0)

    def bump_minor(self) -> "SemanticVersion":
        """Return the next version that adds without breaking."""
        return SemanticVersion(self.major, self.minor + 1, 0)

    def bump_patch(self) -> "SemanticVersion":
        """Return the next version that only repairs."""
        return SemanticVersion(self.major, self.minor, self.patch + 1)


def parse_version(text: str) -> SemanticVersion:
    """Parse a semantic version.

    Raises:
        InvalidContractError: the text is not `MAJOR.MINOR.PATCH[-PRERELEASE]`, or is longer than
            `MAX_VERSION_LENGTH`.
    """
    match = _PATTERN.fullmatch(text) if len(text) <= MAX_VERSION_LENGTH else None
    if match is None:
        raise InvalidContractError(
            f"version: expected MAJOR.MINOR.PATCH, got {text!r:.80}", hint="for example `1.0.0`"
        )
    major, minor, patch, prerelease = match.groups()
    return SemanticVersion(
        int(major), int(minor), int(patch), tuple(prerelease.split(".")) if prerelease else ()
    )
