"""Whether a value fits a schema of a contract; if not: which field, what was expected, what came.

Rules: a schema is compiled once and used for many values; nothing that it refers to is fetched;
its regular expressions cannot run away (backtracking is bounded); a value must be JSON that any
reader can take, so no NaN, no infinities, and no half characters (lone surrogates), and it is
bounded in size. What came is shown as `repr` and cut, so that a message acts on no terminal.

Example:
    >>> fit = SchemaFit({"type": "object", "properties": {"n": {"type": "integer"}}}, root="inputs")
    >>> fit.find_misfit({"n": "x"})
    "inputs.n: expected integer, got 'x'"
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import jsonschema_rs
from pydantic import JsonValue

from skillkiln.errors import InvalidContractError
from skillkiln.skill.contract import JsonSchema

MAX_JSON_BYTES = 4 * 1024 * 1024
"""Inputs and outputs larger than this are refused; a sandbox frame holds 8 MiB."""
MAX_SHOWN = 80
MAX_BACKTRACKS = 100_000
"""Steps back that a regular expression of a schema may take on one text."""


class SchemaFit:
    """A compiled schema."""

    def __init__(self, schema: JsonSchema, *, root: str) -> None:
        """Compile a schema.

        Args:
            schema: a JSON Schema, draft 2020-12 unless it says otherwise.
            root: what the value is called in messages, for example `inputs`.

        Raises:
            InvalidContractError: it is no valid schema, or refers to one elsewhere.
        """
        self.root = root
        self._properties = sorted(_properties(schema))
        try:
            self._validator: Any = jsonschema_rs.validator_for(
                schema,
                offline=True,
                pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKS),
            )
        except ValueError as error:
            raise InvalidContractError(
                f"{root}: not a usable JSON Schema: {str(error)!r:.200}",
                hint="references to other documents are not followed",
            ) from error

    def find_misfit(self, value: JsonValue) -> str | None:
        """Return one line on the first thing that does not fit, or None when everything fits."""
        if problem := find_not_json(value, root=self.root):
            return problem
        error = next(iter(self._validator.iter_errors(value)), None)
        return None if error is None else self._describe(error)

    def _describe(self, error: jsonschema_rs.ValidationError) -> str:
        where = _join(self.root, error.instance_path)
        kind = error.kind.name
        if kind == "required":
            return f"{_join(where, [error.kind.value])}: expected a value, got none"
        if kind == "additionalProperties":
            field = _join(where, [error.kind.value[0]])
            known = f"expected one of {self._properties}" if where == self.root else "expected none"
            return f"{field}: {known}, got an unknown field"
        return f"{where}: expected {_expected(error)}, got {_shown(error.instance)}"


def find_not_json(value: object, *, root: str, max_bytes: int = MAX_JSON_BYTES) -> str | None:
    """Return one line on why a value is not JSON that any reader can take, or None when it is.

    Args:
        value: anything.
        root: what the value is called in the message.
        max_bytes: its largest size as UTF-8 JSON.
    """
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except RecursionError:
        return f"{root}: expected JSON, got a value nested too deeply"
    except (TypeError, ValueError) as error:
        return f"{root}: expected JSON, got a value that it cannot hold ({type(error).__name__})"
    if size > max_bytes:
        return f"{root}: expected at most {max_bytes} bytes of JSON, got {size}"
    return None


def _properties(schema: JsonSchema) -> Iterable[str]:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else ()


def _join(root: str, path: Iterable[Any]) -> str:
    for step in path:
        is_plain = isinstance(step, str) and step.isidentifier() and len(step) <= MAX_SHOWN
        root += f".{step}" if is_plain else f"[{_shown(step)}]"
    return root


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text)} characters)"


def _expected(error: jsonschema_rs.ValidationError) -> str:
    wording: dict[str, Callable[[Any], str]] = {
        "type": " or ".join,
        "enum": lambda options: f"one of {_shown(options)}",
        "const": _shown,
        "minimum": lambda limit: f"at least {limit}",
        "maximum": lambda limit: f"at most {limit}",
        "minLength": lambda limit: f"at least {limit} characters",
        "maxLength": lambda limit: f"at most {limit} characters",
        "minItems": lambda limit: f"at least {limit} items",
        "maxItems": lambda limit: f"at most {limit} items",
        "pattern": lambda pattern: f"a match of {_shown(pattern)}",
        "anyOf": _alternatives,
        "falseSchema": lambda _: "no such field",
    }
    kind: Any = error.kind
    word = wording.get(kind.name)
    return word(kind.value) if word else f"what the schema says under {kind.name!r}"


def _alternatives(contexts: list[list[jsonschema_rs.ValidationError]]) -> str:
    return " or ".join(_expected(errors[0]) for errors in contexts if errors)
