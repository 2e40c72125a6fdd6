"""Frames between host and cell, as the host sees them: what comes out of a cell is hostile.

A frame is four bytes of length, big-endian, then UTF-8 JSON: an object. The host refuses a frame
that is too long, is not JSON, holds NaN or infinity, a number of thousands of digits, a lone
surrogate (which could not be written anywhere), or nests deeper than `MAX_DEPTH`, so that nothing
behind it has to think of these. Refusing never costs more than reading the frame once.
"""

import json
import math
import struct
from typing import Any, NoReturn, cast

from pydantic import JsonValue

HEADER = struct.Struct("!I")
MAX_DEPTH = 72
"""Answers may nest 64 deep (`runners/answers.py`); the frame around them takes a few more."""


class HostileFrameError(ValueError):
    """A cell sent what no honest runner sends."""


def render_frame(frame: JsonValue) -> bytes:
    """Render a frame for a cell.

    Raises:
        ValueError: NaN, infinity, or a lone surrogate.
    """
    body = json.dumps(frame, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return HEADER.pack(len(body)) + body


def parse_frame(body: bytes) -> dict[str, JsonValue]:
    """Parse what a cell sent.

    Raises:
        HostileFrameError: it is not a frame that the host can safely hand on.
    """
    try:
        frame: Any = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise HostileFrameError(f"expected a JSON frame, got {error!s:.200}") from error
    if not isinstance(frame, dict):
        raise HostileFrameError(f"expected an object, got {type(frame).__name__}")
    parsed = cast("dict[str, JsonValue]", frame)
    _check_plain(parsed)
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise HostileFrameError(f"{name} is not JSON")


def _check_plain(frame: dict[str, JsonValue]) -> None:
    """Raise unless every value in the frame is shallow, finite and writable."""
    level: list[JsonValue] = [frame]
    for _ in range(MAX_DEPTH):
        below: list[JsonValue] = []
        for value in level:
            if isinstance(value, dict):
                below += value.keys()
                below += value.values()
            elif isinstance(value, list):
                below += value
            else:
                _check_scalar(value)
        if not below:
            return
        level = below
    raise HostileFrameError(f"nested deeper than {MAX_DEPTH}")


def _check_scalar(value: JsonValue) -> None:
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise HostileFrameError("text holds a lone surrogate") from error
    elif isinstance(value, float) and not math.isfinite(value):
        raise HostileFrameError("a number is too large for a float")


class FrameReader:
    """Collects bytes until a frame is whole. Holds at most one frame and one read more."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Add what was read."""
        self._bytes += chunk

    @property
    def is_oversized(self) -> bool:
        """Whether the frame that has begun is longer than allowed."""
        return self._size > self._max_bytes

    @property
    def _size(self) -> int:
        if len(self._bytes) < HEADER.size:
            return 0
        return HEADER.unpack_from(self._bytes)[0]

    def take(self) -> bytes | None:
        """Remove and return the first whole frame's body; None while there is none."""
        end = HEADER.size + self._size
        if len(self._bytes) < HEADER.size or self.is_oversized or len(self._bytes) < end:
            return None
        body = bytes(self._bytes[HEADER.size : end])
        del self._bytes[:end]
        return body
