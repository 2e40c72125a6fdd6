"""The life of a skill, from a need to a live release. Read this file first.

    write      an author fits a program to the visible cases, or refuses
    typecheck, test, lint
               the gates look at it in the sandbox, cheapest first
    critique   the judge scores the evidence from 0 to 10
    refine     not good enough: the author learns again from the visible cases it got wrong
    escalate   still not: the next author
    arbiter    the launch gates have the last word
    release    sign and publish; status shadow
    watch      replay held-back inputs in shadow, then go live

Every loop here has an exit: refinements, authors, wall time, and no progress. A failed candidate
never reaches the registry; every attempt is kept.
"""

from collections.abc import Iterator

from skillkiln.author.interface import Author
from skillkiln.records.attempts import Attempt
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.evidence import Stage
from skillkiln.records.needs import Need
from skillkiln.workflows.frame import build_frame
from skillkiln.workflows.interface import Crew, ForgeResult, Limits, Teller


def forge(need: Need, crew: Crew, limits: Limits, tell: Teller) -> ForgeResult:
    """Have a need met: write, prove, judge, release, watch.

    Args:
        need: what is missing, with its cases already split.
        crew: who does what.
        limits: when to give up.
        tell: hears of progress.

    Returns:
        The release and how it fared in shadow, or every attempt and why none was good enough.
    """
    ends_at = crew.clock_s() + limits.wall_ms / 1000
    attempts: list[Attempt] = []
    for number, author in enumerate(crew.authors):
        if number:
            tell.stage(Stage.ESCALATE, f"{author.name} is next")
        for attempt in refine(author, need, crew, limits, tell, ends_at, tuple(attempts)):
            attempts.append(attempt)
            crew.keep_attempt(attempt)
            tell.attempt(attempt)
            if attempt.is_accepted:
                return launch(need, crew, tuple(attempts))
        if crew.clock_s() >= ends_at:
            break
    return ForgeResult(
        need, tuple(attempts), build_frame(tuple(attempts)), reason=explain(tuple(attempts))
    )


def refine(
    author: Author,
    need: Need,
    crew: Crew,
    limits: Limits,
    tell: Teller,
    ends_at: float,
    history: tuple[Attempt, ...],
) -> Iterator[Attempt]:
    """Let one author write, and write again from the visible cases that it got wrong.

    Yields each attempt. Ends when one is accepted, the author refuses, nothing was learned since
    the last, or refinements or time run out.
    """
    brief = need.brief()
    failing = ()
    tell.stage(Stage.WRITE, author.name)
    draft = author.write(brief, remaining(crew, limits, ends_at))
    for number in range(1, limits.max_refinements + 2):
        attempt = weigh(draft, number, need, crew, tell, history)
        yield attempt
        history += (attempt,)
        if attempt.is_accepted or attempt.candidate is None:
            return
        wrong = crew.find_failing(attempt.candidate, need)
        if not set_grows(failing, wrong) or crew.clock_s() >= ends_at:
            return
        failing += tuple(case for case in wrong if case not in failing)
        tell.stage(Stage.REFINE, f"{author.name} learns again from {len(failing)} failing cases")
        draft = author.rewrite(brief, failing, remaining(crew, limits, ends_at))


def weigh(
    draft: Candidate | Refusal,
    number: int,
    need: Need,
    crew: Crew,
    tell: Teller,
    history: tuple[Attempt, ...],
) -> Attempt:
    """Prove a draft, judge the evidence, and hear the launch gates."""
    if isinstance(draft, Refusal):
        return Attempt(need_id=need.id, author=draft.author, number=number, refusal=draft)
    evidence = crew.prove(draft, need, tell.gate)
    tell.stage(Stage.CRITIQUE, "the judge reads the evidence")
    verdict = crew.judge(draft, evidence, history)
    tell.stage(Stage.ARBITER, "the launch gates")
    return Attempt(
        need_id=need.id,
        author=draft.author,
        number=number,
        candidate=draft,
        evidence=evidence,
        verdict=verdict,
        objections=crew.arbitrate(draft, need, evidence, verdict),
    )


def launch(need: Need, crew: Crew, attempts: tuple[Attempt, ...]) -> ForgeResult:
    """Sign and publish the accepted candidate, mirror it in shadow, take it live if it agrees."""
    best = attempts[-1]
    assert best.candidate is not None
    assert best.evidence is not None
    assert best.verdict is not None
    release = crew.release(best.candidate, need, best.evidence, best.verdict)
    report = crew.shadow(release, need)
    promotion = crew.promote(release, report)
    reason = "" if promotion.is_live else promotion.reason
    return ForgeResult(
        need, attempts, build_frame(attempts), promotion.release, report, promotion, reason
    )


def remaining(crew: Crew, limits: Limits, ends_at: float) -> Budget:
    """Return what an author may spend now: its own limit, or what the run has left."""
    left_ms = max(0, int((ends_at - crew.clock_s()) * 1000))
    return Budget(attempts=1, wall_ms=min(left_ms, limits.author_wall_ms))


def set_grows(known: tuple[object, ...], more: tuple[object, ...]) -> bool:
    """Say whether there is anything in `more` that was not known: else there is no progress."""
    return any(item not in known for item in more)


def explain(attempts: tuple[Attempt, ...]) -> str:
    """Say in one line why nothing was good enough: the attempt that came furthest speaks."""
    if not attempts:
        return "time ran out before any author wrote"
    furthest = max(attempts, key=lambda a: (a.candidate is not None, a.verdict is not None))
    return furthest.why_not
