"""Wiring: settings in, services out. The only place that picks implementations, clock and ids.

    with Skillkiln.open(read_settings()) as kiln:
        report = kiln.scan([Path("~/.claude/projects").expanduser()])
        need = kiln.build_need(report.gaps[0].id)
        result = kiln.forge(need)
        kiln.invoke(result.release.name, {"line": "..."}, caller="me")

The command line, the MCP server and the demo are faces of this one class.
"""

import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import JsonValue

from skillkiln.author.adopted import Adopted
from skillkiln.author.by_example import ByExample
from skillkiln.author.record_fields import RecordFields
from skillkiln.errors import UnknownNameError, WorkspaceError
from skillkiln.invoke.descriptions import SkillDescription
from skillkiln.invoke.finding import describe_skill, find_skills
from skillkiln.invoke.gap_reports import GapReport, report_gap
from skillkiln.invoke.invoker import Invoker
from skillkiln.notice.disk import DiskFiles
from skillkiln.notice.interface import NoNeed
from skillkiln.notice.needs import build_need
from skillkiln.notice.requests import Request, build_need_from_labels, build_need_from_table
from skillkiln.notice.scan import ScanProgress, ScanReport, scan
from skillkiln.notice.secrets import redact_secrets
from skillkiln.notice.tables import Table
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Outcome, Stage
from skillkiln.records.invocations import Invocation
from skillkiln.records.needs import Need
from skillkiln.records.releases import Release
from skillkiln.records.signals import Gap
from skillkiln.registry.cards import SkillCard
from skillkiln.registry.folders import read_skill_folder
from skillkiln.registry.registry import Registry
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import Probe
from skillkiln.sessions.discovery import host_session_folders
from skillkiln.settings import Settings, home_folder
from skillkiln.store.key_files import create_key, load_signer, revoke, rotate
from skillkiln.store.rows import Forgotten, ScannedSession
from skillkiln.store.sql import SqlStore, open_store
from skillkiln.trust.keyring import Keyring
from skillkiln.watch.lifecycle import retire, roll_back
from skillkiln.watch.promotion import PromotionPolicy
from skillkiln.workflows.adopt import build_adoption
from skillkiln.workflows.audit import AuditReport, audit
from skillkiln.workflows.crew import Team
from skillkiln.workflows.forge import forge, weigh
from skillkiln.workflows.interface import Crew, ForgeResult, Limits, Teller
from skillkiln.workflows.naming import choose_free_name
from skillkiln.workflows.sheet import SkillSheet, build_sheet

STORE_FILE = "skillkiln.db"
KEYS_FOLDER = "keys"
SKILLS_FOLDER = "skills"


class Silent:
    """A teller that tells nobody."""

    def stage(self, stage: Stage, note: str) -> None:
        """Say nothing."""

    def gate(self, stage: Stage, gate: str, outcome: Outcome | None) -> None:
        """Say nothing."""

    def attempt(self, attempt: Attempt) -> None:
        """Say nothing."""


class Skillkiln:
    """One open workspace. Use as a context manager; may be used from several threads."""

    def __init__(self, settings: Settings, store: SqlStore) -> None:
        self.settings = settings
        self._store = store
        self._sandbox = BubblewrapSandbox(cgroups=settings.cgroup_folders)
        self._registry = Registry(store, settings.workspace / SKILLS_FOLDER, self.clock)
        self._invoker = Invoker(self._registry, store, self._sandbox, self.clock, new_id)

    # The workspace

    @staticmethod
    def has_workspace(settings: Settings) -> bool:
        """Say whether there is a workspace where the settings point."""
        return (settings.workspace / STORE_FILE).is_file()

    @staticmethod
    def create(settings: Settings) -> str:
        """Make a workspace where there is none, and return the id of its signing key."""
        settings.workspace.mkdir(parents=True, exist_ok=True)
        store = open_store(settings.workspace / STORE_FILE, clock=clock)
        try:
            active = store.keys.load().active
            if active is None:
                return create_key(settings.workspace / KEYS_FOLDER, store, clock=clock).key_id
            return active.key_id
        finally:
            store.close()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open a workspace.

        Raises:
            WorkspaceError: there is none.
        """
        if not cls.has_workspace(settings):
            raise WorkspaceError(
                f"no workspace in {str(settings.workspace)!r}",
                hint="make one with `skillkiln init`, or point at one with `--workspace`",
            )
        return cls(settings, open_store(settings.workspace / STORE_FILE, clock=clock))

    def close(self) -> None:
        """Let go of the store and of what the sandbox holds."""
        self._sandbox.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @staticmethod
    def probe_sandbox(settings: Settings) -> Probe:
        """Really confine a small program and say what this machine can isolate."""
        with BubblewrapSandbox(cgroups=settings.cgroup_folders) as sandbox:
            return sandbox.probe()

    @staticmethod
    def host_session_folders() -> tuple[Path, ...]:
        """Return the folders where this machine's agents keep their sessions."""
        return host_session_folders(home_folder(), sys.platform)

    @property
    def _keys_folder(self) -> Path:
        return self.settings.workspace / KEYS_FOLDER

    def keyring(self) -> Keyring:
        """Return the public keys and where each stands."""
        return self._store.keys.load()

    def rotate_key(self) -> None:
        """Make a new signing key; the one before signs no more."""
        rotate(self._keys_folder, self._store, clock=clock)

    def revoke_key(self, key_id: str, reason: str) -> None:
        """Declare that nothing a key ever signed counts any more."""
        revoke(self._keys_folder, self._store, key_id, reason, clock=clock)

    def clock(self) -> datetime:
        """Return the present moment in UTC."""
        return clock()

    # Notice

    def scan(
        self, paths: Sequence[Path], on_progress: Callable[[ScanProgress], None] | None = None
    ) -> ScanReport:
        """Read recordings, and keep the gaps found in them."""
        report = scan(
            paths,
            forgotten=self._store.sessions.load_forgotten(),
            max_file_bytes=self.settings.scan_file_mb * 1_000_000,
            on_progress=on_progress,
        )
        with self._store.transaction():
            self._store.sessions.save(
                ScannedSession.model_validate(each.model_dump()) for each in report.recordings
            )
            self._store.gaps.save(report.gaps)
            self._store.ledger.append(
                "scanned",
                "sessions",
                {"sessions": report.sessions, "files": report.files, "gaps": len(report.gaps)},
            )
        return report

    def gaps(self) -> tuple[Gap, ...]:
        """Return the gaps known, the worthiest first."""
        return self._store.gaps.load_ranked()

    def load_gap(self, gap_id: str) -> Gap:
        """Return one gap by its id or how it begins.

        Raises:
            UnknownNameError: there is none.
        """
        gap = self._store.gaps.find(gap_id)
        if gap is None:
            raise UnknownNameError("gap", gap_id, hint="`skillkiln gaps` lists them")
        return gap

    def forget(self, session_id: str) -> Forgotten:
        """Remove what came from a session."""
        return self._store.forget_session(session_id)

    # Needs

    def build_need(self, gap_id: str, files: Sequence[Path] = ()) -> Need | NoNeed:
        """Analyse a gap: recover cases from its recorded runs.

        Args:
            gap_id: the gap's id or how it begins.
            files: folders whose files may be read, because the sessions worked on them.
        """
        gap = self.load_gap(gap_id)
        need = build_need(gap, files=DiskFiles(files), seed=self.settings.split_seed)
        return self._keep_need(choose_free_name(need, self._registry))

    def build_need_from_table(self, table: Table, request: Request) -> Need | NoNeed:
        """Build a need from rows that a person gave."""
        return self._keep_need(build_need_from_table(table, request, seed=self.settings.split_seed))

    def build_need_from_labels(
        self,
        labelled: Sequence[tuple[str, dict[str, str]]],
        lines: Sequence[str],
        source: str,
        request: Request,
    ) -> Need | NoNeed:
        """Build a need from log lines whose fields somebody named."""
        return self._keep_need(
            build_need_from_labels(labelled, lines, source, request, seed=self.settings.split_seed)
        )

    def _keep_need(self, need: Need | NoNeed) -> Need | NoNeed:
        if isinstance(need, Need):
            self._store.needs.save(need)
        return need

    # Forge

    def forge(self, need: Need, tell: Teller | None = None) -> ForgeResult:
        """Have a need met: write, prove, judge, sign, shadow, go live."""
        return forge(need, self._crew(), self._limits(), tell or Silent())

    def adopt(
        self, folder: Path, cases: Table | None, author: str, tell: Teller | None = None
    ) -> ForgeResult:
        """Bring in a skill that a person wrote, through the same gates."""
        candidate, need = build_adoption(
            read_skill_folder(folder), cases, author, seed=self.settings.split_seed
        )
        self._store.needs.save(need)
        crew = replace(self._crew(), authors=(Adopted(candidate),))
        return forge(need, crew, self._limits(), tell or Silent())

    def weigh(self, candidate: Candidate, need: Need) -> Attempt:
        """Prove and judge a candidate without releasing it."""
        attempt = weigh(candidate, 1, need, self._crew(), Silent(), ())
        self._store.attempts.save(attempt)
        return attempt

    def _limits(self) -> Limits:
        return Limits(
            max_refinements=self.settings.max_refinements,
            wall_ms=int(self.settings.forge_wall_s * 1000),
            author_wall_ms=int(self.settings.author_wall_s * 1000),
        )

    def _crew(self) -> Crew:
        ends_at = time.monotonic() + self.settings.forge_wall_s
        team = Team(
            store=self._store,
            registry=self._registry,
            sandbox=self._sandbox,
            load_signer=lambda: load_signer(self._keys_folder, self._store),
            clock=clock,
            new_id=new_id,
            min_score=self.settings.min_score,
            promotion=PromotionPolicy(
                self.settings.shadow_min_calls, self.settings.shadow_min_agreement
            ),
            remaining_ms=lambda: max(0, int((ends_at - time.monotonic()) * 1000)),
        )
        authors = (RecordFields(time.monotonic), ByExample(time.monotonic))
        return team.build_crew(authors, time.monotonic)

    # The library

    def inventory(self) -> tuple[Release, ...]:
        """Return every release and where it stands."""
        return self._registry.inventory()

    def find_skills(self, query: str, k: int = 5) -> tuple[SkillCard, ...]:
        """Return interfaces of live skills that fit a query, never code."""
        return find_skills(self._registry, query, k)

    def describe_skill(self, name: str) -> SkillDescription:
        """Return all that an agent may read about a live skill."""
        return describe_skill(self._registry, self._store, name)

    def show(self, name: str) -> SkillSheet:
        """Return all there is to know about a skill, its code and evidence included."""
        return build_sheet(self._store, self._registry, name)

    def invoke(
        self,
        name: str,
        inputs: dict[str, JsonValue],
        *,
        version: str | None = None,
        idempotency_key: str | None = None,
        caller: str,
    ) -> Invocation:
        """Call a live skill in the sandbox and record the call."""
        return self._invoker.invoke(
            name, inputs, version=version, idempotency_key=idempotency_key, caller=caller
        )

    def report_gap(self, report: GapReport) -> str:
        """Keep what an agent says it lacks, and return the gap's id."""
        return report_gap(
            report, store=self._store, redact=redact_secrets, clock=clock, new_id=new_id
        ).id

    def roll_back(self, name: str, reason: str) -> Release | None:
        """Switch a name back to its previous good version; None where there is none."""
        return roll_back(self._registry, name, reason)

    def retire(self, name: str, reason: str) -> Release:
        """Take a skill out of service."""
        return retire(self._registry, name, reason)

    def audit(self) -> AuditReport:
        """Check the ledger's chain and every release."""
        return audit(self._store, self._registry)


def clock() -> datetime:
    """Return the present moment in UTC. The one clock of the program; all others are passed in."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a fresh random id."""
    return uuid.uuid4().hex
