"""The real crew: each line of the forge story bound to the verb that does it.

`app.py` picks store, sandbox, clock and figures; what the verbs do with them is decided here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from skillkiln.author.interface import Author
from skillkiln.errors import InvalidTransitionError, TrustError
from skillkiln.judge.launch_gates import LAUNCH_GATES, Docket, LaunchPolicy, arbitrate
from skillkiln.judge.score import score
from skillkiln.prove.gate_list import build_gates
from skillkiln.prove.gates.duplicate import Rival
from skillkiln.prove.interface import build_subject
from skillkiln.prove.observe import find_failing, try_cases
from skillkiln.prove.prove import prove
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Verdict
from skillkiln.records.needs import Case, Need
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.release.release import find_unfinished, release_candidate
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
    remaining_ms: Callable[[], int]
    """Wall time that the run has left; proving ends with it."""

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
        subject = build_subject(candidate, need, self.sandbox, self.remaining_ms)
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
        return find_failing(build_subject(candidate, need, self.sandbox, self.remaining_ms))

    def _judge(
        self, candidate: Candidate, evidence: Evidence, history: tuple[Attempt, ...]
    ) -> Verdict:
        return score(candidate, evidence, history, min_score=self.min_score)

    def _arbitrate(
        self, candidate: Candidate, need: Need, evidence: Evidence, verdict: Verdict
    ) -> tuple[str, ...]:
        objections = arbitrate(candidate, need, evidence, verdict, policy=self._policy)
        if objections:
            return objections
        lost = self._object_to_lost_answers(candidate, need)
        return (lost,) if lost else ()

    def _object_to_lost_answers(self, candidate: Candidate, need: Need) -> str | None:
        """A next version answers as the live one was proved to: its callers rely on that."""
        live = self.store.releases.find_live_release(candidate.contract.name)
        proved_on = self.store.needs.find(live.need_id) if live else None
        if live is None or proved_on is None or proved_on.id == need.id:
            return None
        bench = build_subject(candidate, need, self.sandbox)
        tally = try_cases(bench, (*proved_on.visible, *proved_on.sealed))
        if not tally.wrong:
            return None
        name, version = live.release.name, live.release.version
        return (
            f"{len(tally.wrong)} of {tally.count} cases that the live {name} {version} was proved "
            f"on come out otherwise: give this skill another name, or retire that one first"
        )

    @property
    def _policy(self) -> LaunchPolicy:
        return LaunchPolicy(min_score=self.min_score)

    def _keep_attempt(self, attempt: Attempt) -> None:
        self.store.attempts.save(attempt)

    def _release(
        self, candidate: Candidate, need: Need, evidence: Evidence, verdict: Verdict
    ) -> Release:
        docket = Docket(candidate, need, evidence, verdict, self._policy)
        unfinished = find_unfinished(candidate, need, self.registry)
        if unfinished is not None:
            self.registry.export(unfinished.digest)  # the run may have been cut off before that
            return unfinished
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
                LaunchGate(
                    name=gate.__name__, is_held=gate(docket) is None, because=gate.__doc__ or ""
                )
                for gate in LAUNCH_GATES
            ],
        )

    def _shadow(self, release: Release, need: Need) -> ShadowReport:
        mirror = Mirror(self.registry, self.store, self.sandbox, self.clock, self.new_id)
        return replay(release, need.held_back, mirror)

    def _promote(self, release: Release, report: ShadowReport) -> Promotion:
        try:
            return promote(release, report, self.promotion, self.registry)
        except InvalidTransitionError:
            standing = self.store.releases.load(release.digest).release
            if standing.status is not Status.LIVE:
                raise
            # Another run took up the same release, and was faster.
            return Promotion(standing, is_live=True, reason="another run took it live meanwhile")
