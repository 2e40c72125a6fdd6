"""Scans recordings for what is worth building: the entry of this folder.

    report = scan([Path("~/.claude/projects").expanduser()])
    for gap in report.gaps: print(gap.title, gap.worth.arithmetic)

Rules: recordings are streamed one at a time and what is kept of them is bounded
(`notice.observations`). A file in an unknown format is skipped and counted, one that cannot be read
is damage; neither stops the scan. Nothing in a recording is run, followed or sent anywhere.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from skillkiln.errors import SessionFormatError
from skillkiln.notice.costs import CostLine
from skillkiln.notice.gaps import GapBuilder, find_root
from skillkiln.notice.observations import Observations, SessionObserver
from skillkiln.records.signals import Gap, Signal
from skillkiln.sessions.discovery import READERS, find_reader, find_session_files
from skillkiln.sessions.interface import (
    Damage,
    Event,
    Reader,
    SessionHead,
    ToolCall,
    Turn,
    UnknownRecord,
)
from skillkiln.sessions.text import make_inert_line
from skillkiln.skill.value import Value

MAX_DAMAGE = 100
"""Damaged places that are listed; all are counted."""


class DamagedPlace(Value):
    """A place in a recording that could not be read."""

    path: str
    line: int
    """From 1; 0 for the file as a whole."""
    why: str


class Recording(Value):
    """One recording that was read."""

    session_id: str
    """The session it belongs to: for a sub-agent, the one that started it."""
    path: str
    sha256: str
    """Of the bytes on disk, so that an unchanged recording is known again."""
    day: date | None


class ScanReport(Value):
    """What a scan found."""

    gaps: tuple[Gap, ...]
    """The most worthwhile first; those that a skill can close before the others."""
    loose: tuple[Signal, ...]
    """Signals that no gap was made of, because they did not recur. Not all are kept."""
    recordings: tuple[Recording, ...]
    sessions: int
    """Distinct sessions; a sub-agent belongs to the one that started it."""
    files: int
    skipped: int
    """Files in formats that no reader knows."""
    size_bytes: int
    turns: int
    calls: int
    runs: int
    """Runs of throwaway code."""
    failures: int
    corrections: int
    damaged: int
    damage: tuple[DamagedPlace, ...]
    """The first damaged places."""
    unknown_records: int
    dropped: int
    """Observations or evidence that there was no room for."""
    cost: tuple[CostLine, ...]
    """Tokens by kind of work, the dearest first."""
    input_tokens: int
    """All that the models read, as the recordings count it, without what came from a cache."""
    cached_tokens: int
    output_tokens: int
    tokens_rewritten: int
    """Tokens of scripts written again within one session alone, which makes no gap."""

    @property
    def signals(self) -> int:
        """Everything that was noticed, in gaps or not."""
        return self.runs + self.failures + self.corrections

    @property
    def summary(self) -> str:
        """The figures in one line."""
        parts = [
            f"{self.sessions} sessions in {self.files} recordings"
            f" ({self.size_bytes / 1e6:,.1f} MB)",
            f"{self.calls:,} tool calls",
            f"{self.runs} throwaway scripts, {self.failures} failures, "
            f"{self.corrections} corrections",
            f"{len(self.gaps)} gaps",
        ]
        parts += [f"{self.skipped} files in no known format"] if self.skipped else []
        parts += [f"{self.damaged} damaged places"] if self.damaged else []
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan has come."""

    files_done: int
    files: int
    bytes_done: int


@dataclass(slots=True)
class _Tally:
    heads: list[tuple[SessionHead, str]] = field(default_factory=list[tuple[SessionHead, str]])
    """Each recording's head with the sha256 of its file."""
    files: int = 0
    skipped: int = 0
    size_bytes: int = 0
    turns: int = 0
    calls: int = 0
    damaged: int = 0
    damage: list[DamagedPlace] = field(default_factory=list[DamagedPlace])
    unknown_records: int = 0

    def add_damage(self, path: Path, line: int, why: str) -> None:
        self.damaged += 1
        if len(self.damage) < MAX_DAMAGE:
            self.damage.append(DamagedPlace(path=_show_path(path), line=line, why=why))


def scan(
    paths: Iterable[Path],
    *,
    readers: Sequence[Reader] = READERS,
    forgotten: frozenset[str] = frozenset(),
    max_file_bytes: int | None = None,
    on_progress: Callable[[ScanProgress], None] | None = None,
) -> ScanReport:
    """Read recordings and return what is worth building.

    Args:
        paths: recordings, or folders of recordings.
        readers: the formats to read, in the order in which they are asked.
        forgotten: ids of sessions to pass over, with their sub-agents.
        max_file_bytes: larger recordings are passed over and counted as damage; None reads all.
        on_progress: told after each file.

    Raises:
        InvalidInputError: there is nothing at one of the paths.
    """
    seen, tally = Observations(), _Tally()
    files = tuple(dict.fromkeys(file for path in paths for file in find_session_files(path)))
    for number, path in enumerate(files, start=1):
        _scan_file(path, readers, forgotten, max_file_bytes, seen, tally)
        if on_progress is not None:
            on_progress(ScanProgress(number, len(files), tally.size_bytes))
    return _build_report(seen, tally)


def _scan_file(
    path: Path,
    readers: Sequence[Reader],
    forgotten: frozenset[str],
    max_file_bytes: int | None,
    seen: Observations,
    tally: _Tally,
) -> None:
    try:
        size = path.stat().st_size
        if max_file_bytes is not None and size > max_file_bytes:
            tally.add_damage(path, 0, f"{size} bytes; at most {max_file_bytes} are read")
            return
        reader = find_reader(path, readers)
        tally.size_bytes += size
        _observe(path, reader.read(path), forgotten, seen, tally)
        tally.files += 1
    except SessionFormatError:
        tally.skipped += 1
    except OSError as error:
        tally.add_damage(path, 0, make_inert_line(error.strerror or type(error).__name__))


def _observe(
    path: Path,
    events: Iterable[Event],
    forgotten: frozenset[str],
    seen: Observations,
    tally: _Tally,
) -> None:
    observer: SessionObserver | None = None
    for event in events:
        match event:
            case SessionHead():
                if forgotten & {event.session_id, event.parent_id}:
                    return
                observer = SessionObserver(event, _show_path(path), seen)
                with path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                tally.heads.append((event, digest))
            case Damage(line=line, why=why):
                tally.add_damage(path, line, why)
            case UnknownRecord():
                tally.unknown_records += 1
            case Turn():
                tally.turns += 1
                if observer:
                    observer.observe_turn(event)
            case ToolCall():
                tally.calls += 1
                if observer:
                    observer.observe_call(event)


def _show_path(path: Path) -> str:
    return make_inert_line(str(path), 1_000)


def _build_report(seen: Observations, tally: _Tally) -> ScanReport:
    builder = GapBuilder(seen)
    gaps, loose = builder.build()
    usage = seen.costs.usage
    recordings = tuple(
        Recording(
            session_id=find_root(head.session_id, seen.parents),
            path=_show_path(head.path),
            sha256=digest,
            day=head.started,
        )
        for head, digest in tally.heads
    )
    return ScanReport(
        gaps=gaps,
        loose=loose,
        recordings=recordings,
        sessions=len({recording.session_id for recording in recordings}),
        files=tally.files,
        skipped=tally.skipped,
        size_bytes=tally.size_bytes,
        turns=tally.turns,
        calls=tally.calls,
        runs=len(seen.runs),
        failures=len(seen.failures),
        corrections=len(seen.corrections),
        damaged=tally.damaged,
        damage=tuple(tally.damage),
        unknown_records=tally.unknown_records,
        dropped=seen.dropped,
        cost=seen.costs.list_lines(),
        input_tokens=usage.input_tokens + usage.cache_write_tokens,
        cached_tokens=usage.cache_read_tokens,
        output_tokens=usage.output_tokens,
        tokens_rewritten=builder.tokens_rewritten,
    )
