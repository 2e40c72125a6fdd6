"""Publishing under kill -9: a release is there whole, signed and loadable, or not at all."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillkiln.registry.folders import read_skill_folder
from skillkiln.registry.registry import Registry
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.folder import signed_files
from skillkiln.skill.status import Status
from skillkiln.store.sql import open_store

LATER = datetime(2100, 1, 1, tzinfo=UTC)

PUBLISH_FOR_EVER = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Finding, Outcome, Stage, Verdict
from skillkiln.records.needs import Need
from skillkiln.registry.registry import Registry
from skillkiln.release.release import release_candidate
from skillkiln.skill.contract import Contract
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.skill_md import SkillMd, render_skill_md
from skillkiln.store.key_files import create_key, load_signer
from skillkiln.store.sql import open_store

def clock():
    return datetime.now(timezone.utc)

workspace = Path(sys.argv[1])
store = open_store(workspace / "s.db", clock=clock)
if store.keys.load().active is None:
    create_key(workspace / "keys", store, clock=clock)
signer = load_signer(workspace / "keys", store)
registry = Registry(store, workspace / "skills", clock)
candidate = Candidate(
    need_id="n1",
    author="agent:a",
    contract=Contract(
        name="shout", version="1.0.0",
        input_schema={"type": "object"}, output_schema={"type": "string"},
    ),
    files={
        "SKILL.md": render_skill_md(SkillMd(name="shout", description="Shouts.", body="")),
        "skill.py": "def run() -> str: ...\\n",
    },
)
evidence = Evidence(
    candidate_digest=folder_digest({p: t.encode() for p, t in candidate.files.items()}),
    findings=(Finding(gate="g", stage=Stage.TEST, outcome=Outcome.PASSED, summary=""),),
    began_at=clock(),
    duration_ms=1,
)
verdict = Verdict(score=9.9, min_score=9.6, lines=(), is_accepted=True)
need = Need(id="n1", gap_id=None, name="shout", purpose="Shouts.")
while True:
    release = release_candidate(
        candidate, need, evidence, verdict,
        signer=signer, registry=registry, store=store, clock=clock, new_id=lambda: "t",
    )
    registry.make_live(release.digest)
    print(release.digest, flush=True)
"""


def _check_library(workspace: Path, acknowledged: list[str]) -> None:
    store = open_store(workspace / "s.db", clock=lambda: LATER)
    registry = Registry(store, workspace / "skills", lambda: LATER)
    inventory = registry.inventory()
    for release in inventory:
        assert registry.check(release.digest).release == release
        assert release.status in {Status.SHADOW, Status.LIVE, Status.SUPERSEDED}
        folder = registry.export(release.digest)
        assert folder_digest(signed_files(read_skill_folder(folder))) == release.digest
    assert {release.digest for release in inventory} >= set(acknowledged)
    live = [release for release in inventory if release.status is Status.LIVE]
    assert len(live) <= 1
    assert store.releases.find_live("shout") == (live[0].digest if live else None)
    published = [entry.subject for entry in store.ledger.load(kind="published")]
    assert sorted(published) == sorted(release.digest for release in inventory)
    heads = [registry.check(r.digest).statement.claim.ledger_head for r in inventory]
    store.ledger.check(heads=heads)
    store.close()


@pytest.mark.parametrize("acknowledgements", [1, 3])
def test_a_publisher_killed_at_any_time_leaves_a_sound_library(
    tmp_path: Path, acknowledgements: int
) -> None:
    acknowledged: list[str] = []
    for _ in range(3):
        publisher = subprocess.Popen(
            [sys.executable, "-c", PUBLISH_FOR_EVER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert publisher.stdout is not None
        for _ in range(acknowledgements):
            acknowledged.append(publisher.stdout.readline().strip())
        publisher.send_signal(signal.SIGKILL)
        publisher.communicate()
        _check_library(tmp_path, acknowledged)
    assert len(set(acknowledged)) == 3 * acknowledgements
