"""Frames cross unchanged, and nothing hostile gets behind the host's reader."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from skillkiln.sandbox.frames import (
    MAX_DEPTH,
    FrameReader,
    HostileFrameError,
    parse_frame,
    render_frame,
)

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON_VALUES))
def test_what_is_rendered_is_read_back(frame: dict[str, JsonValue]) -> None:
    reader = FrameReader(1 << 20)
    message = render_frame(frame)
    for index in range(0, len(message), 7):
        reader.feed(message[index : index + 7])
    body = reader.take()
    assert body is not None
    assert parse_frame(body) == frame
    assert reader.take() is None


@given(st.binary())
def test_any_bytes_are_a_frame_or_refused(body: bytes) -> None:
    try:
        frame = parse_frame(body)
    except HostileFrameError:
        return
    render_frame(frame)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b'"text"',
        b"{",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}",
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b"\xff\xfe",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_hostile_frame_is_refused(body: bytes) -> None:
    with pytest.raises(HostileFrameError):
        parse_frame(body)


def test_depth_is_counted_to_the_level() -> None:
    def nest(depth: int) -> bytes:
        return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"

    assert parse_frame(nest(MAX_DEPTH - 1))
    with pytest.raises(HostileFrameError, match="nested deeper"):
        parse_frame(nest(MAX_DEPTH + 1))


def test_a_number_of_four_thousand_digits_does_no_harm() -> None:
    frame = parse_frame(b'{"a": ' + b"7" * 4000 + b"}")
    assert json.dumps(frame)


def test_an_oversized_frame_is_known_by_its_header() -> None:
    reader = FrameReader(max_bytes=10)
    reader.feed(struct.pack("!I", 11))
    assert reader.is_oversized
    assert reader.take() is None


def test_a_frame_of_the_largest_size_is_taken() -> None:
    reader = FrameReader(max_bytes=10)
    reader.feed(struct.pack("!I", 10) + b"0123456789" + b"rest")
    assert reader.take() == b"0123456789"


def test_what_is_no_json_is_not_rendered() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_frame({"a": float("nan")})
    with pytest.raises(UnicodeEncodeError):
        render_frame({"a": "\ud800"})
