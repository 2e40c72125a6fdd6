"""What the reader of `stream-json` output makes of events."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from skillkiln.sessions.claude_stream import ClaudeStreamReader
from skillkiln.sessions.interface import SessionHead, ToolCall, Turn

READER = ClaudeStreamReader()


def streamed(record: dict[str, Any]) -> dict[str, Any]:
    """Return a project record in the spelling of the stream."""
    kept = {k: v for k, v in record.items() if k in {"type", "message", "parent_tool_use_id"}}
    beside = record.get("toolUseResult")
    return {**kept, "session_id": record["sessionId"], "tool_use_result": beside}


def test_a_stream_is_read_like_a_project_file(records: Any, save: Callable[..., Path]) -> None:
    path = save(
        [
            {"type": "system", "subtype": "init", "session_id": "s-1", "cwd": "/project"},
            streamed(records.assistant(records.use("t1", command="ls"))),
            streamed(records.result("t1", "a\nb", beside={"stdout": "a\nb"})),
            {"type": "result", "session_id": "s-1", "usage": {"output_tokens": 999}},
        ]
    )
    head, turn, call = READER.read(path)
    assert isinstance(head, SessionHead)
    assert (head.session_id, head.format, head.started) == ("s-1", "claude-stream-json", None)
    assert isinstance(turn, Turn)
    assert turn.usage is not None
    assert turn.usage.output_tokens < 999
    assert isinstance(call, ToolCall)
    assert (call.cwd, call.stdout) == ("/project", "a\nb")


def test_a_subagents_messages_are_its_own_and_not_the_persons(
    records: Any, save: Callable[..., Path]
) -> None:
    turn = streamed(records.user("look around", parent_tool_use_id="t1"))
    _, said = READER.read(save([turn]))
    assert isinstance(said, Turn)
    assert said.is_sidechain
    assert not said.is_human


def test_streams_are_told_from_project_files(records: Any) -> None:
    assert READER.accepts(Path("out.jsonl"), b'{"type":"system","session_id":"s"}\n')
    assert not READER.accepts(Path("out.jsonl"), b'{"type":"user","sessionId":"s"}\n')
    assert not READER.accepts(Path("out.jsonl"), b'{"kind":"span","session_id":"s"}\n')
