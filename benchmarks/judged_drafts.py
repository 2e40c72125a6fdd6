"""Puts drafts through the real gates and the real judge, several at a time."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from candidate_families import Draft
from skillkiln.judge.score import score
from skillkiln.prove.gate_list import build_gates
from skillkiln.prove.prove import prove
from skillkiln.records.evidence import Evidence, Verdict
from skillkiln.sandbox.interface import Sandbox
from skillkiln.skill.reasons import FailureReason

CORES = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a draft."""

    evidence: Evidence
    verdict: Verdict
    seconds: float

    @property
    def reason(self) -> FailureReason | None:
        """Why it is refused; None when it is accepted."""
        if self.evidence.failures:
            return self.evidence.failures[0].reason
        return None if self.verdict.is_accepted else FailureReason.JUDGE_REJECTED


def judge_draft(draft: Draft, sandbox: Sandbox, *, workers: int = CORES) -> Judged:
    """Prove and judge one draft."""
    began = time.monotonic()
    subject, rivals = draft.put_on_bench(sandbox)
    gates = build_gates(rivals=rivals)
    evidence = prove(subject, gates, clock=lambda: datetime.now(UTC), workers=workers)
    verdict = score(subject.candidate, evidence)
    return Judged(evidence, verdict, time.monotonic() - began)


def judge_drafts(drafts: Sequence[Draft], sandbox: Sandbox) -> list[Judged]:
    """Prove and judge many drafts: one for each core at a time, each with one worker."""

    def judge(draft: Draft) -> Judged:
        return judge_draft(draft, sandbox, workers=1)

    with ThreadPoolExecutor(max_workers=CORES) as pool:
        return list(pool.map(judge, drafts))
