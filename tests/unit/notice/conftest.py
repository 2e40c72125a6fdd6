"""Sessions that the tests record themselves, in the format of Claude Code."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skillkiln.notice.scan import ScanReport, scan
from skillkiln.records.signals import Gap


class RecordedSession:
    """One session being recorded; `day` places it in time."""

    def __init__(self, folder: Path, session_id: str, day: int, agent: str = "") -> None:
        self.session_id = session_id
        self._path = folder / (f"agent-{agent}.jsonl" if agent else f"{session_id}.jsonl")
        self._agent = agent
        self._at = datetime.fromisoformat(f"2026-02-{day:02}T09:00:00+00:00")
        self._calls = 0
        self._path.touch()

    def say(self, text: str) -> "RecordedSession":
        return self._add("user", {"role": "user", "content": text})

    def answer(self, text: str, tokens: int = 5) -> "RecordedSession":
        return self._add(
            "assistant",
            {
                "id": f"{self.session_id}-m{self._calls}-{text[:3]}",
                "role": "assistant",
                "content": [{"type": "text", "text": text}],
                "usage": {"output_tokens": tokens},
            },
        )

    def bash(
        self, command: str, output: str = "", *, error: bool = False, call_id: str = ""
    ) -> "RecordedSession":
        beside = None if error else {"stdout": output, "stderr": ""}
        return self.call("Bash", {"command": command}, output, beside, error, call_id)

    def read(self, path: str, content: str) -> "RecordedSession":
        count = content.count("\n") + 1
        recorded = {"content": content, "startLine": 1, "numLines": count, "totalLines": count}
        return self.call("Read", {"file_path": path}, content, {"file": recorded})

    def write(self, path: str, content: str) -> "RecordedSession":
        return self.call("Write", {"file_path": path, "content": content}, "written")

    def edit(self, path: str, old: str, new: str) -> "RecordedSession":
        arguments = {"file_path": path, "old_string": old, "new_string": new}
        return self.call("Edit", arguments, "edited")

    def call(
        self,
        name: str,
        arguments: dict[str, str],
        output: str,
        beside: object = None,
        error: bool = False,
        call_id: str = "",
    ) -> "RecordedSession":
        self._calls += 1
        call_id = call_id or f"toolu-{self.session_id}{self._agent}-{self._calls}"
        use = {"type": "tool_use", "id": call_id, "name": name, "input": arguments}
        message = {"id": f"msg-{call_id}", "role": "assistant", "content": [use]}
        self._add("assistant", {**message, "usage": {"output_tokens": 50}})
        result = {"type": "tool_result", "tool_use_id": call_id, "content": output}
        result |= {"is_error": True} if error else {}
        return self._add("user", {"role": "user", "content": [result]}, toolUseResult=beside)

    def _add(self, kind: str, message: dict[str, Any], **fields: object) -> "RecordedSession":
        self._at += timedelta(seconds=5)
        record: dict[str, Any] = {
            "type": kind,
            "sessionId": self.session_id,
            "cwd": "/project",
            "timestamp": self._at.isoformat(),
            "message": message,
            **fields,
        }
        if self._agent:
            record |= {"isSidechain": True, "agentId": self._agent}
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        return self


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """The folder that recordings are written to."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    return folder


@pytest.fixture
def record(sessions: Path) -> Callable[..., RecordedSession]:
    """Begin a recording."""

    def record(session_id: str, day: int = 1, agent: str = "") -> RecordedSession:
        return RecordedSession(sessions, session_id, day, agent)

    return record


@pytest.fixture
def report(sessions: Path) -> Callable[[], ScanReport]:
    """Scan everything recorded so far."""
    return lambda: scan([sessions])


@pytest.fixture
def only_gap(report: Callable[[], ScanReport]) -> Callable[[], Gap]:
    """Scan, and return the only gap there is."""

    def find() -> Gap:
        (gap,) = report().gaps
        return gap

    return find
