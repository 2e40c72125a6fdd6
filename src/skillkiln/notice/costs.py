"""What kinds of work the tokens went to.

Rules: the tokens of a message are counted once (the readers see to that) and shared out over its
calls; what is left is `talk`. Tokens read are estimated from the length of the results, because no
recording counts them by call. At most `MAX_KINDS` kinds are told apart; the rest is `other`.
"""

from dataclasses import dataclass

from skillkiln.notice.families import name_family
from skillkiln.sessions.interface import ToolCall, Turn, Usage
from skillkiln.skill.value import Value

MAX_KINDS = 400
TALK = "talk and thought"
OTHER = "other"


class CostLine(Value):
    """One kind of work."""

    kind: str
    """For example `Bash: git push`, `Read`, or `talk and thought`."""
    calls: int
    failed: int
    tokens_written: int
    tokens_read: int
    tokens: int
    """Written and read together."""


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    failed: int = 0
    written: int = 0
    read: int = 0


class CostTable:
    """Adds up tokens by kind of work."""

    def __init__(self) -> None:
        self._sums: dict[str, _Sum] = {}
        self._turn_tokens = 0
        self._call_tokens = 0
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        """All model messages' tokens together, as the recordings count them."""
        return self._usage

    def add_turn(self, turn: Turn) -> None:
        """Count a turn's tokens."""
        if turn.usage is None:
            return
        self._turn_tokens += turn.usage.output_tokens
        self._usage = Usage(
            self._usage.input_tokens + turn.usage.input_tokens,
            self._usage.cache_read_tokens + turn.usage.cache_read_tokens,
            self._usage.cache_write_tokens + turn.usage.cache_write_tokens,
            self._usage.output_tokens + turn.usage.output_tokens,
        )

    def add_call(self, call: ToolCall) -> None:
        """Count a call's tokens under its kind."""
        kind = name_family(call)
        if kind not in self._sums and len(self._sums) >= MAX_KINDS:
            kind = OTHER
        line = self._sums.setdefault(kind, _Sum())
        line.calls += 1
        line.failed += call.is_error and not call.is_skipped
        line.written += call.tokens_written
        line.read += call.tokens_read
        self._call_tokens += call.tokens_written

    def list_lines(self) -> tuple[CostLine, ...]:
        """Return every kind, the dearest first."""
        talk = max(0, self._turn_tokens - self._call_tokens)
        sums = self._sums | ({TALK: _Sum(written=talk)} if talk else {})
        lines = [
            CostLine(
                kind=kind,
                calls=each.calls,
                failed=each.failed,
                tokens_written=each.written,
                tokens_read=each.read,
                tokens=each.written + each.read,
            )
            for kind, each in sums.items()
        ]
        return tuple(sorted(lines, key=lambda line: (-line.tokens, line.kind)))
