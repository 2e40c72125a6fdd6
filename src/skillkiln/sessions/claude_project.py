"""Reads Claude Code's own session files: `~/.claude/projects/<folder>/<session>.jsonl`.

Rules: a sub-agent's file (`isSidechain` from its first message on, with an `agentId`) is a session
of its own with the recorded `sessionId` as its parent; side conversations inside a main file stay
in it and are marked. Progress records repeat what the sub-agents' files hold, so they are passed
over, like the host's own book-keeping. A type that is in neither list is counted, not fatal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skillkiln.sessions.claude_blocks import MAX_ID_CHARS, as_text
from skillkiln.sessions.claude_session import Conversation, build_envelope, parse_time
from skillkiln.sessions.interface import Damage, Event, SessionHead, UnknownRecord
from skillkiln.sessions.jsonl import Record, parse_object, read_records
from skillkiln.sessions.text import make_inert_line

MESSAGE_TYPES = frozenset({"user", "assistant"})
PASSED_OVER = frozenset(
    {
        "progress",
        "system",
        "summary",
        "file-history-snapshot",
        "queue-operation",
        "attachment",
        "last-prompt",
        "custom-title",
        "ai-title",
        "agent-name",
        "pr-link",
        "mode",
        "permission-mode",
        "tag",
    }
)
MAX_CWD_CHARS = 1_000

_BEGUN_MESSAGE = re.compile(rb'\{"(?:parentUuid|type|sessionId)":')


@dataclass(frozen=True, slots=True)
class ClaudeProjectReader:
    """Reads Claude Code project files."""

    name: str = "claude-code"

    def accepts(self, path: Path, head: bytes) -> bool:
        """Say whether any whole line of the head is a Claude Code project record."""
        return path.suffix == ".jsonl" and any(map(_is_project_record, head.splitlines()))

    def read(self, path: Path) -> Iterator[Event]:
        """Stream a file's events.

        Raises:
            OSError: the file cannot be opened or read.
        """
        conversation = Conversation()
        has_head = False
        for line, record in read_records(path):
            if isinstance(record, Damage):
                yield record
                continue
            if not has_head and "sessionId" in record:
                has_head = True
                yield _build_head(path, self.name, record)
            kind = as_text(record.get("type"))
            if kind in MESSAGE_TYPES:
                yield from conversation.add(build_envelope(line, record))
            elif kind not in PASSED_OVER:
                yield UnknownRecord(line, make_inert_line(kind, 40) or "without a type")
        yield from conversation.finish()


def _is_project_record(line: bytes) -> bool:
    if b'"sessionId"' not in line:
        return False
    record = parse_object(line.decode("utf-8", "replace"))
    if record is None:
        # The head may end inside a long record; its first fields tell enough.
        return _BEGUN_MESSAGE.match(line) is not None
    kind = record.get("type")
    return kind in MESSAGE_TYPES or kind in PASSED_OVER


def _build_head(path: Path, name: str, record: Record) -> SessionHead:
    at = parse_time(record.get("timestamp"))
    recorded_id = make_inert_line(as_text(record.get("sessionId")), MAX_ID_CHARS) or path.stem
    agent_id = make_inert_line(as_text(record.get("agentId")), MAX_ID_CHARS)
    is_subagent = record.get("isSidechain") is True and bool(agent_id)
    return SessionHead(
        session_id=f"agent-{agent_id}" if is_subagent else recorded_id,
        path=path,
        format=name,
        cwd=as_text(record.get("cwd"))[:MAX_CWD_CHARS],
        started=at.date() if at else None,
        is_subagent=is_subagent,
        parent_id=recorded_id if is_subagent else None,
    )
