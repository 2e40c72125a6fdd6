"""Finding recordings: what is looked at, in which order, and what is left alone."""

import os
from pathlib import Path

import pytest

from skillkiln.errors import InvalidInputError, SessionFormatError
from skillkiln.sessions.discovery import find_reader, find_session_files, host_session_folders

PROJECT_LINE = b'{"type":"user","sessionId":"s","message":{"role":"user","content":"hi"}}\n'


def test_a_folder_gives_its_recordings_in_order_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a/z.jsonl", "a/notes.md", "c.json", "d.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(PROJECT_LINE)
    names = [path.relative_to(tmp_path).as_posix() for path in find_session_files(tmp_path)]
    assert names == ["b.jsonl", "c.json", "a/z.jsonl"]


def test_links_are_not_followed_so_that_loops_end(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.jsonl").write_bytes(PROJECT_LINE)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "loop").symlink_to(inside, target_is_directory=True)
    (inside / "elsewhere").symlink_to(outside, target_is_directory=True)
    (inside / "link.jsonl").symlink_to(outside / "private.jsonl")
    (inside / "own.jsonl").write_bytes(PROJECT_LINE)
    assert [path.name for path in find_session_files(inside)] == ["own.jsonl"]


def test_pipes_are_not_recordings(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert list(find_session_files(tmp_path)) == []


def test_a_file_that_is_named_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    path = tmp_path / "recording.log"
    path.write_bytes(PROJECT_LINE)
    assert list(find_session_files(path)) == [path]


def test_a_path_with_nothing_there_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="found nothing") as caught:
        list(find_session_files(tmp_path / "none"))
    assert caught.value.hint


def test_the_reader_is_found_by_content(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(PROJECT_LINE)
    assert find_reader(path).name == "claude-code"
    path.write_bytes(PROJECT_LINE.replace(b"sessionId", b"session_id"))
    assert find_reader(path).name == "claude-stream-json"


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b'{"step": 1}\n')
    with pytest.raises(SessionFormatError, match="claude-code, claude-stream-json"):
        find_reader(path)


def test_the_hosts_folders_are_those_that_are_there(tmp_path: Path) -> None:
    assert host_session_folders(tmp_path, "linux") == ()
    folder = tmp_path / ".claude" / "projects"
    folder.mkdir(parents=True)
    assert host_session_folders(tmp_path, "linux") == (folder,)
    assert host_session_folders(tmp_path, "darwin") == (folder,)
