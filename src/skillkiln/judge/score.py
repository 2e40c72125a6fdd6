"""Score a candidate from 0 to 10, as a sum that a person can check.

The score is computed from the evidence and nothing else, so judging again gives the same verdict.
A failed gate decides: whatever the sum is, the candidate is not accepted. The score can keep out
what passed every gate; it can let in nothing that did not.

Example:
    verdict = score(candidate, evidence, history=(), min_score=9.6)
    assert verdict.score == round(sum(line.points for line in verdict.lines), 2)
"""

from skillkiln.judge.criteria import CRITERIA, Criterion
from skillkiln.judge.history import find_stall, weigh_history
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Outcome, ScoreLine, Verdict

DEFAULT_MIN_SCORE = 9.6


def score(
    candidate: Candidate,
    evidence: Evidence,
    history: tuple[Attempt, ...] = (),
    *,
    min_score: float = DEFAULT_MIN_SCORE,
) -> Verdict:
    """Score a candidate.

    Args:
        candidate: what was proved.
        evidence: what the gates saw of it.
        history: earlier attempts at the same need, oldest first.
        min_score: from 0 to 10; accepted at or above it.

    Returns:
        The score with its table, and why it is not accepted where it is not.
    """
    lines = (
        *(_weigh(criterion, evidence, candidate) for criterion in CRITERIA),
        weigh_history(evidence, history),
    )
    total = round(sum(line.points for line in lines), 2)
    reason = _explain(total, min_score, lines, evidence, history)
    return Verdict(
        score=total, min_score=min_score, lines=lines, is_accepted=not reason, reason=reason
    )


def _weigh(criterion: Criterion, evidence: Evidence, candidate: Candidate) -> ScoreLine:
    passed = {f.gate for f in evidence.findings if f.outcome is Outcome.PASSED}
    missing = [gate for gate in criterion.gates if gate not in passed]
    if missing:
        points, because = 0.0, f"{missing[0]} did not pass"
    else:
        weighed = criterion.weigh(evidence, candidate)
        points, because = round(weighed.share * criterion.out_of, 2), weighed.because
    return ScoreLine(
        criterion=criterion.name, points=points, out_of=criterion.out_of, because=because
    )


def _explain(
    total: float,
    min_score: float,
    lines: tuple[ScoreLine, ...],
    evidence: Evidence,
    history: tuple[Attempt, ...],
) -> str:
    """Say why a candidate is not accepted; nothing when it is."""
    stall = find_stall(evidence, history)
    tail = f"; {stall}" if stall else ""
    if evidence.failures:
        first = evidence.failures[0]
        return f"gate `{first.gate}` failed ({first.reason}), and no score outweighs that{tail}"
    if total < min_score:
        lost = sorted((line for line in lines if line.points < line.out_of), key=_loss)
        named = "; ".join(
            f"{line.criterion} -{-_loss(line):.2f} ({line.because})" for line in lost[:3]
        )
        return f"{total:.2f} is below {min_score}: {named}{tail}"
    return ""


def _loss(line: ScoreLine) -> float:
    return round(line.points - line.out_of, 2)
