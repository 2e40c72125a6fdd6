"""Inputs that nobody recorded: empty ones, and ones far larger than any seen.

They are made from the need's own inputs and the contract's parameters, so that they are of the
right form and reach the code behind the first check. They have no expected result: a skill may
answer or refuse, but must do so in time and in its memory.
"""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from skillkiln.records.needs import Need
from skillkiln.skill.contract import Contract

Inputs = dict[str, JsonValue]

MASSIVE_CHARACTERS = 100_000
MASSIVE_ITEMS = 10_000
MAX_SAMPLES = 2

_EMPTY: dict[str, JsonValue] = {"string": "", "array": [], "object": {}, "integer": 0, "number": 0}


def build_null_inputs(need: Need, contract: Contract) -> list[Inputs]:
    """Return inputs in which every parameter is empty, where its type has an empty value."""
    parameters = contract.input_schema.get("properties")
    if not isinstance(parameters, dict):
        return []
    kinds = {
        name: schema.get("type") if isinstance(schema, dict) else None
        for name, schema in parameters.items()
    }
    if not kinds or not all(isinstance(kind, str) and kind in _EMPTY for kind in kinds.values()):
        return []
    return [{name: _EMPTY[str(kind)] for name, kind in kinds.items()}]


def build_massive_inputs(samples: Sequence[Inputs]) -> list[Inputs]:
    """Return enlarged versions of a few inputs, one parameter at a time.

    The texts are those that make matchers go back and forth: a whole example over and over, its
    first character over and over, and an example followed by blanks and one character too many.
    """
    return [
        {**sample, name: massive}
        for sample in samples[:MAX_SAMPLES]
        for name, value in sample.items()
        for massive in _enlarge(value)
    ]


def _enlarge(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, str) and value:
        times = MASSIVE_CHARACTERS // len(value) + 1
        yield value * times
        yield value[0] * MASSIVE_CHARACTERS
        yield f"{value}{' ' * MASSIVE_CHARACTERS}\0"
        yield (f"{value[: len(value) // 2]} " * times)[:MASSIVE_CHARACTERS]
    elif isinstance(value, list) and value:
        yield (value * (MASSIVE_ITEMS // len(value) + 1))[:MASSIVE_ITEMS]
