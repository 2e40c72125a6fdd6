"""Equal values have equal bytes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from skillkiln.trust.canonical_json import render_canonical_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_it_reads_back_and_renders_the_same_again(value: JsonValue) -> None:
    rendered = render_canonical_json(value)
    assert render_canonical_json(json.loads(rendered)) == rendered
    assert rendered.isascii()


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_count(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert render_canonical_json({**turned}) == render_canonical_json({**value})


def test_it_is_written_so() -> None:
    value: JsonValue = {"b": [1, 2.5, None], "a": {"\u00e9\ud800": True}}
    assert render_canonical_json(value) == b'{"a":{"\\u00e9\\ud800":true},"b":[1,2.5,null]}'


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_without_a_value_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_canonical_json({"n": number})
