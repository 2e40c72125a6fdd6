"""The contract of a code skill: what goes in, what comes out, what it may touch, and for how long.

Rules, all checked on construction:
1. `side_effects` is empty (none, the default) or lists effects; each listed effect is detailed
   under `permissions`, and nothing is detailed that is not listed.
2. `idempotency` is obligatory with side effects.
3. Both schemas are JSON Schemas of objects (input) or of any value (output).
Petitioning is not being granted: a person grants (DESIGN, invariant 2).
"""

import reprlib
from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue, ValidationError, field_validator, model_validator

from skillkiln.errors import InvalidContractError
from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.name import MAX_NAME_LENGTH, NAME_PATTERN
from skillkiln.skill.value import Value
from skillkiln.skill.version import parse_version

JsonSchema = dict[str, JsonValue]

DEFAULT_TIMEOUT_MS = 5_000
MAX_TIMEOUT_MS = 600_000

MAX_PROBLEMS = 20


class SideEffect(StrEnum):
    """Something a skill does beyond returning a value."""

    WRITE_FILES = "write_files"
    NETWORK = "network"
    EXECUTE = "execute"


class Idempotency(StrEnum):
    """What a second call with the same idempotency key does."""

    PURE = "pure"
    """Nothing is changed by a call; repeating it is harmless."""
    KEYED = "keyed"
    """The first answer is kept and given again for the same key."""


class Permissions(Value):
    """What a skill petitions for; empty by default."""

    write_files: tuple[str, ...] = ()
    """Path patterns below the caller's folder, for example `out/*.csv`."""
    network: tuple[str, ...] = ()
    """`host:port` pairs."""
    execute: tuple[str, ...] = ()
    """Names of executables, each with its allowed arguments."""


class Contract(Value):
    """The machine-checked promise of a skill."""

    name: Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME_LENGTH)]
    """The skill's name, equal to its folder's."""
    version: str
    """Semantic version without build metadata."""
    kind: ArtefactKind = ArtefactKind.CODE
    """What it is."""
    input_schema: JsonSchema
    """JSON Schema of the object that holds the arguments of `run` by name."""
    output_schema: JsonSchema
    """JSON Schema of what `run` returns."""
    side_effects: tuple[SideEffect, ...] = ()
    """What it does beyond returning a value; nothing by default."""
    permissions: Permissions = Permissions()
    """The details of every listed side effect, and of no other."""
    timeout_ms: Annotated[int, Field(ge=1, le=MAX_TIMEOUT_MS)] = DEFAULT_TIMEOUT_MS
    """Wall time of one call in milliseconds, after which it is ended."""
    max_retries: Annotated[int, Field(ge=0, le=10)] = 0
    """How often a failed call may be made again."""
    idempotency: Idempotency | None = None
    """What a second call with the same key does; obligatory with side effects."""
    dependencies: tuple[str, ...] = ()
    """Skills that it needs, as `skill:<name>@<version>`; anything else is a package."""

    @field_validator("version")
    @classmethod
    def _version_is_semantic(cls, value: str) -> str:
        try:
            parse_version(value)
        except InvalidContractError as error:
            raise ValueError(error.message) from error
        return value

    @field_validator("input_schema")
    @classmethod
    def _input_is_an_object(cls, value: JsonSchema) -> JsonSchema:
        if value.get("type") != "object":
            raise ValueError(f"input_schema: expected type 'object', got {value.get('type')!r}")
        return value

    @model_validator(mode="after")
    def _effects_are_detailed(self) -> "Contract":
        detailed = {
            effect for effect in SideEffect if getattr(self.permissions, effect.value) != ()
        }
        listed = set(self.side_effects)
        if detailed != listed:
            raise ValueError(
                f"side_effects lists {sorted(listed)} but permissions detail {sorted(detailed)}"
            )
        if listed and self.idempotency is None:
            raise ValueError("idempotency is obligatory with side effects")
        return self


def parse_contract(fields: object, *, where: str) -> Contract:
    """Build a contract from parsed JSON.

    Args:
        fields: the parsed JSON object.
        where: the file it came from, for the message.

    Raises:
        InvalidContractError: a field is missing, unknown or wrong; all of them are named.
    """
    try:
        return Contract.model_validate(fields)
    except ValidationError as error:
        raise InvalidContractError(describe_problems(error), where=where) from error


def describe_problems(error: ValidationError) -> str:
    """Render a validation error as one line per field: `field: what is wrong (got ...)`."""
    # A hostile value can be huge or bottomless, so only its beginning is shown.
    problems = error.errors(include_url=False)
    lines = [
        f"{_field(problem['loc'])}: {problem['msg']:.200} (got {reprlib.repr(problem['input'])})"
        for problem in problems[:MAX_PROBLEMS]
    ]
    if len(problems) > MAX_PROBLEMS:
        lines.append(f"and {len(problems) - MAX_PROBLEMS} more")
    return "\n".join(lines)


def _field(steps: tuple[int | str, ...]) -> str:
    return f"{'.'.join(str(step) for step in steps) or 'contract':.80}"
