"""Builders of Claude Code records, as small as the format allows."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

Record = dict[str, Any]
Save = Callable[..., Path]


class Records:
    """Builds records of one session."""

    def __init__(self, session_id: str = "s-1") -> None:
        self.session_id = session_id

    def base(self, kind: str, **fields: object) -> Record:
        return {
            "type": kind,
            "sessionId": self.session_id,
            "cwd": "/project",
            "timestamp": "2026-02-11T20:36:45.618Z",
            **fields,
        }

    def user(self, content: object, **fields: object) -> Record:
        return self.base("user", message={"role": "user", "content": content}, **fields)

    def assistant(
        self, *blocks: Record, message_id: str = "m-1", output_tokens: int = 1, **fields: object
    ) -> Record:
        message = {
            "id": message_id,
            "role": "assistant",
            "content": list(blocks),
            "usage": {"input_tokens": 3, "output_tokens": output_tokens},
        }
        return self.base("assistant", message=message, **fields)

    @staticmethod
    def use(call_id: str, name: str = "Bash", **arguments: object) -> Record:
        return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}

    def result(
        self, call_id: str, content: object, *, is_error: bool = False, beside: object = None
    ) -> Record:
        block = {"type": "tool_result", "tool_use_id": call_id, "content": content}
        block |= {"is_error": True} if is_error else {}
        return self.user([block], toolUseResult=beside)


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write records, or lines as they are, to a recording."""

    def save(lines: Iterable[Record | str | bytes], name: str = "s-1.jsonl") -> Path:
        path = tmp_path / name
        with path.open("wb") as stream:
            for line in lines:
                text = json.dumps(line) if isinstance(line, dict) else line
                stream.write((text.encode() if isinstance(text, str) else text) + b"\n")
        return path

    return save
