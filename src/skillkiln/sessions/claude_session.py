"""A Claude conversation put together from its records: turns, calls paired with their results.

Claude Code writes one message as several records, repeats the message's `usage` on each, and lets
results come in between. So a message stays open until another begins; then its tokens are counted
once and shared out over its text and calls by length, and its calls are let go in order.

Rules: the recorded output tokens of a message are taken at their highest, because the earlier
records hold a figure from before the message was finished; where even that is below what the
visible text needs, the estimate stands. Readers turn records into `Envelope`s and leave all else
to `Conversation`.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from skillkiln.sessions.claude_blocks import (
    MAX_ID_CHARS,
    as_record,
    as_text,
    build_call,
    finish_call,
    list_blocks,
    parse_usage,
)
from skillkiln.sessions.claude_words import split_words
from skillkiln.sessions.interface import (
    MAX_KEPT_CHARS,
    MAX_PENDING_CALLS,
    Damage,
    Event,
    ToolCall,
    Turn,
    Usage,
)
from skillkiln.sessions.jsonl import Record
from skillkiln.sessions.text import CHARS_PER_TOKEN, cut_text

MAX_REMEMBERED_MESSAGES = 1_024
"""Closed messages whose count is remembered, in case a late record repeats them."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One record's message, with what both Claude formats say about it."""

    line: int
    role: str
    message: Record
    at: datetime | None = None
    cwd: str = ""
    is_meta: bool = False
    is_compaction: bool = False
    is_sidechain: bool = False
    beside: object = None
    """What was recorded beside the message about a tool's result."""


@dataclass(slots=True)
class _OpenMessage:
    """An assistant message whose records are still coming."""

    message_id: str
    first: Envelope
    texts: list[str] = field(default_factory=list[str])
    chars: int = 0
    usage: Usage = field(default_factory=Usage)
    call_chars: dict[str, int] = field(default_factory=dict[str, int])
    finished: list[ToolCall] = field(default_factory=list[ToolCall])


class Conversation:
    """Puts envelopes together into events."""

    def __init__(self) -> None:
        self._open: _OpenMessage | None = None
        self._pending: OrderedDict[str, ToolCall] = OrderedDict()
        self._counted: OrderedDict[str, int] = OrderedDict()

    def add(self, envelope: Envelope) -> Iterator[Event]:
        """Take one record's message in and yield what it completes."""
        if envelope.role == "assistant":
            yield from self._add_assistant(envelope)
        else:
            yield from self._add_user(envelope)

    def finish(self) -> Iterator[Event]:
        """Yield what is still open at the end of the file."""
        yield from self._close_message()
        while self._pending:
            yield self._pending.popitem(last=False)[1]

    def _add_assistant(self, envelope: Envelope) -> Iterator[Event]:
        message_id = as_text(envelope.message.get("id"))[:MAX_ID_CHARS] or f"line {envelope.line}"
        if self._open is not None and self._open.message_id != message_id:
            yield from self._close_message()
        opened = self._open = self._open or _OpenMessage(message_id, envelope)
        usage = parse_usage(envelope.message.get("usage"))
        if usage.output_tokens >= opened.usage.output_tokens:
            opened.usage = usage
        for block in list_blocks(envelope.message.get("content")):
            if block.get("type") == "tool_use":
                yield from self._begin_call(opened, envelope, block)
            else:
                _add_text(opened, block)

    def _begin_call(
        self, opened: _OpenMessage, envelope: Envelope, block: Record
    ) -> Iterator[Event]:
        call = replace(build_call(block, envelope.line), at=envelope.at, cwd=envelope.cwd)
        if not call.call_id or call.call_id in self._pending:
            yield Damage(envelope.line, "a tool call without an id of its own")
            return
        chars = len(call.name) + sum(len(k) + len(v) for k, v in call.input.items())
        opened.call_chars[call.call_id] = chars
        opened.chars += chars
        self._pending[call.call_id] = call
        if len(self._pending) > MAX_PENDING_CALLS:
            yield self._pending.popitem(last=False)[1]
        if len(opened.call_chars) > MAX_PENDING_CALLS:
            yield from self._close_message()
            self._open = _OpenMessage(opened.message_id, envelope)

    def _add_user(self, envelope: Envelope) -> Iterator[Event]:
        texts: list[str] = []
        for block in list_blocks(envelope.message.get("content")):
            if block.get("type") == "tool_result":
                yield from self._finish_call(envelope, block)
            else:
                texts.append(as_text(block.get("text")))
        text = cut_text("\n".join(filter(None, texts)), MAX_KEPT_CHARS)
        if text:
            yield from self._close_message()
            yield _build_user_turn(envelope, text)

    def _finish_call(self, envelope: Envelope, block: Record) -> Iterator[Event]:
        call_id = as_text(block.get("tool_use_id"))[:MAX_ID_CHARS]
        call = self._pending.pop(call_id, None)
        if call is None:
            yield Damage(envelope.line, "a tool result without its call")
            return
        done = finish_call(call, block, envelope.line, envelope.beside)
        if self._open is not None and call_id in self._open.call_chars:
            self._open.finished.append(done)
        else:
            yield done

    def _close_message(self) -> Iterator[Event]:
        opened, self._open = self._open, None
        if opened is None:
            return
        tokens = self._count_once(opened)
        yield Turn(
            role="assistant",
            text=cut_text("\n".join(opened.texts), MAX_KEPT_CHARS),
            line=opened.first.line,
            at=opened.first.at,
            message_id=opened.message_id,
            usage=replace(opened.usage, output_tokens=tokens),
            is_sidechain=opened.first.is_sidechain,
        )
        for call_id, chars in opened.call_chars.items():
            if call_id in self._pending:
                share = round(tokens * chars / opened.chars)
                self._pending[call_id] = replace(self._pending[call_id], tokens_written=share)
        for done in opened.finished:
            share = round(tokens * opened.call_chars[done.call_id] / opened.chars)
            yield replace(done, tokens_written=share)

    def _count_once(self, opened: _OpenMessage) -> int:
        """Return the message's tokens that no earlier record of it has been counted for."""
        before = self._counted.pop(opened.message_id, 0)
        recorded = opened.usage.output_tokens - before
        tokens = max(recorded, opened.chars // CHARS_PER_TOKEN, 0)
        self._counted[opened.message_id] = before + tokens
        if len(self._counted) > MAX_REMEMBERED_MESSAGES:
            self._counted.popitem(last=False)
        return tokens


def _add_text(opened: _OpenMessage, block: Record) -> None:
    text = as_text(block.get("text")).strip()
    thinking = as_text(block.get("thinking"))
    opened.chars += len(text) + len(thinking)
    if text and sum(map(len, opened.texts)) < MAX_KEPT_CHARS:
        opened.texts.append(cut_text(text, MAX_KEPT_CHARS))


def _build_user_turn(envelope: Envelope, text: str) -> Turn:
    words = split_words(text)
    return Turn(
        role="user",
        text=words.text,
        line=envelope.line,
        at=envelope.at,
        is_meta=envelope.is_meta or words.is_host,
        is_compaction=envelope.is_compaction or words.is_compaction,
        is_sidechain=envelope.is_sidechain,
        is_interruption=words.is_interruption and not envelope.is_sidechain,
    )


def build_envelope(line: int, record: Record) -> Envelope:
    """Return the envelope of a `user` or `assistant` record in either spelling of the fields."""
    beside = record.get("toolUseResult", record.get("tool_use_result"))
    return Envelope(
        line=line,
        role=as_text(record.get("type")),
        message=as_record(record.get("message")),
        at=parse_time(record.get("timestamp")),
        cwd=as_text(record.get("cwd")),
        is_meta=record.get("isMeta") is True or record.get("isSynthetic") is True,
        is_compaction=record.get("isCompactSummary") is True,
        is_sidechain=record.get("isSidechain") is True or bool(record.get("parent_tool_use_id")),
        beside=beside,
    )


def parse_time(value: object) -> datetime | None:
    """Return an ISO 8601 time in UTC, or None for anything else."""
    try:
        at = datetime.fromisoformat(as_text(value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
