"""A whole small kiln for each test: real store, registry and sandbox, and skills to put in it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Finding, Outcome, Stage, Verdict
from skillkiln.records.needs import Need
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.release.release import release_candidate
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import Sandbox
from skillkiln.skill.contract import Contract
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import SkillMd, render_skill_md
from skillkiln.store.key_files import create_key
from skillkiln.store.sql import SqlStore, open_store
from skillkiln.trust.keys import SigningKey
from skillkiln.watch.shadow import Mirror

FIRST_WORD = """
def run(text: str) -> str:
    if not text:
        raise ValueError("no words")
    return text.split()[0]
"""


@dataclass
class Clock:
    """Stands still unless it is moved; each reading adds a millisecond."""

    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Bench:
    """The services of a kiln, and ways to fill it."""

    store: SqlStore
    registry: Registry
    sandbox: Sandbox
    signer: SigningKey
    clock: Clock
    ids: Iterator[int] = field(default_factory=itertools.count)

    def new_id(self) -> str:
        return f"id-{next(self.ids)}"

    def mirror(self) -> Mirror:
        return Mirror(self.registry, self.store, self.sandbox, self.clock, self.new_id)

    def release(self, name: str = "first-word", code: str = FIRST_WORD, **contract: Any) -> Release:
        """Sign and publish a skill; it is in shadow."""
        schemas = derive_schemas(code)
        fields: dict[str, Any] = {
            "name": name,
            "version": "1.0.0",
            "input_schema": schemas.input_schema,
            "output_schema": schemas.output_schema,
            **contract,
        }
        skill_md = SkillMd(
            name=name,
            description=f"Does {name.replace('-', ' ')}: use it when that is needed.",
            body=f"# {name}\n",
        )
        candidate = Candidate(
            need_id="need-1",
            author="agent:test",
            contract=Contract.model_validate(fields),
            files={
                "SKILL.md": render_skill_md(skill_md),
                "skill.py": code,
                "test_skill.py": "def test_nothing() -> None: ...\n",
            },
        )
        files = {path: text.encode() for path, text in candidate.files.items()}
        finding = Finding(
            gate="own_tests",
            stage=Stage.TEST,
            outcome=Outcome.PASSED,
            summary="5 passed",
            figures={"tests": 5, "tests_passed": 5},
        )
        return release_candidate(
            candidate,
            Need(id="need-1", gap_id=None, name=name, purpose="Takes the first word."),
            Evidence(
                candidate_digest=folder_digest(files),
                findings=(finding,),
                began_at=self.clock(),
                duration_ms=1,
            ),
            Verdict(score=9.8, min_score=9.6, lines=(), is_accepted=True),
            signer=self.signer,
            registry=self.registry,
            store=self.store,
            clock=self.clock,
            new_id=self.new_id,
        )

    def go_live(self, name: str = "first-word", code: str = FIRST_WORD, **contract: Any) -> Release:
        """Sign and publish a skill, and take it live."""
        return self.registry.make_live(self.release(name, code, **contract).digest, "for a test")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[BubblewrapSandbox]:
    with BubblewrapSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def bench(tmp_path: Path, sandbox: BubblewrapSandbox) -> Iterator[Bench]:
    clock = Clock()
    store = open_store(tmp_path / "store.db", clock=clock)
    signer = create_key(tmp_path / "keys", store, clock=clock)
    registry = Registry(store, tmp_path / "skills", clock)
    yield Bench(store=store, registry=registry, sandbox=sandbox, signer=signer, clock=clock)
    store.close()
