"""A real workspace with a few released skills, for the agents' door to open."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skillkiln.app import KEYS_FOLDER, SKILLS_FOLDER, STORE_FILE, Skillkiln, clock, new_id
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Finding, Outcome, Stage, Verdict
from skillkiln.records.invocations import Invocation
from skillkiln.records.needs import Need
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.release.release import release_candidate
from skillkiln.settings import Settings
from skillkiln.skill.contract import Contract, Idempotency, Permissions, SideEffect
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import SkillMd, render_skill_md
from skillkiln.store.key_files import load_signer
from skillkiln.store.sql import open_store

LIVE_SKILLS = {
    "count-words": """
def run(text: str, *, limit: int = 100) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in text.split()[:limit]:
        counts[word] = counts.get(word, 0) + 1
    return counts
""",
    "take-nap": """
import time

def run(seconds: float) -> str:
    time.sleep(seconds)
    return "rested"
""",
    "refuse-text": """
def run(text: str) -> str:
    raise ValueError("no: \\x1b[31m" + text)
""",
    "break-promise": """
def run(text: str) -> int:
    return text  # type: ignore[return-value]
""",
    "print-much": """
import sys

def run(text: str) -> str:
    print(text * 100)
    print(text * 100, file=sys.stderr)
    return text
""",
    "reach-network": """
def run(text: str) -> str:
    return text
""",
}
SHADOW_SKILL = "hidden-trial"
PETITION: dict[str, Any] = {
    "side_effects": (SideEffect.NETWORK,),
    "permissions": Permissions(network=("example.org:443",)),
    "idempotency": Idempotency.KEYED,
}


@dataclass(frozen=True)
class Workspace:
    """A workspace on disk, and ways to fill it and look into it without any door."""

    path: Path

    def open(self) -> Skillkiln:
        return Skillkiln.open(Settings(workspace=self.path))

    def calls(self, name: str) -> list[Invocation]:
        """Return the recorded calls of a skill, oldest first."""
        store = open_store(self.path / STORE_FILE, clock=clock)
        try:
            return list(reversed(store.invocations.load(name=name, limit=1_000)))
        finally:
            store.close()

    def release(self, name: str, code: str, *, is_live: bool = True, **contract: Any) -> Release:
        """Sign and publish a skill, and take it live if asked to."""
        store = open_store(self.path / STORE_FILE, clock=clock)
        try:
            registry = Registry(store, self.path / SKILLS_FOLDER, clock)
            candidate = build_candidate(name, code, **contract)
            files = {path: text.encode() for path, text in candidate.files.items()}
            finding = Finding(
                gate="own_tests", stage=Stage.TEST, outcome=Outcome.PASSED, summary="passed"
            )
            release = release_candidate(
                candidate,
                Need(id="need-1", gap_id=None, name=name, purpose="For a test."),
                Evidence(
                    candidate_digest=folder_digest(files),
                    findings=(finding,),
                    began_at=clock(),
                    duration_ms=1,
                ),
                Verdict(score=9.8, min_score=9.6, lines=(), is_accepted=True),
                signer=load_signer(self.path / KEYS_FOLDER, store),
                registry=registry,
                store=store,
                clock=clock,
                new_id=new_id,
            )
            return registry.make_live(release.digest, "for a test") if is_live else release
        finally:
            store.close()


def build_candidate(name: str, code: str, **contract: Any) -> Candidate:
    schemas = derive_schemas(code)
    skill_md = SkillMd(
        name=name,
        description=f"Helps to {name.replace('-', ' ')}: use it for exactly that.",
        body=f"# {name}\n",
    )
    fields: dict[str, Any] = {
        "name": name,
        "version": "1.0.0",
        "input_schema": schemas.input_schema,
        "output_schema": schemas.output_schema,
        **contract,
    }
    return Candidate(
        need_id="need-1",
        author="agent:test",
        contract=Contract.model_validate(fields),
        files={
            "SKILL.md": render_skill_md(skill_md),
            "skill.py": code,
            "test_skill.py": "def test_nothing() -> None: ...\n",
        },
    )


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    path = tmp_path_factory.mktemp("workspace")
    Skillkiln.create(Settings(workspace=path))
    made = Workspace(path)
    for name, code in LIVE_SKILLS.items():
        made.release(name, code, **(PETITION if name == "reach-network" else {}))
    made.release(SHADOW_SKILL, LIVE_SKILLS["count-words"], is_live=False)
    return made


@pytest.fixture(scope="session")
def kiln(workspace: Workspace) -> Iterator[Skillkiln]:
    with workspace.open() as kiln:
        yield kiln


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
