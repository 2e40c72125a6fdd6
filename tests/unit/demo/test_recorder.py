"""The recordings are real: commands run again give what was recorded, and outputs are the truth."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from skillkiln.demo.hard_tasks import SMALL_LIST_ROWS
from skillkiln.demo.recorder import (
    UNSEEN_ROWS,
    Recorded,
    RecordedTask,
    draw_tasks,
    record_sessions,
)
from skillkiln.demo.shell import run_command
from skillkiln.demo.transcript import slug_project
from skillkiln.errors import InvalidInputError

SEEDS = range(20)
QUICK_SEEDS = 5
"""Seeds that every run looks at; the others are marked slow."""
LONGEST_OUTPUT = 30_000
"""Characters of output that Claude Code keeps of a command."""

Record = Callable[[int], Recorded]
Entry = dict[str, Any]


@pytest.fixture(
    params=[
        pytest.param(seed, marks=[pytest.mark.slow] * (seed >= QUICK_SEEDS), id=f"seed-{seed}")
        for seed in SEEDS
    ]
)
def recorded(request: pytest.FixtureRequest, record: Record) -> Recorded:
    return record(request.param)


def read_entries(path: Path) -> list[Entry]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def all_sessions(recorded: Recorded) -> list[Path]:
    return sorted(recorded.sessions.rglob("*.jsonl"))


def list_blocks(entries: list[Entry]) -> list[Entry]:
    contents: list[str | list[Entry]] = [entry["message"]["content"] for entry in entries]
    return [block for content in contents if not isinstance(content, str) for block in content]


def iter_calls(path: Path) -> Iterator[tuple[Entry, Entry]]:
    """Yield the tool call and its answer, for every shell command of a session."""
    entries = read_entries(path)
    answers = {
        entry["message"]["content"][0]["tool_use_id"]: entry
        for entry in entries
        if "toolUseResult" in entry
    }
    for block in list_blocks(entries):
        if block.get("name") == "Bash":
            yield block["input"], answers[block["id"]]


def split_answer(answer: Entry) -> tuple[bool, str]:
    """Return whether a call failed, and what it printed."""
    block = answer["message"]["content"][0]
    return block["is_error"], block["content"]


def list_files(recorded: Recorded) -> dict[str, bytes]:
    return {
        str(path.relative_to(recorded.work)): path.read_bytes()
        for path in sorted(recorded.work.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def list_commands(recorded: Recorded) -> list[str]:
    tasks = (recorded.main, recorded.secondary)
    paths = [*recorded.side_sessions, *(path for task in tasks for path in task.sessions)]
    return [call["command"] for path in paths for call, _ in iter_calls(path)]


def parse_output(task: RecordedTask, printed: str) -> list[Any]:
    lines = printed.splitlines()
    if isinstance(task.seen_rows[0].expected, str):
        return [line.split(" -> ")[-1].split("\t")[-1] for line in lines]
    return [json.loads(line) for line in lines]


def test_a_session_is_a_chain_of_records_with_rising_times(
    recorded: Recorded, now: datetime
) -> None:
    for path in all_sessions(recorded):
        entries = read_entries(path)
        parents = [entry["parentUuid"] for entry in entries]
        times = [datetime.fromisoformat(entry["timestamp"]) for entry in entries]
        assert parents == [None, *(entry["uuid"] for entry in entries[:-1])]
        assert {entry["sessionId"] for entry in entries} == {path.stem}
        assert {slug_project(Path(entry["cwd"])) for entry in entries} == {path.parent.name}
        assert times == sorted(times)
        assert times[-1] < now


def test_every_call_has_one_answer(recorded: Recorded) -> None:
    for path in all_sessions(recorded):
        blocks = list_blocks(read_entries(path))
        calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
        answers = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        assert calls == answers
        assert len(set(calls)) == len(calls)


def test_records_of_one_message_repeat_its_usage(recorded: Recorded) -> None:
    usages: dict[str, list[Entry]] = {}
    for path in all_sessions(recorded):
        for entry in read_entries(path):
            if entry["type"] == "assistant":
                message = entry["message"]
                usages.setdefault(message["id"], []).append(message["usage"])
    assert all(usage == same[0] for same in usages.values() for usage in same)
    assert any(len(same) > 1 for same in usages.values())
    assert all(same[0]["output_tokens"] > 0 for same in usages.values())


def test_each_task_recurs_in_three_or_more_sessions_on_different_days(recorded: Recorded) -> None:
    for task in (recorded.main, recorded.secondary):
        days = {read_entries(path)[0]["timestamp"][:10] for path in task.sessions}
        assert len(days) == len(task.sessions) >= 3


def test_each_task_session_trips_once_and_then_succeeds(recorded: Recorded) -> None:
    for task in (recorded.main, recorded.secondary):
        for path in task.sessions:
            outcomes = [split_answer(answer) for _, answer in iter_calls(path)]
            assert [is_error for is_error, _ in outcomes][-2:] == [True, False]
            assert not any(is_error for is_error, _ in outcomes[:-2])
            assert "Traceback (most recent call last)" in outcomes[-2][1]


def test_a_recorded_command_gives_its_recorded_result_again(recorded: Recorded) -> None:
    for path in all_sessions(recorded):
        folder = Path(read_entries(path)[0]["cwd"])
        for call, answer in iter_calls(path):
            outcome = run_command(call["command"], folder)
            is_error, printed = split_answer(answer)
            assert (outcome.exit_code != 0) == is_error
            if is_error:
                start = f"Exit code {outcome.exit_code}\n{outcome.stdout}"
                assert printed.startswith(start)
            else:
                assert outcome.stdout == answer["toolUseResult"]["stdout"]


def test_the_final_outputs_are_the_generators_truth(recorded: Recorded) -> None:
    for task in (recorded.main, recorded.secondary):
        if not task.seen_rows:
            continue
        printed = [
            parsed
            for path in task.sessions
            for parsed in parse_output(task, split_answer(list(iter_calls(path))[-1][1])[1])
        ]
        assert printed == [row.expected for row in task.seen_rows]


def test_outputs_are_no_longer_than_a_session_would_hold(recorded: Recorded) -> None:
    for path in all_sessions(recorded):
        for _, answer in iter_calls(path):
            assert len(split_answer(answer)[1]) < LONGEST_OUTPUT


def test_the_main_task_can_be_learnt_and_has_fresh_rows(recorded: Recorded) -> None:
    assert recorded.main.is_learnable
    assert len(recorded.unseen_rows) == UNSEEN_ROWS
    seen = {tuple(row.inputs.values()) for row in recorded.main.seen_rows}
    assert not seen & {tuple(row.inputs.values()) for row in recorded.unseen_rows}


def test_no_fresh_row_is_written_below_the_root(recorded: Recorded) -> None:
    root = recorded.work.parent
    texts = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    for row in recorded.unseen_rows:
        line = "\n".join(row.inputs.values()).encode()
        assert not any(line in text.splitlines() for text in texts)


def test_no_process_is_left_in_the_projects(recorded: Recorded) -> None:
    working_folders: list[Path] = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            working_folders.append(link.readlink())
        except OSError:
            continue
    assert not [path for path in working_folders if path.is_relative_to(recorded.work)]


@pytest.mark.parametrize("seed", [3, 7])
def test_a_seed_gives_the_same_files_and_scripts_again(
    seed: int, record: Record, root: Path, now: datetime
) -> None:
    again = record_sessions(root, seed=seed, clock=lambda: now)
    assert list_files(again) == list_files(record(seed))
    assert list_commands(again) == list_commands(record(seed))


def test_recordings_are_never_mixed_with_earlier_ones(root: Path, now: datetime) -> None:
    record_sessions(root, seed=1, clock=lambda: now)
    with pytest.raises(InvalidInputError, match="earlier run"):
        record_sessions(root, seed=2, clock=lambda: now)


@pytest.mark.slow
def test_no_two_seeds_share_a_file_or_a_script(record: Record) -> None:
    files: list[bytes] = []
    scripts: list[str] = []
    for seed in SEEDS:
        recorded = record(seed)
        named = list_files(recorded)
        files += {text for name, text in named.items() if "README" not in name}
        scripts += {text for text in list_commands(recorded) if "<<" in text}
    assert len(set(files)) == len(files)
    assert len(set(scripts)) == len(scripts)


def test_sessions_of_one_task_word_their_scripts_differently(recorded: Recorded) -> None:
    for task in (recorded.main, recorded.secondary):
        scripts = [list(iter_calls(path))[-1][0]["command"] for path in task.sessions]
        assert len(set(scripts)) == len(scripts)


def test_a_few_hundred_seeds_meet_every_family_and_every_reason_to_refuse() -> None:
    drawn = [draw_tasks(seed) for seed in range(300)]
    mains = {main.name for main, _ in drawn}
    hard = [second for _, second in drawn if second.refusal]
    assert len(mains) >= 12
    assert all(main.is_learnable for main, _ in drawn)
    assert all(main.stem != second.stem for main, second in drawn)
    assert {name.name.split("-")[0] for name in hard} == {"line", "country", "few"}
    assert 60 <= len(hard) <= 140


@pytest.mark.slow
def test_work_that_cannot_be_learnt_holds_no_truth_that_would_betray_it(record: Record) -> None:
    for seed in SEEDS:
        task = record(seed).secondary
        if task.name == "line-totals":
            assert task.seen_rows == task.unseen_rows == ()
        if task.name.startswith("few-"):
            assert len({row.inputs["text"] for row in task.seen_rows}) <= SMALL_LIST_ROWS
            assert task.unseen_rows == ()
