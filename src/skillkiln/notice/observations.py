"""Everything a scan keeps of what it saw, in bounded room.

One `SessionObserver` follows one recording and puts what it notices into the shared
`Observations`: runs of throwaway code, failed calls, corrections, costs. Rules: what a resumed
session repeats of an earlier one is counted once, by call id, time and command; evidence beyond
`MAX_EVIDENCE_CHARS` is dropped, while the observation still counts. Turning observations into
signals and gaps is left to `notice.gaps`. Failures are cleaned here, because
their signatures become names; the code of runs is cleaned there, once it is known to recur.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from skillkiln.notice.clusters import SeenRun
from skillkiln.notice.corrections import is_correction, list_topic_words
from skillkiln.notice.costs import CostTable
from skillkiln.notice.failures import (
    MAX_LOOKED_AT_CHARS,
    build_signature,
    find_root_cause,
    find_telling_line,
)
from skillkiln.notice.families import name_family
from skillkiln.notice.runs import CodeRun, find_runs
from skillkiln.notice.secrets import clean_line, clean_text
from skillkiln.notice.workspace import Workspace
from skillkiln.records.signals import Pointer, RootCause
from skillkiln.sessions.interface import SessionHead, ToolCall, Turn

MAX_RUNS = 20_000
MAX_FAILURES = 20_000
MAX_CORRECTIONS = 2_000
MAX_EVIDENCE_CHARS = 40_000_000
MAX_EXCERPT_CHARS = 2_000
MAX_LINE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed."""

    pointer: Pointer
    call_line: int
    """Where the call was made; the pointer is at its result."""
    family: str
    signature: str
    root_cause: RootCause
    telling_line: str
    command: str
    excerpt: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's no."""

    pointer: Pointer
    text: str
    """What the person said; empty for a plain interruption."""
    topic: frozenset[str]
    family: str
    """The kind of work that was interrupted or refused; empty for words alone."""


@dataclass(slots=True)
class Observations:
    """What one scan has seen so far."""

    runs: list[SeenRun] = field(default_factory=list[SeenRun])
    failures: list[Failure] = field(default_factory=list[Failure])
    corrections: list[Correction] = field(default_factory=list[Correction])
    costs: CostTable = field(default_factory=CostTable)
    parents: dict[str, str] = field(default_factory=dict[str, str])
    evidence_chars: int = 0
    dropped: int = 0
    """Observations or evidence that there was no room for."""
    _counted: set[tuple[str, datetime | None, int]] = field(
        default_factory=set[tuple[str, datetime | None, int]]
    )

    def is_new(self, call: ToolCall) -> bool:
        """Say whether a call has not been counted in another recording; count it."""
        key = (call.call_id, call.at, hash(call.command or call.name))
        is_new = key not in self._counted
        if len(self._counted) < MAX_RUNS + MAX_FAILURES:
            self._counted.add(key)
        return is_new

    def add_run(self, seen: SeenRun) -> None:
        """Keep a run, its evidence only while there is room for it."""
        if len(self.runs) >= MAX_RUNS:
            self.dropped += 1
            return
        run = seen.run
        size = len(run.code) + len(run.output or "") + sum(len(i.content or "") for i in run.inputs)
        if self.evidence_chars + size > MAX_EVIDENCE_CHARS:
            self.dropped += 1
            seen = replace(seen, run=replace(run, inputs=(), output=None))
            size = len(run.code)
        self.evidence_chars += size
        self.runs.append(seen)


class SessionObserver:
    """Follows one recording."""

    def __init__(self, head: SessionHead, shown_path: str, observations: Observations) -> None:
        self._head = head
        self._path = shown_path
        self._seen = observations
        self._workspace = Workspace()
        self._family = ""
        self._has_worked = False
        self._was_refused = False
        if head.parent_id:
            observations.parents[head.session_id] = head.parent_id

    def observe_turn(self, turn: Turn) -> None:
        """Take in one turn."""
        self._seen.costs.add_turn(turn)
        if turn.is_interruption:
            if not self._was_refused:
                self._add_correction(turn.line, turn.at, "", self._family)
            self._was_refused = False
        elif turn.is_human and self._has_worked and is_correction(turn.text):
            self._add_correction(turn.line, turn.at, turn.text, "")

    def observe_call(self, call: ToolCall) -> None:
        """Take in one finished call."""
        self._has_worked = True
        self._family = name_family(call)
        self._seen.costs.add_call(call)
        if call.is_refused:
            if not self._was_refused:
                line = call.output_line or call.line
                self._add_correction(line, call.at, call.refusal, self._family)
            self._was_refused = True
            return
        self._was_refused = False
        has_failed = call.is_error and not call.is_skipped
        runs = list(find_runs(call, self._workspace)) if call.command else []
        self._workspace.follow(call)
        if (runs or has_failed) and self._seen.is_new(call):
            self._add_runs(call, runs)
            if has_failed:
                self._add_failure(call)

    def _add_runs(self, call: ToolCall, runs: list[CodeRun]) -> None:
        pointer = self._point(call.line, call.at)
        for run in runs:
            written, read = call.tokens_written // len(runs), call.tokens_read // len(runs)
            self._seen.add_run(SeenRun(run, pointer, call.at, written, read))

    def _add_failure(self, call: ToolCall) -> None:
        if len(self._seen.failures) >= MAX_FAILURES:
            self._seen.dropped += 1
            return
        line = clean_line(find_telling_line(call.output), MAX_LINE_CHARS)
        self._seen.failures.append(
            Failure(
                pointer=self._point(call.output_line or call.line, call.at),
                family=self._family,
                signature=build_signature(line),
                root_cause=find_root_cause(line, call.output, call.command),
                call_line=call.line,
                telling_line=line,
                command=clean_text(call.command, MAX_EXCERPT_CHARS),
                excerpt=clean_text(call.output[-MAX_LOOKED_AT_CHARS:], MAX_EXCERPT_CHARS),
                tokens=call.tokens_written + call.tokens_read,
            )
        )

    def _add_correction(self, line: int, at: datetime | None, text: str, family: str) -> None:
        if len(self._seen.corrections) >= MAX_CORRECTIONS:
            self._seen.dropped += 1
            return
        said = clean_text(text, MAX_EXCERPT_CHARS)
        topic = list_topic_words(said)
        self._seen.corrections.append(Correction(self._point(line, at), said, topic, family))

    def _point(self, line: int, at: datetime | None) -> Pointer:
        day: date | None = at.date() if at else None
        return Pointer(session_id=self._head.session_id, path=self._path, line=line, day=day)
