"""Prove a candidate: run the gates, gather what they saw.

Gates come in rounds, cheapest first. The gates of a round do not depend on each other and run side
by side; after a round with a failure the rest is `not_needed`, with the reason, and never `passed`.
A gate that breaks on a candidate (rather than finding fault with it) fails it; a sandbox that
breaks is an error of the machine and is raised.

Example:
    evidence = prove(build_subject(candidate, need, sandbox), build_gates(), clock=clock)
    if evidence.failures: ...
"""

import platform
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import version
from threading import Lock

from skillkiln.errors import SandboxError
from skillkiln.prove.findings import build_failed, build_not_needed
from skillkiln.prove.interface import Clock, Gate, OnGate, Rounds, Subject
from skillkiln.prove.observe import NO_TIME_LEFT
from skillkiln.records.evidence import Evidence, Finding, Outcome, Stage
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.reasons import FailureReason

STOPPED = "stopped: "
"""How the summary of a gate begins that did not run because an earlier one failed."""

TOOLS = ("mypy", "ruff", "bandit", "pytest")


def prove(
    subject: Subject,
    gates: Rounds,
    *,
    clock: Clock,
    on_gate: OnGate | None = None,
    workers: int = 2,
) -> Evidence:
    """Run every gate on a subject and gather the evidence.

    Args:
        subject: the candidate and what it answers.
        gates: in rounds, see the module's text.
        clock: the present moment, in UTC.
        on_gate: told as each gate begins and ends.
        workers: gates that run at once; each waits for a cell, so as many as there are cores.

    Raises:
        SandboxError: the machine could not confine a run; nothing was proved either way.
    """
    began_at = clock()
    bench = _Bench(subject, clock, on_gate or _tell_nobody)
    findings: list[Finding] = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for gates_of_round in gates:
            stopped_by = next((f.gate for f in findings if f.outcome is Outcome.FAILED), None)
            if stopped_by is None:
                findings += pool.map(bench.run, gates_of_round)
            else:
                findings += [bench.skip(gate, stopped_by) for gate in gates_of_round]
    return Evidence(
        candidate_digest=folder_digest(subject.files),
        findings=tuple(findings),
        began_at=began_at,
        duration_ms=_since_ms(began_at, clock),
        tools={
            **{tool: version(tool) for tool in TOOLS},
            "python": platform.python_version(),
            "sandbox": subject.sandbox.tier,
        },
    )


def _tell_nobody(_stage: Stage, _gate: str, _outcome: Outcome | None) -> None:
    """Stand in where nobody watches."""


class _Bench:
    """Runs single gates on one subject: times them, reports them, and holds what breaks."""

    def __init__(self, subject: Subject, clock: Clock, on_gate: OnGate) -> None:
        self._subject = subject
        self._clock = clock
        self._on_gate = on_gate
        self._one_at_a_time = Lock()

    def run(self, gate: Gate) -> Finding:
        """Run one gate."""
        self._tell(gate, None)
        began_at = self._clock()
        finding = self._check(gate).model_copy(
            update={"duration_ms": _since_ms(began_at, self._clock)}
        )
        self._tell(gate, finding.outcome)
        return finding

    def skip(self, gate: Gate, stopped_by: str) -> Finding:
        """Leave a gate out because an earlier one failed."""
        self._tell(gate, Outcome.NOT_NEEDED)
        return build_not_needed(gate, f"{STOPPED}{stopped_by} failed")

    def _check(self, gate: Gate) -> Finding:
        if not self._subject.remaining_ms():
            return build_failed(gate, FailureReason.TIMEOUT, NO_TIME_LEFT)
        try:
            return gate.check(self._subject)
        except SandboxError:
            raise
        except Exception as error:  # noqa: BLE001 - hostile input must not get past by breaking a gate
            return build_failed(
                gate,
                FailureReason.POLICY_VIOLATION,
                f"the check broke on this candidate: {type(error).__name__}",
                detail=_describe_place(error),
            )

    def _tell(self, gate: Gate, outcome: Outcome | None) -> None:
        with self._one_at_a_time:
            self._on_gate(gate.stage, gate.name, outcome)


def _describe_place(error: Exception) -> str:
    """Name the lines of ours that broke; the error's own text may quote a sealed case."""
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_qualname} line {trace.tb_lineno}")
        trace = trace.tb_next
    return "\n".join(places[-5:])


def _since_ms(began_at: datetime, clock: Clock) -> float:
    # A clock that is set back while a gate runs must not make a negative duration.
    return max(0.0, (clock() - began_at).total_seconds() * 1000)
