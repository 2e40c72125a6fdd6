"""Reads what `claude --print --output-format stream-json` writes: one event on each line.

Rules: the first record that carries a `session_id` opens the session; messages with a
`parent_tool_use_id` belong to a sub-agent and are marked as its side conversation. The closing
`result` record repeats the sum of what the messages said and is passed over, like partial
messages. The format records no times.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from skillkiln.sessions.claude_blocks import MAX_ID_CHARS, as_text
from skillkiln.sessions.claude_session import Conversation, build_envelope, parse_time
from skillkiln.sessions.interface import Damage, Event, SessionHead, UnknownRecord
from skillkiln.sessions.jsonl import Record, parse_object, read_records
from skillkiln.sessions.text import make_inert_line

MESSAGE_TYPES = frozenset({"user", "assistant"})
PASSED_OVER = frozenset(
    {"system", "result", "stream_event", "control_request", "control_response", "tool_progress"}
)
MAX_CWD_CHARS = 1_000

_BEGUN_EVENT = re.compile(rb'\{"type": ?"(?:system|assistant|user)"')


@dataclass(frozen=True, slots=True)
class ClaudeStreamReader:
    """Reads Claude Code's `stream-json` output."""

    name: str = "claude-stream-json"

    def accepts(self, path: Path, head: bytes) -> bool:
        """Say whether any line of the head is a `stream-json` event."""
        return path.suffix in {".jsonl", ".json", ".ndjson", ".log", ""} and any(
            map(_is_stream_record, head.splitlines())
        )

    def read(self, path: Path) -> Iterator[Event]:
        """Stream a file's events.

        Raises:
            OSError: the file cannot be opened or read.
        """
        conversation = Conversation()
        head: SessionHead | None = None
        for line, record in read_records(path):
            if isinstance(record, Damage):
                yield record
                continue
            if head is None and "session_id" in record:
                head = _build_head(path, self.name, record)
                yield head
            kind = as_text(record.get("type"))
            if kind in MESSAGE_TYPES:
                envelope = build_envelope(line, record)
                cwd = envelope.cwd or (head.cwd if head else "")
                yield from conversation.add(replace(envelope, cwd=cwd))
            elif kind not in PASSED_OVER:
                yield UnknownRecord(line, make_inert_line(kind, 40) or "without a type")
        yield from conversation.finish()


def _is_stream_record(line: bytes) -> bool:
    if b'"session_id"' not in line:
        return False
    record = parse_object(line.decode("utf-8", "replace"))
    if record is None:
        # The head may end inside a long first record; its first fields tell enough.
        return _BEGUN_EVENT.match(line) is not None
    kind = record.get("type")
    return "sessionId" not in record and (kind in MESSAGE_TYPES or kind in PASSED_OVER)


def _build_head(path: Path, name: str, record: Record) -> SessionHead:
    at = parse_time(record.get("timestamp"))
    return SessionHead(
        session_id=make_inert_line(as_text(record.get("session_id")), MAX_ID_CHARS) or path.stem,
        path=path,
        format=name,
        cwd=as_text(record.get("cwd"))[:MAX_CWD_CHARS],
        started=at.date() if at else None,
    )
