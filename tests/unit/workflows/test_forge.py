"""The story alone: its exits, its order, and what it never shows to an author.

A crew whose every member is scripted by the test, so that only `workflows/forge.py` is on trial.

Verdicts and evidence are real records; only who produces them is decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from skillkiln.records.attempts import Attempt
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.evidence import Evidence, Finding, Outcome, ScoreLine, Stage, Verdict
from skillkiln.records.needs import Brief, Case, Need
from skillkiln.records.releases import Release
from skillkiln.skill.contract import Contract
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.status import Status
from skillkiln.watch.shadow import Promotion, ShadowReport
from skillkiln.workflows.forge import forge
from skillkiln.workflows.interface import Crew, ForgeResult, Limits

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEALED_SECRET = "only-the-gates-know-this"


def make_need() -> Need:
    return Need(
        id="need-1",
        gap_id=None,
        name="shout",
        purpose="Shout.",
        parameters=("text",),
        visible=tuple(Case(inputs={"text": t}, expected=t.upper()) for t in "abcde"),
        sealed=(Case(inputs={"text": "x"}, expected=SEALED_SECRET),),
        held_back=(Case(inputs={"text": "y"}, expected=SEALED_SECRET),),
    )


def make_candidate(source: str = "one", author: str = "agent:first") -> Candidate:
    return Candidate(
        need_id="need-1",
        author=author,
        contract=Contract(
            name="shout",
            version="1.0.0",
            input_schema={"type": "object"},
            output_schema={"type": "string"},
        ),
        files={"skill.py": source},
    )


def make_evidence(candidate: Candidate, reason: FailureReason | None = None) -> Evidence:
    finding = Finding(
        gate="own_tests",
        stage=Stage.TEST,
        outcome=Outcome.FAILED if reason else Outcome.PASSED,
        summary="tried",
        reason=reason,
    )
    return Evidence(candidate_digest="0" * 64, findings=(finding,), began_at=NOW, duration_ms=1)


@dataclass
class ScriptedAuthor:
    """Hands in what it was given, in order, and remembers what it was asked."""

    name: str
    drafts: list[Candidate | Refusal]
    briefs: list[Brief] = field(default_factory=list[Brief])
    learned: list[tuple[Case, ...]] = field(default_factory=list[tuple[Case, ...]])
    budgets: list[Budget] = field(default_factory=list[Budget])

    def write(self, brief: Brief, budget: Budget) -> Candidate | Refusal:
        self.briefs.append(brief)
        self.budgets.append(budget)
        return self.drafts.pop(0)

    def rewrite(
        self, brief: Brief, failing: tuple[Case, ...], budget: Budget
    ) -> Candidate | Refusal:
        self.learned.append(failing)
        return self.write(brief, budget)


@dataclass
class Stageplay:
    """What happened in a run, and who decides what."""

    authors: tuple[ScriptedAuthor, ...] = ()
    is_good: Callable[[Candidate], bool] = lambda candidate: True
    failing: Callable[[Candidate], tuple[Case, ...]] = lambda candidate: ()
    objections: tuple[str, ...] = ()
    tick_s: float = 0.0
    now_s: float = 0.0
    released: list[Candidate] = field(default_factory=list[Candidate])
    kept: list[Attempt] = field(default_factory=list[Attempt])
    histories: list[int] = field(default_factory=list[int])

    def clock(self) -> float:
        self.now_s += self.tick_s
        return self.now_s

    def judge(
        self, candidate: Candidate, evidence: Evidence, history: tuple[Attempt, ...]
    ) -> Verdict:
        self.histories.append(len(history))
        good = self.is_good(candidate)
        points = 10.0 if good else 3.0
        line = ScoreLine(criterion="all", points=points, out_of=10, because="scripted")
        return Verdict(
            score=points,
            min_score=9.6,
            lines=(line,),
            is_accepted=good,
            reason="" if good else "too low",
        )

    def release(
        self, candidate: Candidate, need: Need, evidence: Evidence, verdict: Verdict
    ) -> Release:
        self.released.append(candidate)
        return Release(
            name="shout",
            version="1.0.0",
            digest="0" * 64,
            status=Status.SHADOW,
            description="Shout.",
            created_at=NOW,
            created_by=candidate.author,
            source_signal="gap:1",
            path="skills/shout/1.0.0/shout",
            score=verdict.score,
        )

    def crew(self) -> Crew:
        return Crew(
            authors=self.authors,
            prove=lambda candidate, need, on_gate: make_evidence(candidate),
            find_failing=lambda candidate, need: self.failing(candidate),
            judge=self.judge,
            arbitrate=lambda candidate, need, evidence, verdict: self.objections,
            keep_attempt=self.kept.append,
            release=self.release,
            shadow=lambda release, need: ShadowReport(release.digest, 1, 1, 0, 0, 1.0, 1.0),
            promote=lambda release, report: Promotion(
                release.model_copy(update={"status": Status.LIVE}), is_live=True, reason="agreed"
            ),
            clock_s=self.clock,
        )


REFUSAL = Refusal(author="agent:first", reason="too few examples", hint="label more")
LIMITS = Limits(max_refinements=3, wall_ms=10_000, author_wall_ms=1_000)


class Quiet:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []

    def stage(self, stage: Stage, note: str) -> None:
        self.stages.append(stage)

    def gate(self, stage: Stage, gate: str, outcome: Outcome | None) -> None: ...

    def attempt(self, attempt: Attempt) -> None: ...


def run(play: Stageplay, limits: Limits = LIMITS, tell: Quiet | None = None) -> ForgeResult:
    return forge(make_need(), play.crew(), limits, tell or Quiet())


def came_to(result: ForgeResult, stage: Stage) -> Outcome:
    return next(outcome for name, outcome, _ in result.frame if name is stage)


def test_an_accepted_first_draft_goes_live_and_the_other_stages_say_not_needed() -> None:
    play = Stageplay((ScriptedAuthor("first", [make_candidate()]),))
    result = run(play)
    assert result.release is not None
    assert result.release.status is Status.LIVE
    assert [stage for stage, _, _ in result.frame] == list(Stage)
    assert came_to(result, Stage.REFINE) is Outcome.NOT_NEEDED
    assert came_to(result, Stage.ESCALATE) is Outcome.NOT_NEEDED
    assert came_to(result, Stage.ARBITER) is Outcome.PASSED


def test_an_author_sees_visible_cases_and_nothing_else() -> None:
    author = ScriptedAuthor("first", [make_candidate()])
    run(Stageplay((author,)))
    assert len(author.briefs[0].cases) == 5
    assert SEALED_SECRET not in author.briefs[0].model_dump_json()


def test_a_refusal_passes_the_need_on_to_the_next_author() -> None:
    play = Stageplay(
        (
            ScriptedAuthor("first", [REFUSAL]),
            ScriptedAuthor("second", [make_candidate(author="agent:second")]),
        )
    )
    result = run(play)
    assert [attempt.author for attempt in result.attempts] == ["agent:first", "agent:second"]
    assert came_to(result, Stage.ESCALATE) is Outcome.PASSED
    assert play.released[0].author == "agent:second"


def test_refining_learns_from_the_failing_visible_cases_and_keeps_them() -> None:
    wrong = make_need().visible[:2]
    author = ScriptedAuthor("first", [make_candidate(s) for s in ("one", "two", "three")])
    play = Stageplay(
        (author,),
        is_good=lambda candidate: candidate.files["skill.py"] == "three",
        failing=lambda candidate: wrong[:1] if candidate.files["skill.py"] == "one" else wrong[1:],
    )
    result = run(play)
    assert result.is_released
    assert author.learned == [wrong[:1], wrong]
    assert play.histories == [0, 1, 2]
    assert came_to(result, Stage.REFINE) is Outcome.PASSED


def test_without_progress_refining_ends() -> None:
    wrong = make_need().visible[:1]
    author = ScriptedAuthor("first", [make_candidate(str(n)) for n in range(9)])
    play = Stageplay((author,), is_good=lambda candidate: False, failing=lambda candidate: wrong)
    result = run(play)
    assert not result.is_released
    assert len(result.attempts) == 2, "the second draft failed on nothing new"
    assert play.released == []


def test_refinements_are_bounded() -> None:
    cases = make_need().visible
    drafts = [make_candidate(str(n)) for n in range(20)]
    play = Stageplay(
        (ScriptedAuthor("first", list(drafts)),),
        is_good=lambda candidate: False,
        failing=lambda candidate: (cases[int(candidate.files["skill.py"]) % 5],),
    )
    assert len(run(play).attempts) == 1 + LIMITS.max_refinements


def test_time_ends_the_run_between_authors() -> None:
    authors = tuple(
        ScriptedAuthor(name, [make_candidate(author=f"agent:{name}")]) for name in ("a", "b", "c")
    )
    play = Stageplay(authors, is_good=lambda candidate: False, tick_s=6.0)
    result = run(play)
    assert {attempt.author for attempt in result.attempts} == {"agent:a"}


def test_an_author_gets_no_more_time_than_the_run_has_left() -> None:
    author = ScriptedAuthor("first", [make_candidate()])
    run(Stageplay((author,)), Limits(max_refinements=0, wall_ms=300, author_wall_ms=1_000))
    assert author.budgets[0].wall_ms <= 300


def test_a_launch_gate_stops_what_the_judge_accepts() -> None:
    play = Stageplay(
        (ScriptedAuthor("first", [make_candidate()]),), objections=("too few sealed cases",)
    )
    result = run(play)
    assert not result.is_released
    assert play.released == []
    assert "too few sealed cases" in result.reason
    assert came_to(result, Stage.ARBITER) is Outcome.FAILED


def test_every_attempt_is_kept_good_or_bad() -> None:
    play = Stageplay(
        (
            ScriptedAuthor("first", [REFUSAL]),
            ScriptedAuthor("second", [make_candidate()]),
        ),
        is_good=lambda candidate: False,
    )
    result = run(play)
    assert tuple(play.kept) == result.attempts
    assert play.kept[0].refusal == REFUSAL
    assert play.kept[1].failure is FailureReason.JUDGE_REJECTED


def test_the_reason_is_that_of_the_attempt_that_came_furthest() -> None:
    play = Stageplay(
        (
            ScriptedAuthor("first", [make_candidate()]),
            ScriptedAuthor("second", [REFUSAL]),
        ),
        is_good=lambda candidate: False,
    )
    assert run(play).reason.startswith("judge_rejected")


def test_where_nobody_can_write_the_reason_is_the_refusal() -> None:
    result = run(Stageplay((ScriptedAuthor("first", [REFUSAL]),)))
    assert "too few examples" in result.reason
    assert came_to(result, Stage.WRITE) is Outcome.FAILED
    assert came_to(result, Stage.TEST) is Outcome.NOT_NEEDED


def test_the_stages_are_told_as_they_begin() -> None:
    tell = Quiet()
    run(Stageplay((ScriptedAuthor("first", [make_candidate()]),)), tell=tell)
    assert tell.stages == [Stage.WRITE, Stage.CRITIQUE, Stage.ARBITER]
