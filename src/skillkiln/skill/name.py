"""Skill names: the Agent Skills rule, and how other spellings are brought to it.

Source: Agent Skills specification, `name`: 1 to 64 of `[a-z0-9-]`, no hyphen at either end, no two
in a row, equal to the folder's name.
"""

import re

from skillkiln.errors import InvalidSkillError

MAX_NAME_LENGTH = 64
NAME_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_NAME = re.compile(NAME_PATTERN)
_VERSION_TAIL = re.compile(r"[-_. ]v\d+$")


def is_name(text: str) -> bool:
    """Say whether a text is a valid skill name."""
    return len(text) <= MAX_NAME_LENGTH and _NAME.fullmatch(text) is not None


def check_name(text: str) -> None:
    """Raise unless a text is a valid skill name.

    Raises:
        InvalidSkillError: it is not.
    """
    if not is_name(text):
        raise InvalidSkillError(
            f"name: expected 1 to {MAX_NAME_LENGTH} of a-z, 0-9 and single inner hyphens, "
            f"got {text!r:.80}",
            hint=f"`{normalise_name(text)}` would do",
        )


def normalise_name(text: str) -> str:
    """Bring any text to a valid name; `parse_private_log_v1` becomes `parse-private-log`.

    A trailing version such as `_v1` is dropped, because the version is a field of its own.
    """
    lowered = _VERSION_TAIL.sub("", text.strip().lower())
    hyphenated = re.sub(r"[^a-z0-9]+", "-", lowered).strip("-")
    return hyphenated[:MAX_NAME_LENGTH].strip("-") or "skill"
