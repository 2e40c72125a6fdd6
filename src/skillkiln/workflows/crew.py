"""The real crew: each line of the forge story bound to the verb that does it.

`app.py` picks store, sandbox, clock and figures; what the verbs do with them is decided here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from skillkiln.author.interface import Author
from skillkiln.errors import TrustError
from skillkiln.judge.launch_gates import LAUNCH_GATES, LaunchPolicy, arbitrate
from skillkiln.judge.score import score
from skillkiln.prove.gate_list import build_gates
from skillkiln.prove.gates.duplicate import Rival
from skillkiln.prove.interface import build_subject
from skillkiln.prove.observe import find_failing
from skillkiln.prove.prove import prove
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Verdict
from skillkiln.records.needs import Case, Need
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.release.release import release_candidate
from skillkiln.sandbox.interface import Sandbox
from skillkiln.skill.status import Status
from skillkiln.store.interface import Store
from skillkiln.trust.keys import SigningKey
from skillkiln.trust.statement import LaunchGate
from skillkiln.watch.promotion import PromotionPolicy, promote
from skillkiln.watch.shadow import Mirror, Promotion, ShadowReport, replay
from skillkiln.workflows.interface import Crew, OnGate


@dataclass(frozen=True, slots=True)
class Team:
    """The services and figures that the verbs work with."""

    store: Store
    registry: Registry
    sandbox: Sandbox
    load_signer: Callable[[], SigningKey]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    min_score: float
    promotion: PromotionPolicy

    def build_crew(self, authors: tuple[Author, ...], clock_s: Callable[[], float]) -> Crew:
        """Build the crew of one run.

        Args:
            authors: in order of cost.
            clock_s: monotonic seconds, for limits.
        """
        return Crew(
            authors=authors,
            prove=self._prove,
            find_failing=self._find_failing,
            judge=self._judge,
            arbitrate=self._arbitrate,
            keep_attempt=self._keep_attempt,
            release=self._release,
            shadow=self._shadow,
            promote=self._promote,
            clock_s=clock_s,
        )

    def _prove(self, candidate: Candidate, need: Need, on_gate: OnGate) -> Evidence:
        subject = build_subject(candidate, need, self.sandbox)
        gates = build_gates(rivals=tuple(self._load_rivals()))
        return prove(subject, gates, clock=self.clock, on_gate=on_gate)

    def _load_rivals(self) -> Iterator[Rival]:
        for release in self.registry.inventory():
            if release.status is not Status.LIVE:
                continue
            try:
                loaded = self.registry.load(release.digest)
            except TrustError:
                continue  # It is quarantined by this, and no rival any more.
            yield Rival(loaded.manifest.contract(), loaded.files)

    def _find_failing(self, candidate: Candidate, need: Need) -> tuple[Case, ...]:
        return find_failing(build_subject(candidate, need, self.sandbox))

    def _judge(
        self, candidate: Candidate, evidence: Evidence, history: tuple[Attempt, ...]
    ) -> Verdict:
        return score(candidate, evidence, history, min_score=self.min_score)

    def _arbitrate(
        self, candidate: Candidate, need: Need, evidence: Evidence, verdict: Verdict
    ) -> tuple[str, ...]:
        policy = LaunchPolicy(min_score=self.min_score)
        return arbitrate(candidate, need, evidence, verdict, policy=policy)

    def _keep_attempt(self, attempt: Attempt) -> None:
        self.store.attempts.save(attempt)

    def _release(
        self, candidate: Candidate, need: Need, evidence: Evidence, verdict: Verdict
    ) -> Release:
        return release_candidate(
            candidate,
            need,
            evidence,
            verdict,
            signer=self.load_signer(),
            registry=self.registry,
            store=self.store,
            clock=self.clock,
            new_id=self.new_id,
            launch_gates=[
                LaunchGate(name=gate.__name__, is_held=True, because=gate.__doc__ or "")
                for gate in LAUNCH_GATES
            ],
        )

    def _shadow(self, release: Release, need: Need) -> ShadowReport:
        mirror = Mirror(self.registry, self.store, self.sandbox, self.clock, self.new_id)
        return replay(release, need.held_back, mirror)

    def _promote(self, release: Release, report: ShadowReport) -> Promotion:
        return promote(release, report, self.promotion, self.registry)
