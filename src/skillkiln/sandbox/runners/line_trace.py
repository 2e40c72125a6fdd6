"""Which lines of skill.py ran: a line trace of one file, and the lines that could have run."""

import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

TraceFunction = Callable[[FrameType, str, Any], Any]


class LineTrace:
    """Remembers the lines of one file that ran, in every thread started after `start`."""

    def __init__(self, path: str) -> None:
        self.lines: set[int] = set()
        self._path = path

    def start(self) -> None:
        """Begin."""
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)

    def _on_call(self, frame: FrameType, event: str, argument: object) -> TraceFunction | None:
        return self._on_line if frame.f_code.co_filename == self._path else None

    def _on_line(self, frame: FrameType, event: str, argument: object) -> TraceFunction | None:
        if event == "line":
            self.lines.add(frame.f_lineno)
        return self._on_line


def find_executable_lines(code: CodeType) -> set[int]:
    """Return the numbers of the lines that have code, in this code object and all inside it."""
    lines = {line for _, _, line in code.co_lines() if line}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            lines |= find_executable_lines(constant)
    return lines
