"""What earlier attempts say about this one: failing again the same way is no progress.

Only the last attempts in a row count: a failure that was overcome in between is forgiven.
"""

from skillkiln.records.attempts import Attempt
from skillkiln.records.evidence import Evidence, ScoreLine
from skillkiln.skill.reasons import FailureReason

CRITERION = "learned from earlier attempts"
OUT_OF = 0.2

Failure = tuple[str, FailureReason | None]


def weigh_history(evidence: Evidence, history: tuple[Attempt, ...]) -> ScoreLine:
    """Give the points for history: none for a repeated failure or a candidate seen before."""
    problem = find_stall(evidence, history)
    return ScoreLine(
        criterion=CRITERION,
        points=0.0 if problem else OUT_OF,
        out_of=OUT_OF,
        because=problem or f"{len(history)} earlier attempts, none failed in this way",
    )


def find_stall(evidence: Evidence, history: tuple[Attempt, ...]) -> str | None:
    """Say how this attempt repeats the one before; None when it does not."""
    earlier = [attempt.evidence for attempt in history if attempt.evidence is not None]
    if any(each.candidate_digest == evidence.candidate_digest for each in earlier):
        return "no progress: the very same candidate was handed in before"
    failures = _failures(evidence)
    repeats = 0
    for each in reversed(earlier):
        if not failures & _failures(each):
            break
        repeats += 1
    if not repeats:
        return None
    gate, reason = min(failures & _failures(earlier[-1]), key=str)
    return f"no progress: `{gate}` failed with {reason} in {repeats + 1} attempts in a row"


def _failures(evidence: Evidence) -> set[Failure]:
    return {(finding.gate, finding.reason) for finding in evidence.failures}
