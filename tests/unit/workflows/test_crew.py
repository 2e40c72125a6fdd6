"""The crew on a real store and registry: two runs that meet at one release."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillkiln.errors import InvalidTransitionError
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Finding, Outcome, ScoreLine, Stage, Verdict
from skillkiln.records.needs import Need
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.release.release import release_candidate
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.skill.contract import Contract
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.skill_md import SkillMd, render_skill_md
from skillkiln.skill.status import Status
from skillkiln.store.key_files import create_key
from skillkiln.store.sql import memory_store
from skillkiln.watch.promotion import PromotionPolicy
from skillkiln.watch.shadow import ShadowReport
from skillkiln.workflows.crew import Team
from skillkiln.workflows.interface import Crew

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NEED = Need(id="n1", gap_id=None, name="shout", purpose="Shout.")
FILES = {
    "SKILL.md": render_skill_md(SkillMd(name="shout", description="Shouts.", body="")),
    "skill.py": "def run(line: str) -> str:\n    return line.upper()\n",
    "test_skill.py": "def test() -> None: ...\n",
}


def clock() -> datetime:
    return NOW


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    store = memory_store(clock=clock)
    signer = create_key(tmp_path / "keys", store, clock=clock)
    with BubblewrapSandbox() as sandbox:
        yield Team(
            store=store,
            registry=Registry(store, tmp_path / "skills", clock),
            sandbox=sandbox,
            load_signer=lambda: signer,
            clock=clock,
            new_id=lambda: "trace",
            min_score=9.6,
            promotion=PromotionPolicy(min_calls=1),
            remaining_ms=lambda: 60_000,
        )
    store.close()


@pytest.fixture
def crew(team: Team) -> Crew:
    return team.build_crew((), lambda: 0.0)


@pytest.fixture
def release(team: Team) -> Release:
    contract = Contract(
        name="shout",
        version="1.0.0",
        input_schema={"type": "object", "properties": {"line": {"type": "string"}}},
        output_schema={"type": "string"},
    )
    finding = Finding(gate="types", stage=Stage.TYPECHECK, outcome=Outcome.PASSED, summary="fine")
    line = ScoreLine(criterion="all", points=10, out_of=10, because="all of it")
    return release_candidate(
        Candidate(need_id="n1", author="agent:a", contract=contract, files=FILES),
        NEED,
        Evidence(
            candidate_digest=folder_digest({path: text.encode() for path, text in FILES.items()}),
            findings=(finding,),
            began_at=NOW,
            duration_ms=1,
        ),
        Verdict(score=10, min_score=9.6, lines=(line,), is_accepted=True),
        signer=team.load_signer(),
        registry=team.registry,
        store=team.store,
        clock=clock,
        new_id=team.new_id,
    )


def agree(release: Release) -> ShadowReport:
    return ShadowReport(release.digest, calls=3, agreed=3, differed=0, failed=0, p50_ms=1, max_ms=1)


def test_two_runs_that_took_up_the_same_release_both_see_it_live(
    crew: Crew, team: Team, release: Release
) -> None:
    first = crew.promote(release, agree(release))
    second = crew.promote(release, agree(release))
    assert first.is_live
    assert second.is_live
    assert second.release.status is Status.LIVE
    assert "another run" in second.reason
    assert [step.after for step in team.registry.history("shout")].count(Status.LIVE) == 1


def test_what_was_set_aside_meanwhile_does_not_go_live(
    crew: Crew, team: Team, release: Release
) -> None:
    team.registry.retire(release.digest, "a person was faster")
    with pytest.raises(InvalidTransitionError):
        crew.promote(release, agree(release))
    assert team.store.releases.find_live("shout") is None
