"""Turns what a scan observed into signals and gaps.

Rules: a gap needs at least `MIN_SESSIONS` distinct sessions, where a sub-agent belongs to the
session that started it; what stays below is returned as loose signals. Ids are hashes of what is
the same in every scan (kind and fingerprint; for a signal also session, file and line), so scanning
again updates and never doubles. A gap carries at most `MAX_SIGNALS` signals, dealt out evenly over
its sessions, while its worth is computed over all.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import PurePosixPath
from typing import TypeVar

from pydantic import JsonValue

from skillkiln.notice.clusters import Cluster, SeenRun, build_clusters
from skillkiln.notice.observations import Correction, Failure, Observations
from skillkiln.notice.secrets import clean_line, clean_text
from skillkiln.notice.worth import estimate_incident_worth, estimate_rework_worth
from skillkiln.records.signals import Gap, Pointer, RootCause, Signal, SignalKind, Worth

MIN_SESSIONS = 2
MAX_SIGNALS = 40
MAX_LOOSE = 300
MAX_CODE_CHARS = 8_000
MAX_EVIDENCE_CHARS = 100_000
SAME_TOPIC = 0.5
"""Jaccard similarity of the words of two corrections from which they are about the same."""


_Item = TypeVar("_Item")


class GapBuilder:
    """Builds the gaps of one scan."""

    def __init__(self, seen: Observations) -> None:
        self._seen = seen
        self._gaps: list[Gap] = []
        self._loose: list[Signal] = []
        self.tokens_rewritten = 0
        """Tokens of scripts that were written again within one session only."""

    def build(self) -> tuple[tuple[Gap, ...], tuple[Signal, ...]]:
        """Return the gaps, the most worthwhile first, and the signals that belong to none."""
        explained = self._add_rework()
        self._add_failures(explained)
        self._add_interruptions()
        self._add_corrections()
        gaps = sorted(self._gaps, key=lambda gap: (not gap.opens_skill, -gap.worth.tokens, gap.id))
        return tuple(gaps), tuple(self._loose[:MAX_LOOSE])

    def _add_rework(self) -> set[tuple[str, int]]:
        """Add gaps of rewritten code; return where their calls stand, as (file, line)."""
        explained: set[tuple[str, int]] = set()
        for cluster in build_clusters(self._seen.runs):
            sessions = self._count_sessions(seen.pointer for seen in cluster.runs)
            if sessions >= MIN_SESSIONS:
                explained.update((seen.pointer.path, seen.pointer.line) for seen in cluster.runs)
                self._gaps.append(self._build_rework_gap(cluster, sessions))
            elif len(cluster.runs) > 1:
                self.tokens_rewritten += sum(seen.tokens_written for seen in cluster.runs[1:])
        return explained

    def _build_rework_gap(self, cluster: Cluster, sessions: int) -> Gap:
        kept = _deal(cluster.runs, lambda seen: seen.pointer.session_id)
        signals = tuple(self._build_run_signal(cluster, seen) for seen in kept)
        subject = _name_subject(kept)
        return Gap(
            id=build_id("gap", SignalKind.REWORK, cluster.language, cluster.fingerprint),
            title=f"{cluster.language} {subject}: written {len(cluster.runs)} times"
            f" in {sessions} sessions",
            kind=SignalKind.REWORK,
            root_cause=RootCause.MISSING_PROCEDURAL_KNOWLEDGE,
            signals=signals,
            sessions=sessions,
            days=_count_days(seen.pointer for seen in cluster.runs),
            worth=estimate_rework_worth(cluster.runs),
        )

    def _build_run_signal(self, cluster: Cluster, seen: SeenRun) -> Signal:
        run = seen.run
        lines = run.code.strip().count("\n") + 1
        inputs: list[JsonValue] = [
            {
                "path": clean_line(each.path, 300),
                "content": None if each.content is None else _clean_evidence(each.content),
            }
            for each in run.inputs
        ]
        detail: dict[str, JsonValue] = {
            "language": run.language,
            "code": clean_text(run.code, MAX_CODE_CHARS),
            "output": None if run.output is None else _clean_evidence(run.output),
            "has_failed": run.has_failed,
            "inputs": inputs,
        }
        verb = "failed" if run.has_failed else "ran"
        return self._build_signal(
            SignalKind.REWORK,
            RootCause.MISSING_PROCEDURAL_KNOWLEDGE,
            seen.pointer,
            summary=f"{run.language} of {lines} lines {_name_subject([seen])}, {verb}",
            fingerprint=cluster.fingerprint,
            tokens=seen.tokens_written + seen.tokens_read,
            detail=detail,
        )

    def _add_failures(self, explained: set[tuple[str, int]]) -> None:
        groups: defaultdict[tuple[str, str], list[Failure]] = defaultdict(list)
        for failure in self._seen.failures:
            if (failure.pointer.path, failure.call_line) not in explained:
                groups[failure.family, failure.signature].append(failure)
        for (family, signature), failures in groups.items():
            fingerprint = build_id("error", family, signature)
            signals = [self._build_failure_signal(each, fingerprint) for each in failures]
            title = clean_line(f"{family} failed: {failures[0].telling_line}", 140)
            is_telling = any(char.isalpha() for char in signature)
            self._add_incident(title, signals, failures[0].root_cause, is_gap=is_telling)

    def _build_failure_signal(self, failure: Failure, fingerprint: str) -> Signal:
        return self._build_signal(
            SignalKind.INCIDENT,
            failure.root_cause,
            failure.pointer,
            summary=clean_line(f"{failure.family} failed: {failure.telling_line}"),
            fingerprint=fingerprint,
            tokens=failure.tokens,
            detail={"command": failure.command, "error": failure.excerpt},
        )

    def _add_interruptions(self) -> None:
        groups: defaultdict[str, list[Correction]] = defaultdict(list)
        for correction in self._seen.corrections:
            if not correction.text:
                groups[correction.family].append(correction)
        for family, corrections in groups.items():
            summary = f"the person stopped {family or 'the agent'}"
            fingerprint = build_id("stopped", family)
            signals = [self._build_no_signal(c, summary, fingerprint) for c in corrections]
            self._add_incident(
                summary, signals, RootCause.MISUNDERSTOOD_PERSON, is_gap=bool(family)
            )

    def _add_corrections(self) -> None:
        groups: list[list[Correction]] = []
        for correction in self._seen.corrections:
            if correction.text:
                _join_topic(groups, correction)
        for group in groups:
            fingerprint = build_id("corrected", *sorted(group[0].topic))
            signals = [
                self._build_no_signal(c, f"the person said: {c.text}", fingerprint) for c in group
            ]
            title = clean_line(f"corrected by the person: {group[0].text}", 140)
            is_telling = len(group[0].topic) > 1
            self._add_incident(title, signals, RootCause.MISUNDERSTOOD_PERSON, is_gap=is_telling)

    def _build_no_signal(self, correction: Correction, summary: str, fingerprint: str) -> Signal:
        return self._build_signal(
            SignalKind.INCIDENT,
            RootCause.MISUNDERSTOOD_PERSON,
            correction.pointer,
            summary=clean_line(summary),
            fingerprint=fingerprint,
            tokens=0,
            detail={"said": correction.text},
        )

    def _add_incident(
        self, title: str, signals: Sequence[Signal], cause: RootCause, *, is_gap: bool
    ) -> None:
        """Add a gap when it recurs over sessions, else loose signals."""
        sessions = self._count_sessions(signal.pointer for signal in signals)
        if sessions < MIN_SESSIONS or not is_gap:
            self._loose.extend(signals[: MAX_LOOSE - len(self._loose)])
            return
        worth: Worth = estimate_incident_worth([signal.tokens for signal in signals])
        self._gaps.append(
            Gap(
                id=build_id("gap", SignalKind.INCIDENT, signals[0].fingerprint),
                title=title,
                kind=SignalKind.INCIDENT,
                root_cause=cause,
                signals=tuple(_deal(signals, lambda signal: signal.pointer.session_id)),
                sessions=sessions,
                days=_count_days(signal.pointer for signal in signals),
                worth=worth,
            )
        )

    def _build_signal(
        self,
        kind: SignalKind,
        root_cause: RootCause,
        pointer: Pointer,
        *,
        summary: str,
        fingerprint: str,
        tokens: int,
        detail: dict[str, JsonValue],
    ) -> Signal:
        root = find_root(pointer.session_id, self._seen.parents)
        return Signal(
            id=build_id(kind, fingerprint, pointer.session_id, pointer.path, str(pointer.line)),
            kind=kind,
            root_cause=root_cause,
            pointer=pointer.model_copy(update={"session_id": root}),
            summary=summary,
            fingerprint=fingerprint,
            tokens=tokens,
            detail=detail,
        )

    def _count_sessions(self, pointers: Iterable[Pointer]) -> int:
        return len({find_root(pointer.session_id, self._seen.parents) for pointer in pointers})


def build_id(*parts: str) -> str:
    """Return an id that is the same whenever its parts are."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def find_root(session_id: str, parents: Mapping[str, str]) -> str:
    """Return the session that a sub-agent's work belongs to in the end.

    A circle of parents, which only damage or malice makes, belongs to its smallest id.
    """
    path = [session_id]
    while (parent := parents.get(path[-1])) is not None:
        if parent in path:
            return min(path[path.index(parent) :])
        path.append(parent)
    return path[-1]


def _clean_evidence(text: str) -> str:
    """Return a text made safe, with a mark wherever it is not as it was recorded."""
    return clean_text(text.replace("\x1b", "\ufffd"), MAX_EVIDENCE_CHARS)


def _count_days(pointers: Iterable[Pointer]) -> int:
    return len({pointer.day for pointer in pointers} - {None})


def _deal(items: Sequence[_Item], session_of: Callable[[_Item], str]) -> list[_Item]:
    """Return at most `MAX_SIGNALS` items, dealt out evenly over their sessions."""
    hands: defaultdict[str, list[_Item]] = defaultdict(list)
    for item in items:
        hands[session_of(item)].append(item)
    rounds = chain.from_iterable(zip_longest(*hands.values()))
    return [item for item in rounds if item is not None][:MAX_SIGNALS]


def _name_subject(runs: Sequence[SeenRun]) -> str:
    """Say in a few words what some runs work on."""
    paths = [each.path for seen in runs for each in seen.run.inputs if "/" in each.path]
    names = list(dict.fromkeys(PurePosixPath(path).name for path in paths))
    return f"over {clean_line(', '.join(names[:2]), 60)}" if names else "without a file"


def _join_topic(groups: list[list[Correction]], correction: Correction) -> None:
    for group in groups:
        first, other = group[0].topic, correction.topic
        union = first | other
        if union and len(first & other) / len(union) >= SAME_TOPIC:
            group.append(correction)
            return
    groups.append([correction])
