"""What a gate is, and what it is given.

A gate looks at one `Subject` and comes to one `Finding`. It decides nothing else: order, parallel
running, timing and stopping early belong to `prove.prove`, and what a score or a release makes of
the findings belongs to the judge. Gates are small and are composed: a wrapper is a gate too.

Rules for a gate:
1. Whatever the candidate does wrong is a failed finding. An exception out of `check` means that the
   check itself could not be made; `prove.prove` never turns one into a pass.
2. Untrusted source may be parsed here, on the host; it is imported and run in the sandbox only.
3. A finding never carries a sealed case: its reason and counts, never its inputs, its expected
   value, nor anything that the skill said while it ran on one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Finding, Outcome, Stage
from skillkiln.records.needs import Need
from skillkiln.sandbox.interface import Policy, Sandbox
from skillkiln.sandbox.policies import build_policy
from skillkiln.skill.contract import MAX_TIMEOUT_MS, Contract
from skillkiln.skill.folder import SKILL_PY, TEST_PY

Clock = Callable[[], datetime]
"""The present moment, in UTC."""

OnGate = Callable[[Stage, str, Outcome | None], None]
"""Told of a gate by stage and name: None as it begins, then its outcome. One call at a time."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A candidate on the bench: what was written, what it answers, and where it may run."""

    candidate: Candidate
    need: Need
    """With its sealed cases; nothing of it goes back to an author."""
    files: Mapping[str, bytes]
    contract: Contract
    sandbox: Sandbox
    policy: Policy
    remaining_ms: Callable[[], int] = lambda: MAX_TIMEOUT_MS
    """Wall time that proving may still take; at 0 every further check fails as `timeout`."""

    @property
    def source(self) -> str:
        """The text of skill.py; empty when there is none."""
        return self.candidate.files.get(SKILL_PY, "")

    @property
    def test_source(self) -> str:
        """The text of test_skill.py; empty when there is none."""
        return self.candidate.files.get(TEST_PY, "")


def build_subject(
    candidate: Candidate,
    need: Need,
    sandbox: Sandbox,
    remaining_ms: Callable[[], int] = lambda: MAX_TIMEOUT_MS,
) -> Subject:
    """Put a candidate on the bench, under the policy that its own contract gets.

    A call may take no longer than the run has left, whatever the contract asks for.
    """
    policy = build_policy(candidate.contract)
    wall_ms = max(1, min(policy.wall_ms, remaining_ms()))
    return Subject(
        candidate=candidate,
        need=need,
        files={path: encode_text(text) for path, text in candidate.files.items()},
        contract=candidate.contract,
        sandbox=sandbox,
        policy=replace(policy, wall_ms=wall_ms),
        remaining_ms=remaining_ms,
    )


def encode_text(text: str) -> bytes:
    """Encode a candidate's text; what is no Unicode becomes bytes that the `files` gate refuses."""
    return text.encode("utf-8", "surrogatepass")


class Gate(Protocol):
    """One check."""

    @property
    def name(self) -> str:
        """A short id, the same in findings, messages and the launch gates."""
        ...

    @property
    def stage(self) -> Stage:
        """The stage that it is part of."""
        ...

    def check(self, subject: Subject) -> Finding:
        """Look at the subject and say what was seen."""
        ...


Rounds = Sequence[Sequence[Gate]]
"""Gates in the order to run them: those of a round side by side, none after a failed round."""
