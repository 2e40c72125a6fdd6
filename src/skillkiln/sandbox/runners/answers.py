"""What a skill's answer looks like on the wire.

Dataclasses become objects by field name, tuples (named or not) become arrays, the rest must be
JSON already: text, numbers that are finite, booleans, null, arrays, and objects with text keys.
Nothing is guessed: a set, a date or a number key is refused, and the contract is violated.
"""

import errno
from collections.abc import Mapping, Sequence
from typing import Any, cast

MAX_DEPTH = 64
MAX_MESSAGE_CHARACTERS = 2_000
DENIALS = (errno.EPERM, errno.EACCES, errno.EROFS)


class UnansweredError(Exception):
    """A result that has no JSON form."""


def render_result(value: object, depth: int = 0) -> object:
    """Turn a result into JSON values.

    Raises:
        UnansweredError: it has no JSON form; the message says where and why.
    """
    if depth > MAX_DEPTH:
        raise UnansweredError(f"the result nests deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    # What `dataclasses.fields` reads; importing dataclasses would cost every cell 8 ms.
    fields: Mapping[str, object] | None = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return {name: render_result(getattr(value, name), depth + 1) for name in fields}
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return [render_result(item, depth + 1) for item in items]
    if isinstance(value, dict):
        pairs = cast("Mapping[object, object]", value).items()
        return {_key(key): render_result(item, depth + 1) for key, item in pairs}
    raise UnansweredError(f"the result holds a {type(value).__name__}, which is not JSON")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise UnansweredError(f"the result has a key of type {type(key).__name__}, expected str")
    return key


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Describe what a skill raised, as the host's `CallResult` needs it."""
    try:
        message = str(error)[:MAX_MESSAGE_CHARACTERS]
    except Exception:  # noqa: BLE001 - the skill's own __str__ may raise anything
        message = "(its message could not be read)"
    return {
        "type": type(error).__name__[:100],
        "bases": [base.__name__[:100] for base in type(error).__mro__[1:-1]][:10],
        "message": message.encode("utf-8", "replace").decode(),
        "is_denied": isinstance(error, OSError) and error.errno in DENIALS,
        "is_memory": isinstance(error, MemoryError),
    }
