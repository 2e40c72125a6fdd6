"""Gate `limits`: the skill answers in its time and memory, on what was seen and on massive input.

On massive input it may refuse, with a ValueError; it may not hang, swell, or fall over.
"""

from statistics import median

from skillkiln.prove.findings import build_failed, build_not_needed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import call_all
from skillkiln.prove.probes import build_massive_inputs
from skillkiln.records.evidence import Finding, Stage
from skillkiln.sandbox.interface import MIB, CallResult

REFUSAL = "ValueError"
"""How a skill says that an input is none of its business."""


class LimitsGate:
    """Refuses a skill that outgrows its limits."""

    name = "limits"
    stage = Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Call the skill on seen and on massive inputs, and measure."""
        need = subject.need
        seen = [case.inputs for case in need.visible] + [*need.unlabelled]
        if not seen:
            return build_not_needed(self, "the need has no input to show")
        results = call_all(subject, seen)
        massive: list[CallResult] = []
        if not any(map(_is_failure, results)):
            massive = call_all(subject, build_massive_inputs(seen))
        figures = _measure(results, massive, subject)
        for kind, group in (("a seen", results), ("a massive", massive)):
            bad = next(filter(_is_failure, group), None)
            if bad is not None and bad.failure is not None:
                return build_failed(
                    self,
                    bad.failure,
                    f"on {kind} input: {bad.message or bad.failure}",
                    figures=figures,
                )
        return build_passed(
            self,
            f"p50 {figures['p50_ms']:.2f} ms, max {figures['max_ms']:.2f} ms, "
            f"massive {figures['massive_max_ms']:.1f} ms of {subject.contract.timeout_ms} ms",
            figures=figures,
        )


def _is_failure(result: CallResult) -> bool:
    return not (result.is_ok or REFUSAL in (result.exception, *result.exception_bases))


def _measure(
    results: list[CallResult], massive: list[CallResult], subject: Subject
) -> dict[str, float]:
    times = [result.wall_ms for result in results]
    massive_max_ms = max((result.wall_ms for result in massive), default=0.0)
    peak = max((r.peak_memory_bytes or 0 for r in (*results, *massive)), default=0)
    return {
        "p50_ms": median(times),
        "max_ms": max(times),
        "massive_max_ms": massive_max_ms,
        "peak_mib": peak / MIB,
        "timeout_share": max(*times, massive_max_ms) / subject.contract.timeout_ms,
        "memory_share": peak / subject.policy.memory_bytes,
    }
