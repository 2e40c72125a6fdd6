"""When two JSON values are the same answer."""

import sys

import pytest
from pydantic import JsonValue

from skillkiln.records.json_equality import is_equal_json

NAN = float("nan")
INFINITY = float("inf")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (None, None),
        (True, True),
        (1, 1.0),
        (0.0, -0.0),
        (0.1 + 0.2, 0.3),
        (10**400, 10**400),
        ("ä", "ä"),
        ([1, [2, None]], [1.0, [2, None]]),
        ({"a": 1, "b": [True]}, {"b": [True], "a": 1.0}),
        ([], []),
        ({}, {}),
        (INFINITY, INFINITY),
    ],
)
def test_these_are_the_same_answer(left: JsonValue, right: JsonValue) -> None:
    assert is_equal_json(left, right)
    assert is_equal_json(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, 1),
        (False, 0),
        (None, False),
        (None, ""),
        ("1", 1),
        (1, 1.00000001),
        (2**53, 2**53 + 1),
        (10**400, 1.0),
        (10**400, INFINITY),
        (NAN, NAN),
        ("ä", "a\u0308"),
        ("a", "a "),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ([], {}),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": 1}, {"A": 1}),
        ([True], [1]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}),
    ],
)
def test_these_are_not(left: JsonValue, right: JsonValue) -> None:
    assert not is_equal_json(left, right)
    assert not is_equal_json(right, left)


def test_a_bottomless_answer_is_compared_no_deeper_than_the_expected_one() -> None:
    deep: JsonValue = []
    for _ in range(sys.getrecursionlimit() * 10):
        deep = [deep]
    assert not is_equal_json(deep, [[["bottom"]]])
    assert not is_equal_json({"a": 1}, {"a": deep})
