"""The store in memory and in a file, a clock that ticks, and one record of each sort."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Finding, Outcome, ScoreLine, Stage, Verdict
from skillkiln.records.invocations import CallOutcome, Invocation
from skillkiln.records.needs import Case, Need
from skillkiln.records.releases import Release
from skillkiln.records.signals import Gap, Pointer, RootCause, Signal, SignalKind, Worth
from skillkiln.skill.contract import Contract
from skillkiln.skill.status import Status
from skillkiln.store.rows import KeptRelease
from skillkiln.store.sql import SqlStore, memory_store, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    ticks = count()
    return lambda: NOON + timedelta(seconds=next(ticks))


@pytest.fixture(params=["memory", "file"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Callable[[], datetime]
) -> Iterator[SqlStore]:
    is_file = request.param == "file"
    opened = open_store(tmp_path / "s.db", clock=clock) if is_file else memory_store(clock=clock)
    yield opened
    opened.close()


class Make:
    """Builds records that differ only in what a test says."""

    def signal(self, signal_id: str, session_id: str, *, summary: str = "seen") -> Signal:
        return Signal(
            id=signal_id,
            kind=SignalKind.REWORK,
            root_cause=RootCause.MISSING_PROCEDURAL_KNOWLEDGE,
            pointer=Pointer(
                session_id=session_id, path="s.jsonl", line=3, day=date(2026, 3, len(session_id))
            ),
            summary=summary,
            fingerprint="f",
        )

    def gap(self, gap_id: str, *signals: Signal, tokens: float = 100, title: str = "a gap") -> Gap:
        return Gap(
            id=gap_id,
            title=title,
            kind=SignalKind.REWORK,
            root_cause=RootCause.MISSING_PROCEDURAL_KNOWLEDGE,
            signals=signals,
            sessions=len({signal.pointer.session_id for signal in signals}),
            days=len({signal.pointer.day for signal in signals}),
            worth=Worth(tokens=tokens, arithmetic=f"{tokens}"),
        )

    def case(self, text: str, session_id: str | None = None) -> Case:
        return Case(
            inputs={"line": text}, expected={"of": text}, origin="here", session_id=session_id
        )

    def need(
        self,
        need_id: str,
        *,
        visible: tuple[Case, ...] = (),
        sealed: tuple[Case, ...] = (),
        held_back: tuple[Case, ...] = (),
        gap_id: str | None = None,
    ) -> Need:
        return Need(
            id=need_id,
            gap_id=gap_id,
            name="parse-log",
            purpose="Parse a log",
            parameters=("line",),
            visible=visible,
            sealed=sealed,
            held_back=held_back,
            unlabelled=({"line": "unlabelled"},),
        )

    def attempt(self, need_id: str, *, number: int = 1, text: str = "text") -> Attempt:
        contract = self.contract("parse-log", "1.0.0")
        finding = Finding(
            gate="types", stage=Stage.TYPECHECK, outcome=Outcome.PASSED, summary=text, detail=text
        )
        return Attempt(
            need_id=need_id,
            author="agent:by-example",
            number=number,
            candidate=Candidate(
                need_id=need_id,
                author="agent:by-example",
                contract=contract,
                files={"skill.py": text},
                explanation=text,
            ),
            evidence=Evidence(
                candidate_digest="c" * 64, findings=(finding,), began_at=NOON, duration_ms=1
            ),
            verdict=Verdict(
                score=9.7,
                min_score=9.6,
                lines=(ScoreLine(criterion="tests", points=9.7, out_of=10, because=text),),
                is_accepted=True,
            ),
        )

    def contract(self, name: str, version: str) -> Contract:
        return Contract(
            name=name,
            version=version,
            input_schema={"type": "object", "properties": {"line": {"type": "string"}}},
            output_schema={"type": "object", "properties": {"severity": {"type": "string"}}},
        )

    def release(
        self,
        digest: str,
        *,
        name: str = "parse-log",
        version: str = "1.0.0",
        status: Status = Status.SHADOW,
        description: str = "Parse a log line.",
        need_id: str = "n1",
        depends_on: tuple[str, ...] = (),
        files: dict[str, str] | None = None,
    ) -> KeptRelease:
        return KeptRelease(
            release=Release(
                name=name,
                version=version,
                digest=digest,
                status=status,
                description=description,
                created_at=NOON,
                created_by="agent:by-example",
                source_signal="gap:3f9a0c",
                path=f"skills/{name}/{version}",
                score=9.7,
                estimated_tokens_saved=1200.5,
            ),
            contract=self.contract(name, version),
            need_id=need_id,
            files=files or {},
            depends_on=depends_on,
        )

    def invocation(
        self,
        trace_id: str,
        *,
        digest: str = "d" * 64,
        key: str | None = None,
        outcome: CallOutcome = CallOutcome.OK,
        is_replayed: bool = False,
        is_shadow: bool = False,
        output: str = "answer",
    ) -> Invocation:
        return Invocation(
            trace_id=trace_id,
            name="parse-log",
            version="1.0.0",
            digest=digest,
            began_at=NOON,
            latency_ms=1.5,
            outcome=outcome,
            idempotency_key=key,
            is_replayed=is_replayed,
            is_shadow=is_shadow,
            output={"of": output},
        )


@pytest.fixture
def make() -> Make:
    return Make()
