"""When two JSON values are the same answer.

Rules: objects by key, lists in order, texts exactly; `true` is not `1`; numbers by value, so `1` is
`1.0`, and fractional ones to nine digits, because sums of the same numbers in another order differ
after that. Not a number is equal to nothing.
"""

import math

from pydantic import JsonValue

RELATIVE_TOLERANCE = 1e-9


def is_equal_json(left: JsonValue, right: JsonValue) -> bool:
    """Say whether two JSON values are the same answer.

    Never recurses deeper than the shallower of the two, so a hostile answer cannot exhaust the
    stack when it is compared with an expected one.
    """
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_equal_json(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_equal_json, left, right))
    if _is_number(left) and _is_number(right):
        return _is_equal_number(left, right)
    return type(left) is type(right) and left == right


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_equal_number(left: JsonValue, right: JsonValue) -> bool:
    assert isinstance(left, (int, float))
    assert isinstance(right, (int, float))
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    try:
        return math.isclose(left, right, rel_tol=RELATIVE_TOLERANCE)
    except OverflowError:  # a whole number beyond every float equals none
        return False
