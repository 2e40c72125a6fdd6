"""When two JSON values are the same answer, and when they only look so."""

import json

import pytest
from pydantic import JsonValue

from skillkiln.records.json_equality import is_equal_json

SAME: list[tuple[JsonValue, JsonValue]] = [
    (None, None),
    ("a", "a"),
    (1, 1),
    (1, 1.0),
    (0.1 + 0.2, 0.3),
    (10**400, 10**400),
    ([1, [2, {"a": "b"}]], [1, [2, {"a": "b"}]]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ([], []),
]

DIFFERENT: list[tuple[JsonValue, JsonValue]] = [
    (True, 1),
    (False, 0),
    (True, 1.0),
    (None, False),
    (None, ""),
    ("1", 1),
    ("a", "A"),
    ("a", "a "),
    ("\u00e9", "e\u0301"),
    (1, 2),
    (1.0, 1.001),
    (float("nan"), float("nan")),
    (10**400, 1.0),
    (10**400, 10**400 + 1),
    ([], {}),
    ([1, 2], [2, 1]),
    ([1], [1, 1]),
    ({"a": 1}, {"a": 1, "b": None}),
    ({"a": [True]}, {"a": [1]}),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_same(left: JsonValue, right: JsonValue) -> None:
    assert is_equal_json(left, right)
    assert is_equal_json(right, left)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different(left: JsonValue, right: JsonValue) -> None:
    assert not is_equal_json(left, right)
    assert not is_equal_json(right, left)


def test_a_bottomless_answer_is_compared_without_falling() -> None:
    deep: JsonValue = "end"
    for _ in range(100_000):
        deep = [deep]
    assert not is_equal_json(deep, [["end"]])


def test_a_value_is_the_same_after_a_trip_through_json() -> None:
    value: JsonValue = {"text": "\u00fc\n", "numbers": [1, -0.5, 1e300], "none": None}
    assert is_equal_json(value, json.loads(json.dumps(value)))
