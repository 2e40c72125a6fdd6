"""Gate `determinism`: the same input gives the same answer in another cell, at another time.

Two runs, in fresh cells, that differ in everything a pure function must not depend on: the seed of
string hashes, the clock, and the order of the calls, so that state kept between calls shows too.
"""

from skillkiln.prove.findings import build_failed, build_not_needed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import call_all
from skillkiln.records.evidence import Finding, Stage
from skillkiln.records.json_equality import is_equal_json
from skillkiln.sandbox.interface import CallResult
from skillkiln.skill.reasons import FailureReason

MAX_INPUTS = 50

FIRST_SEED, SECOND_SEED = 1, 2
FIRST_CLOCK_S, SECOND_CLOCK_S = 1_000_000_000.0, 2_000_000_000.0
"""Frozen clocks in September 2001 and May 2033: other year, month, day and hour."""


class DeterminismGate:
    """Refuses answers that change when nothing asked did."""

    name = "determinism"
    stage = Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Run twice and compare."""
        seen = [case.inputs for case in subject.need.visible]
        inputs = [*seen, *subject.need.unlabelled][:MAX_INPUTS]
        if not inputs:
            return build_not_needed(self, "the need has no input to show")
        first = call_all(subject, inputs, hash_seed=FIRST_SEED, frozen_at=FIRST_CLOCK_S)
        second = call_all(subject, inputs[::-1], hash_seed=SECOND_SEED, frozen_at=SECOND_CLOCK_S)
        changed = [
            given
            for given, one, other in zip(inputs, first, second[::-1], strict=True)
            if not _is_same(one, other)
        ]
        figures = {"repeated_inputs": len(inputs), "changed_answers": len(changed)}
        if changed:
            return build_failed(
                self,
                FailureReason.NON_DETERMINISTIC_OUTPUT,
                f"{len(changed)} of {len(inputs)} answers changed with hash seed, clock and order",
                detail=f"for example on {changed[0]!r:.300}",
                figures=figures,
            )
        return build_passed(self, f"{len(inputs)} answers twice the same", figures=figures)


def _is_same(one: CallResult, other: CallResult) -> bool:
    # Messages of exceptions may quote an object's address; which exception it was must not change.
    return (
        one.failure == other.failure
        and one.exception == other.exception
        and is_equal_json(one.output, other.output)
    )
