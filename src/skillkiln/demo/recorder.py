"""Records days of work that really happened: real files, really executed scripts, true outputs.

    recorded = record_sessions(folder, seed=7, clock=clock)
    scan([recorded.sessions], ...)       # what the demo does with it
    recorded.main.unseen_rows            # what it can check the live skill against

A scripted agent plays the days, so that the demo needs no model and no network; nothing else is
staged. Each seed draws a main task that the embedded authors can learn, a secondary one that they
sometimes can not, the formats of both, and some unrelated work. Rules: the same seed gives the same
files and scripts; the truth about unseen rows stays in memory and never below `root`.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from skillkiln.demo.hard_tasks import HARD_FAMILIES
from skillkiln.demo.line_families import LINE_FAMILIES
from skillkiln.demo.record_scripts import build_record_task
from skillkiln.demo.rewrites import build_rewrite_task
from skillkiln.demo.shell import run_command
from skillkiln.demo.tasks import Row, Task
from skillkiln.demo.text_families import TEXT_FAMILIES
from skillkiln.demo.transcript import slug_project
from skillkiln.demo.workday import Recording, record_side_work, record_task
from skillkiln.errors import InvalidInputError

PROJECTS = ("shop-ops", "field-reports", "ledger-sync", "night-shift", "parcel-desk", "map-tiles")
HARD_SHARE = 1 / 3
"""How often the secondary task is one that no embedded author can learn."""

DAYS_BACK = 12
UNSEEN_ROWS = 24


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """One recurring task, where it was recorded, and the truth about it."""

    name: str
    refusal: str
    """Why no embedded author can learn it; empty where one can."""
    project: Path
    sessions: tuple[Path, ...]
    seen_rows: tuple[Row, ...]
    """The truth about the recorded files."""
    unseen_rows: tuple[Row, ...]
    """Fresh rows of the same format that are in no file; empty where there is no such truth."""

    @property
    def is_learnable(self) -> bool:
        """Whether the recorded runs hold enough to write a skill from, without a model."""
        return not self.refusal


@dataclass(frozen=True, slots=True)
class Recorded:
    """What `record_sessions` left behind, and what it alone knows."""

    seed: int
    work: Path
    """The folder that holds the projects."""
    sessions: Path
    """The folder that holds the recordings, one sub-folder for each project."""
    main: RecordedTask
    secondary: RecordedTask
    side_sessions: tuple[Path, ...]

    @property
    def unseen_rows(self) -> tuple[Row, ...]:
        """The main task's fresh rows, to check the live answer with."""
        return self.main.unseen_rows


def record_sessions(root: Path, *, seed: int, clock: Callable[[], datetime]) -> Recorded:
    """Play and record some days of an agent's work below `root`.

    Args:
        root: An existing folder; `work/` and `sessions/` are made in it.
        seed: Chooses tasks, formats, files, wording and times.
        clock: Says the present in UTC; the sessions lie in the days before it.

    Raises:
        InvalidInputError: there are recordings below `root` already.
    """
    _check_unused(root)
    rng = draw_source(seed, "plan")
    main, secondary = draw_tasks(seed)
    projects = [root / "work" / name for name in rng.sample(PROJECTS, 2)]
    for project in projects:
        _start_project(project)
    sessions = root / "sessions"
    today = clock().replace(hour=0, minute=0, second=0, microsecond=0)
    recorded = [
        _record_days(task, project, sessions, today, draw_source(seed, task.name))
        for task, project in zip((main, secondary), projects, strict=True)
    ]
    side = [
        _write_session(
            record_side_work(project, _draw_moment(today, rng.randint(1, DAYS_BACK), rng), rng),
            sessions,
        )
        for project in projects
    ]
    return Recorded(seed, root / "work", sessions, recorded[0], recorded[1], tuple(side))


def draw_tasks(seed: int) -> tuple[Task, Task]:
    """Draw the main task and a secondary one of the other sort, lines against rewrites."""
    rng = draw_source(seed, "tasks")
    tasks = [
        build_record_task(rng.choice(LINE_FAMILIES)(rng), rng),
        build_rewrite_task(rng.choice(TEXT_FAMILIES)(rng), rng),
    ]
    rng.shuffle(tasks)
    if rng.random() < HARD_SHARE:
        hard = rng.choice(HARD_FAMILIES)(rng)
        # A short list of the main task's own kind would only be more of the main task.
        tasks[1] = hard if hard.stem != tasks[0].stem else tasks[1]
    return tasks[0], tasks[1]


def draw_source(seed: int, purpose: str) -> Random:
    """Return a random source that depends on seed and purpose alone."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 - repeatable by intent, no secret


def _record_days(
    task: Task, project: Path, sessions: Path, today: datetime, rng: Random
) -> RecordedTask:
    days = sorted(rng.sample(range(1, DAYS_BACK + 1), rng.randint(3, 4)), reverse=True)
    recordings = [record_task(task, project, _draw_moment(today, day, rng), rng) for day in days]
    seen = tuple(row for recording in recordings for row in recording.rows)
    return RecordedTask(
        name=task.name,
        refusal=task.refusal,
        project=project,
        sessions=tuple(_write_session(recording, sessions) for recording in recordings),
        seen_rows=seen,
        unseen_rows=_draw_unseen(task, seen, today, rng),
    )


def _draw_unseen(
    task: Task, seen: tuple[Row, ...], today: datetime, rng: Random
) -> tuple[Row, ...]:
    known = {frozenset(row.inputs.items()) for row in seen}
    fresh = {frozenset(row.inputs.items()): row for row in task.sample(rng, today).rows}
    return tuple(row for key, row in fresh.items() if key not in known)[:UNSEEN_ROWS]


def _draw_moment(today: datetime, days_back: int, rng: Random) -> datetime:
    return today - timedelta(days=days_back) + timedelta(seconds=rng.randint(8, 17) * 3600 + 700)


def _check_unused(root: Path) -> None:
    for folder in (root / "work", root / "sessions"):
        if folder.exists():
            raise InvalidInputError(
                f"{folder}: expected nothing there, found recordings of an earlier run",
                hint="name a new folder; recordings of two runs are never mixed",
            )


def _start_project(project: Path) -> None:
    project.mkdir(parents=True)
    (project / "README.md").write_text(f"# {project.name}\n", encoding="utf-8")
    if shutil.which("git"):
        run_command("git init -q -b main", project)


def _write_session(recording: Recording, sessions: Path) -> Path:
    transcript = recording.transcript
    folder = sessions / slug_project(transcript.folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{transcript.session_id}.jsonl"
    path.write_text(transcript.render(), encoding="utf-8")
    return path
