"""The demo is a real run: it ends live or with an honest no, and every input of it matters."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from skillkiln.app import Skillkiln
from skillkiln.demo.recorder import Recorded, record_sessions
from skillkiln.notice.interface import NoNeed
from skillkiln.records.needs import Need
from skillkiln.records.signals import Gap, SignalKind
from skillkiln.settings import Settings

SEED = 3
SEED_OF_UNSHOWN_FILES = 8
"""A seed whose sessions look only at the top of the files, so that the files are needed."""
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("seed", [SEED, 1001, 1002])
def test_the_demo_ends_live_and_right_or_says_why_not(shell: Any, seed: int) -> None:
    typed = shell.type("demo", "--seed", seed, "--json")
    assert typed.code in {0, 1}, typed.err
    report = typed.json()
    if report["live"] is None:
        assert typed.code == 1
        assert report["refusals"]
        return
    assert report["live"]["right"] == report["live"]["calls"] > 0
    assert len(report["planted"]) == 4
    assert not any(planted["accepted"] for planted in report["planted"].values())
    assert all(planted["reason"] for planted in report["planted"].values())


def test_the_demo_tells_its_story_and_keeps_it_when_asked(shell: Any) -> None:
    typed = shell.type("demo", "--seed", SEED, "--keep", "kept")
    assert typed.code == 0, typed.out + typed.err
    for word in ("gap", "score", "sha256", "shadow", "latency", "rejected"):
        assert word in typed.out
    workspace = shell.folder / "kept/workspace"
    (live,) = shell.type("skills", "-w", workspace, "--json").json()
    assert live["status"] == "live"
    assert shell.type("audit", "-w", workspace).code == 0


@pytest.fixture
def kiln(tmp_path: Path) -> Any:
    settings = Settings(workspace=tmp_path / "workspace")
    Skillkiln.create(settings)
    with Skillkiln.open(settings) as opened:
        yield opened


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return record(tmp_path / "recorded", SEED)


@pytest.fixture
def unshown(tmp_path: Path) -> Recorded:
    return record(tmp_path / "unshown", SEED_OF_UNSHOWN_FILES)


def record(folder: Path, seed: int) -> Recorded:
    folder.mkdir()
    return record_sessions(folder, seed=seed, clock=lambda: NOW)


def find_gap(kiln: Skillkiln, recorded: Recorded) -> Gap | None:
    """Scan, and return the gap of the main task."""
    paths = {str(path) for path in recorded.main.sessions}
    for gap in kiln.scan([recorded.sessions]).gaps:
        seen = {signal.pointer.path for signal in gap.signals}
        if gap.kind is SignalKind.REWORK and seen & paths:
            return gap
    return None


def build_need(kiln: Skillkiln, recorded: Recorded) -> Need:
    gap = find_gap(kiln, recorded)
    assert gap is not None
    need = kiln.build_need(gap.id, (recorded.work,))
    assert isinstance(need, Need)
    return need


def test_without_a_second_session_there_is_no_gap(kiln: Skillkiln, recorded: Recorded) -> None:
    for path in recorded.main.sessions[1:]:
        path.unlink()
    assert find_gap(kiln, recorded) is None


def test_without_the_files_worked_on_there_is_no_need(kiln: Skillkiln, unshown: Recorded) -> None:
    gap = find_gap(kiln, unshown)
    assert gap is not None
    assert isinstance(kiln.build_need(gap.id, (unshown.work,)), Need)
    shutil.rmtree(unshown.work)
    missing = kiln.build_need(gap.id, (unshown.sessions,))
    assert isinstance(missing, NoNeed)
    assert missing.reason


def test_other_files_give_no_need_for_these_recordings(kiln: Skillkiln, unshown: Recorded) -> None:
    gap = find_gap(kiln, unshown)
    assert gap is not None
    for path in unshown.main.project.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            path.write_text("nothing of the sort\n" * 100)
    assert isinstance(kiln.build_need(gap.id, (unshown.work,)), NoNeed)


def test_other_recorded_outputs_give_another_skill_or_none(
    kiln: Skillkiln, recorded: Recorded
) -> None:
    honest = build_need(kiln, recorded)
    for path in recorded.main.sessions:
        lines = [mislabel(json.loads(line)) for line in path.read_text().splitlines()]
        path.write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    gap = find_gap(kiln, recorded)
    assert gap is not None
    changed = kiln.build_need(gap.id, (recorded.work,))
    assert isinstance(changed, NoNeed) or list_cases(changed) != list_cases(honest)


def list_cases(need: Need) -> set[str]:
    cases = (*need.visible, *need.sealed, *need.held_back)
    return {json.dumps([case.inputs, case.expected]) for case in cases}


def mislabel(record: Any) -> Any:
    """Swap letters in what a recorded script printed as its results."""
    content: object = record.get("message", {}).get("content")
    for block in cast("list[dict[str, Any]]", content) if isinstance(content, list) else []:
        if block.get("type") == "tool_result" and str(block.get("content")).startswith("{"):
            block["content"] = swap(str(block["content"]))
            record["toolUseResult"]["stdout"] = swap(record["toolUseResult"]["stdout"])
    return record


def swap(printed: str) -> str:
    return printed.replace("sshd", "hssd").replace("cron", "norc")


def test_sealed_and_held_back_cases_never_reach_the_release(
    kiln: Skillkiln, recorded: Recorded
) -> None:
    need = build_need(kiln, recorded)
    result = kiln.forge(need)
    assert result.release is not None, result.reason
    sheet = kiln.show(result.release.name)
    visible = {json.dumps(case.inputs) for case in need.visible}
    hidden = [
        text
        for case in (*need.sealed, *need.held_back)
        if json.dumps(case.inputs) not in visible
        for text in case.inputs.values()
    ]
    everything = "\n".join(sheet.files.values()) + json.dumps(
        [attempt.model_dump(mode="json") for attempt in result.attempts]
    )
    assert hidden
    assert not [text for text in hidden if str(text) in everything]
