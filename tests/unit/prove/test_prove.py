"""The runner: order, stopping, breakage, and what is told while it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Barrier

import pytest

from skillkiln.errors import SandboxFailedError
from skillkiln.prove.findings import build_failed, build_not_needed, build_passed
from skillkiln.prove.gate_list import build_gates
from skillkiln.prove.interface import Subject
from skillkiln.prove.prove import STOPPED, prove
from skillkiln.records.evidence import Finding, Outcome, Stage
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.reasons import FailureReason

Prepare = Callable[..., Subject]
Clock = Callable[[], datetime]


@dataclass
class ScriptedGate:
    """A gate that does as it is told and remembers being asked."""

    name: str
    act: Callable[["ScriptedGate"], Finding] = lambda gate: build_passed(gate, "fine")
    stage: Stage = Stage.TEST
    asked: list[Subject] = field(default_factory=list[Subject])

    def check(self, subject: Subject) -> Finding:
        self.asked.append(subject)
        return self.act(self)


def refuse(gate: ScriptedGate) -> Finding:
    return build_failed(gate, FailureReason.WEAK_TESTS, "no")


def fall(gate: ScriptedGate) -> Finding:
    raise KeyError(f"{gate.name} fell over a sealed secret")


def lose_the_machine(gate: ScriptedGate) -> Finding:
    raise SandboxFailedError(f"{gate.name} has no cell")


def test_findings_come_in_the_order_of_the_gates(prepare: Prepare, clock: Clock) -> None:
    rounds = ((ScriptedGate("a"), ScriptedGate("b")), (ScriptedGate("c"),))
    evidence = prove(prepare(), rounds, clock=clock)
    assert [finding.gate for finding in evidence.findings] == ["a", "b", "c"]
    assert all(finding.duration_ms > 0 for finding in evidence.findings)
    assert evidence.duration_ms > 0


def test_the_rest_of_a_failed_round_still_speaks_and_later_rounds_do_not(
    prepare: Prepare, clock: Clock
) -> None:
    late = ScriptedGate("late")
    rounds = ((ScriptedGate("bad", refuse), ScriptedGate("other")), (late,), (ScriptedGate("x"),))
    evidence = prove(prepare(), rounds, clock=clock)
    assert [finding.outcome for finding in evidence.findings] == [
        Outcome.FAILED,
        Outcome.PASSED,
        Outcome.NOT_NEEDED,
        Outcome.NOT_NEEDED,
    ]
    assert evidence.findings[2].summary == f"{STOPPED}bad failed"
    assert late.asked == []


def test_a_gate_without_anything_to_do_stops_nothing(prepare: Prepare, clock: Clock) -> None:
    idle = ScriptedGate("idle", lambda gate: build_not_needed(gate, "nothing there"))
    evidence = prove(prepare(), ((idle,), (ScriptedGate("next"),)), clock=clock)
    assert evidence.findings[1].outcome is Outcome.PASSED


def test_a_gate_that_falls_over_fails_the_candidate_and_quotes_nothing(
    prepare: Prepare, clock: Clock
) -> None:
    evidence = prove(prepare(), ((ScriptedGate("weak", fall),),), clock=clock)
    finding = evidence.findings[0]
    assert finding.reason is FailureReason.POLICY_VIOLATION
    assert "KeyError" in finding.summary
    assert "sealed secret" not in evidence.model_dump_json()


def test_a_sandbox_that_breaks_is_raised(prepare: Prepare, clock: Clock) -> None:
    rounds = ((ScriptedGate("a"), ScriptedGate("b", lose_the_machine)),)
    with pytest.raises(SandboxFailedError, match="b has no cell"):
        prove(prepare(), rounds, clock=clock)


def test_gates_of_a_round_run_side_by_side(prepare: Prepare, clock: Clock) -> None:
    both_began = Barrier(2)

    def meet(gate: ScriptedGate) -> Finding:
        both_began.wait(timeout=30)
        return build_passed(gate, "met")

    rounds = ((ScriptedGate("a", meet), ScriptedGate("b", meet)),)
    assert not prove(prepare(), rounds, clock=clock, workers=2).failures


def test_each_gate_is_told_as_it_begins_and_ends(prepare: Prepare, clock: Clock) -> None:
    told: list[tuple[Stage, str, Outcome | None]] = []

    def tell(stage: Stage, gate: str, outcome: Outcome | None) -> None:
        told.append((stage, gate, outcome))

    rounds = ((ScriptedGate("bad", refuse),), (ScriptedGate("late", stage=Stage.LINT),))
    prove(prepare(), rounds, clock=clock, on_gate=tell)
    assert told == [
        (Stage.TEST, "bad", None),
        (Stage.TEST, "bad", Outcome.FAILED),
        (Stage.LINT, "late", Outcome.NOT_NEEDED),
    ]


def test_a_clock_that_is_set_back_makes_no_negative_durations(
    prepare: Prepare, clock: Clock
) -> None:
    moments = sorted((clock() for _ in range(20)), reverse=True)
    backwards = iter(moments)
    evidence = prove(prepare(), ((ScriptedGate("a"),),), clock=lambda: next(backwards))
    assert evidence.duration_ms == 0
    assert evidence.findings[0].duration_ms == 0


def test_a_good_candidate_passes_every_gate(prepare: Prepare, clock: Clock) -> None:
    subject = prepare()
    evidence = prove(subject, build_gates(), clock=clock)
    assert [f for f in evidence.findings if f.outcome is not Outcome.PASSED] == [
        f for f in evidence.findings if f.gate == "duplicate"
    ]
    assert len(evidence.findings) >= 20
    assert evidence.candidate_digest == folder_digest(subject.files)
    assert set(evidence.tools) == {"mypy", "ruff", "bandit", "pytest", "python", "sandbox"}


def test_a_stage_ends_before_the_next_begins() -> None:
    """Else a stage could show as passed of which a part was stopped."""
    stages = [{gate.stage for gate in gates} for gates in build_gates()]
    assert stages == [
        {Stage.WRITE},
        {Stage.WRITE},
        {Stage.WRITE},
        {Stage.TYPECHECK, Stage.LINT},
        {Stage.TEST},
        {Stage.TEST},
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("\ud800", "\ufffd"),
        ("two\nlines", "two lines"),
        ("x" * 1_000, "x" * 297 + "..."),
    ],
)
def test_what_a_candidate_says_is_made_safe_to_show(text: str, shown: str) -> None:
    finding = build_failed(ScriptedGate("a"), FailureReason.TIMEOUT, text, detail=text * 10)
    assert finding.summary == shown
    assert len(finding.detail) <= 4_000
    assert "\x1b" not in finding.detail
    assert finding.model_dump_json().encode()
