"""A registry on a real store, a key that may sign for it, and releases to put in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skillkiln.records.evidence import Outcome, Stage
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.skill.digest import build_listing
from skillkiln.skill.manifest import MANIFEST_FILE, Manifest, Source, TestResults, render_manifest
from skillkiln.skill.skill_md import SkillMd, render_skill_md
from skillkiln.store.key_files import create_key
from skillkiln.store.sql import SqlStore, memory_store
from skillkiln.trust.envelope import Envelope, sign_payload
from skillkiln.trust.keys import SigningKey
from skillkiln.trust.statement import PAYLOAD_TYPE, Claim, GateOutcome, build_statement

CODE = b"def run(line: str) -> str:\n    return line.upper()\n"


@dataclass
class Clock:
    """Each reading is a second later."""

    at: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Bench:
    """A registry and what it takes to fill it."""

    store: SqlStore
    registry: Registry
    signer: SigningKey
    keys: Path
    skills: Path
    clock: Clock = field(default_factory=Clock)

    def files(
        self, name: str = "shout", version: str = "1.0.0", *, code: bytes = CODE, **contract: Any
    ) -> dict[str, bytes]:
        """Content by path of a whole skill, skill.json included."""
        skill_md = SkillMd(
            name=name, description=f"Does {name}. Use it for {name}.", body=f"# {name}\n"
        )
        files = {
            "SKILL.md": render_skill_md(skill_md).encode(),
            "skill.py": code,
            "test_skill.py": b"def test() -> None: ...\n",
        }
        manifest = Manifest.model_validate(
            {
                "name": name,
                "version": version,
                "input_schema": {"type": "object", "properties": {"line": {"type": "string"}}},
                "output_schema": {"type": "string"},
                "created_at": self.clock(),
                "created_by": "agent:by-example",
                "source": Source(task_id="n1", trace_id="t1", dossier="gap:3f9a0c"),
                "test_results": TestResults(passed=4, failed=0),
                "sha256": build_listing(files),
                **contract,
            }
        )
        return {**files, MANIFEST_FILE: render_manifest(manifest)}

    def claim(self, name: str = "shout", version: str = "1.0.0", **changes: Any) -> Claim:
        """What is said about it, all of it good unless changed."""
        fields: dict[str, Any] = {
            "name": name,
            "version": version,
            "made_by": "agent:by-example",
            "need_id": "n1",
            "dossier": "gap:3f9a0c",
            "trace_id": "t1",
            "began_at": self.clock(),
            "finished_at": self.clock(),
            "evidence_sha256": "e" * 64,
            "gates": [GateOutcome(gate="types", stage=Stage.TYPECHECK, outcome=Outcome.PASSED)],
            "score": 9.8,
            "min_score": 9.6,
            "ledger_head": self.store.ledger.find_head(),
        }
        return Claim.model_validate({**fields, **changes})

    def sign(
        self, files: dict[str, bytes], claim: Claim, *, by: SigningKey | None = None
    ) -> Envelope:
        """Sign a statement about some files."""
        statement = build_statement(claim, build_listing(files))
        return sign_payload(PAYLOAD_TYPE, statement, [by or self.signer])

    def publish(self, name: str = "shout", version: str = "1.0.0", **contract: Any) -> Release:
        """Publish a sound release; it is in shadow."""
        files = self.files(name, version, **contract)
        return self.registry.publish(files, self.sign(files, self.claim(name, version)))

    def go_live(self, name: str = "shout", version: str = "1.0.0", **contract: Any) -> Release:
        """Publish a sound release and make it live."""
        return self.registry.make_live(self.publish(name, version, **contract).digest, "agreed")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = Clock()
    store = memory_store(clock=clock)
    keys, skills = tmp_path / "keys", tmp_path / "skills"
    signer = create_key(keys, store, clock=clock)
    yield Bench(store, Registry(store, skills, clock), signer, keys, skills, clock)
    store.close()
