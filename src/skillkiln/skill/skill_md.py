"""SKILL.md: the frontmatter and text that make a folder an Agent Skill.

Rules for writing, each the answer to a reader that breaks on the alternative: LF line ends and no
BOM; every scalar double-quoted; `metadata` flat, text to text; no `---` inside a value (some
readers split there and cut the rest silently); no angle brackets in the description; allowed tools
as one space-separated string. What cannot be written so that every reader gives it back is refused.

Source: Agent Skills specification (frontmatter fields and their limits).
"""

import json
import re
from typing import Annotated, Any, cast

import strictyaml  # pyright: ignore[reportMissingTypeStubs] - it ships none
from pydantic import Field, ValidationError, field_validator

from skillkiln.errors import InvalidSkillError
from skillkiln.skill.contract import describe_problems
from skillkiln.skill.folder import SKILL_MD
from skillkiln.skill.name import MAX_NAME_LENGTH, NAME_PATTERN
from skillkiln.skill.value import Value

MAX_DESCRIPTION = 1024
MAX_COMPATIBILITY = 500
MAX_BODY_LINES = 500
FENCE = "---"

_FRONTMATTER = re.compile(r"\A---\n(.*?)\n---(?:\n|\Z)(.*)\Z", re.DOTALL)
# What YAML forbids in a scalar or reads as a line break, besides the plain newline.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)

_yaml: Any = strictyaml
_SCHEMA: Any = _yaml.Map(
    {
        "name": _yaml.Str(),
        "description": _yaml.Str(),
        _yaml.Optional("license"): _yaml.Str(),
        _yaml.Optional("compatibility"): _yaml.Str(),
        _yaml.Optional("allowed-tools"): _yaml.Str(),
        _yaml.Optional("metadata"): _yaml.EmptyDict() | _yaml.MapPattern(_yaml.Str(), _yaml.Str()),
    }
)


class SkillMd(Value):
    """The content of one SKILL.md."""

    name: Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME_LENGTH)]
    """The skill's name, equal to its folder's."""
    description: Annotated[str, Field(min_length=1, max_length=MAX_DESCRIPTION)]
    """What it does and when to use it, on one line."""
    body: str
    """The text below the frontmatter."""
    metadata: dict[str, str] = {}
    """More about it, text by text."""
    license: str | None = None
    """Its licence."""
    compatibility: Annotated[str | None, Field(max_length=MAX_COMPATIBILITY)] = None
    """What it needs around it."""
    allowed_tools: str | None = None
    """Tools that it may use, in one space-separated text; `allowed-tools` in the file."""

    @field_validator("description")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("expected what it does and when to use it, got only blanks")
        if re.search(r"[<>]", value):
            raise ValueError("angle brackets are refused by some hosts")
        return value

    @field_validator("description", "license", "compatibility", "allowed_tools")
    @classmethod
    def _is_one_safe_line(cls, value: str | None) -> str | None:
        return value if value is None else _check_scalar(value)

    @field_validator("metadata")
    @classmethod
    def _metadata_is_safe(cls, value: dict[str, str]) -> dict[str, str]:
        return {_check_scalar(key): _check_scalar(text) for key, text in value.items()}

    @field_validator("body")
    @classmethod
    def _body_is_text(cls, value: str) -> str:
        if found := _UNPRINTABLE.search(value):
            raise ValueError(f"the character {found.group()!r} is refused")
        if value.count("\n") > MAX_BODY_LINES:
            raise ValueError(f"expected at most {MAX_BODY_LINES} lines, got {value.count(chr(10))}")
        return value


def _check_scalar(text: str) -> str:
    if found := _UNPRINTABLE.search(text) or re.search(r"[\n\t]", text):
        raise ValueError(f"the character {found.group()!r} is refused in frontmatter")
    if FENCE in text:
        raise ValueError(f"{FENCE!r} is refused: some readers end the frontmatter there")
    return text


def render_skill_md(skill: SkillMd) -> str:
    """Render SKILL.md so that every reader gives the same values back."""
    fields = {
        "name": skill.name,
        "description": skill.description,
        "license": skill.license,
        "compatibility": skill.compatibility,
        "allowed-tools": skill.allowed_tools,
    }
    lines = [f"{key}: {_quote(text)}" for key, text in fields.items() if text is not None]
    if skill.metadata:
        lines.append("metadata:")
        lines += [f"  {_quote(key)}: {_quote(text)}" for key, text in skill.metadata.items()]
    body = skill.body if skill.body.endswith("\n") or not skill.body else f"{skill.body}\n"
    return "\n".join([FENCE, *lines, FENCE, ""]) + body


def _quote(text: str) -> str:
    # A JSON string is a YAML double-quoted scalar.
    return json.dumps(text, ensure_ascii=False)


def parse_skill_md(content: bytes | str, *, where: str = SKILL_MD) -> SkillMd:
    """Parse SKILL.md.

    Raises:
        InvalidSkillError: not UTF-8, no frontmatter, a field missing, unknown or too long.
    """
    text = _decode(content, where)
    match = _FRONTMATTER.match(text)
    if match is None:
        raise InvalidSkillError(
            f"expected frontmatter between two {FENCE!r} lines at the start, got {text[:40]!r}",
            where=f"{where}:1",
            hint="begin the file with `---`, then `name:` and `description:`",
        )
    header, body = match.groups()
    fields = _parse_frontmatter(header, where)
    fields["allowed_tools"] = fields.pop("allowed-tools", None)
    try:
        return SkillMd(body=body, **fields)
    except ValidationError as error:
        raise InvalidSkillError(describe_problems(error), where=where) from error


def _parse_frontmatter(header: str, where: str) -> dict[str, Any]:
    # Looked for first, because the YAML reader breaks on such a character instead of naming it.
    if found := _UNPRINTABLE.search(header):
        line = header.count("\n", 0, found.start())
        raise InvalidSkillError(
            f"frontmatter: the character {found.group()!r} is refused", where=f"{where}:{line + 2}"
        )
    try:
        parsed = _yaml.load(header, _SCHEMA, label=where)
    except RecursionError as error:
        raise InvalidSkillError("frontmatter: nested too deeply", where=where) from error
    except _yaml.YAMLError as error:
        line = getattr(error.problem_mark or error.context_mark, "line", 0)
        raise InvalidSkillError(
            f"frontmatter: {error.problem or error}", where=f"{where}:{line + 2}"
        ) from error
    return cast("dict[str, Any]", parsed.data)


def _decode(content: bytes | str, where: str) -> str:
    if isinstance(content, str):
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidSkillError(f"not UTF-8: {error.reason}", where=where) from error
    return text.replace("\r\n", "\n")
