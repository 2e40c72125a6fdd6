"""Calling the candidate on the bench, and comparing what it answers with what is expected.

Expected values stay in this process: a cell gets the inputs of one call, nothing else. So a skill
cannot read an expected answer anywhere, and a cell that is broken open has none to give away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from skillkiln.prove.interface import Subject
from skillkiln.records.json_equality import is_equal_json
from skillkiln.records.needs import Case
from skillkiln.sandbox.calls import open_skill
from skillkiln.sandbox.interface import CallResult
from skillkiln.skill.reasons import FailureReason

Inputs = dict[str, JsonValue]

NO_TIME_LEFT = "the wall time of the whole run was over"
MAX_LOST_CELLS = 2
"""Calls that may break their cell before the rest of a run counts as lost in the same way."""


def call_all(
    subject: Subject,
    inputs: Sequence[Inputs],
    *,
    hash_seed: int = 0,
    frozen_at: float | None = None,
) -> list[CallResult]:
    """Call the candidate once for each input, in order, in one session.

    Args:
        subject: the candidate.
        inputs: one object of named inputs a call.
        hash_seed: seed of the cell's string hashes.
        frozen_at: the cell's clock, in seconds since 1970 UTC; None leaves it running.

    Returns:
        One result for each input.
    """
    results: list[CallResult] = []
    session = open_skill(
        subject.sandbox, subject.files, subject.policy, hash_seed=hash_seed, frozen_at=frozen_at
    )
    with session:
        for given in inputs:
            if not subject.remaining_ms():
                results.append(CallResult(failure=FailureReason.TIMEOUT, message=NO_TIME_LEFT))
                break
            results.append(session.call(given))
            if sum(map(_has_lost_cell, results)) >= MAX_LOST_CELLS:
                break
    return results + results[-1:] * (len(inputs) - len(results))


def _has_lost_cell(result: CallResult) -> bool:
    """Say whether the call took its cell with it; answers and exceptions leave it alive."""
    lives = (None, FailureReason.CONTRACT_VIOLATION)
    return result.failure not in lives and result.exception is None


@dataclass(frozen=True, slots=True)
class Tally:
    """How the candidate did on some cases."""

    wrong: tuple[Case, ...]
    count: int
    first_failure: FailureReason | None
    """Why the first wrong case gave no answer; None when it gave a wrong one, or none is wrong."""

    @property
    def right(self) -> int:
        """How many cases are right."""
        return self.count - len(self.wrong)


def try_cases(subject: Subject, cases: Sequence[Case]) -> Tally:
    """Call the candidate on every case and compare on the host."""
    results = call_all(subject, [case.inputs for case in cases])
    wrong = [
        (case, result)
        for case, result in zip(cases, results, strict=True)
        if not (result.is_ok and is_equal_json(result.output, case.expected))
    ]
    return Tally(
        wrong=tuple(case for case, _ in wrong),
        count=len(cases),
        first_failure=wrong[0][1].failure if wrong else None,
    )


def find_failing(subject: Subject) -> tuple[Case, ...]:
    """Return the visible cases that the candidate gets wrong: what an author may learn from."""
    return try_cases(subject, subject.need.visible).wrong
