"""What every reader makes of a recording: a small model of a session, streamed event by event.

Rules:
1. One file is one session. Its `SessionHead` comes first, then the rest in the file's order.
2. Events are bounded: a text longer than `MAX_KEPT_CHARS` is cut and says so, and at most
   `MAX_PENDING_CALLS` tool calls wait for their result at any time.
3. Nothing in a recording raises: what cannot be read becomes `Damage`, a record of an unknown
   type becomes `UnknownRecord`, and both carry their line.
4. Texts are as recorded. Whoever shows one to a person makes it inert first (`sessions.text`).
What the events mean for anybody's work is left to `notice`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

MAX_KEPT_CHARS = 200_000
"""Longest text kept of one turn, tool input or tool output."""

MAX_PENDING_CALLS = 64
"""Tool calls waiting for a result; the oldest is given up when there are more."""

HEAD_BYTES = 64 * 1024
"""How much of a file a reader sees when asked whether it accepts it."""


@dataclass(frozen=True, slots=True)
class SessionHead:
    """Who recorded what, where and when."""

    session_id: str
    path: Path
    format: str
    """The reader's name, for example `claude-code`."""
    cwd: str = ""
    started: date | None = None
    """UTC day of the first record that carries a time."""
    is_subagent: bool = False
    parent_id: str | None = None
    """The session that started this one, for a sub-agent."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model message, counted once however many records repeat it."""

    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation, without its tool calls."""

    role: str
    """`user` or `assistant`."""
    text: str
    """The speaker's own words; a host's reminders and notices are taken out."""
    line: int
    at: datetime | None = None
    message_id: str = ""
    usage: Usage | None = None
    is_meta: bool = False
    """Put there by the host, not said by anybody."""
    is_compaction: bool = False
    is_sidechain: bool = False
    """Part of a sub-agent's conversation: its `user` is the agent that started it."""
    is_interruption: bool = False
    """The person stopped the agent here."""

    @property
    def is_human(self) -> bool:
        """Whether a person said this."""
        by_host = self.is_meta or self.is_compaction or self.is_sidechain
        return self.role == "user" and not by_host and bool(self.text)


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file whose content stands in the recording."""

    path: str
    content: str
    is_whole: bool
    is_written: bool = False
    """The call wrote it, rather than read it."""


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One replacement in one file."""

    path: str
    remove: str
    add: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool, with its result where the recording has one."""

    call_id: str
    name: str
    input: Mapping[str, str] = field(default_factory=dict[str, str])
    """Arguments by name; anything but text is given as JSON."""
    line: int = 1
    command: str = ""
    """The shell command line, when the tool is a shell."""
    output: str = ""
    """What the agent was shown."""
    output_line: int | None = None
    """None when no result was recorded."""
    stdout: str | None = None
    """Standard output alone, where the recording keeps it apart."""
    is_output_whole: bool = True
    is_error: bool = False
    is_refused: bool = False
    """The person said no to the call."""
    refusal: str = ""
    """What the person said to it, where they did."""
    is_skipped: bool = False
    """Never ran, because another call beside it failed."""
    exit_code: int | None = None
    at: datetime | None = None
    cwd: str = ""
    tokens_written: int = 0
    """Tokens that the agent wrote to make the call."""
    tokens_read: int = 0
    """Tokens of the result, estimated."""
    shown_file: ShownFile | None = None
    """The file that the call showed or wrote, where the recording has its content."""
    edit: FileEdit | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """A record that could not be read as it should."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class UnknownRecord:
    """A well-formed record of a type that the reader does not know."""

    line: int
    kind: str


Event = SessionHead | Turn | ToolCall | Damage | UnknownRecord


class Reader(Protocol):
    """Reads one recording format."""

    @property
    def name(self) -> str:
        """The format's name, for example `claude-code`."""
        ...

    def accepts(self, path: Path, head: bytes) -> bool:
        """Say whether a file is in this format.

        Args:
            path: the file, for its name only.
            head: its first `HEAD_BYTES` bytes at most.
        """
        ...

    def read(self, path: Path) -> Iterator[Event]:
        """Stream a file's events in bounded memory.

        Raises:
            OSError: the file cannot be opened or read.
        """
        ...
