"""Folders that somebody made are read, ours are written: no link is followed, no half is left."""

import os
import socket
import threading
from pathlib import Path

import pytest

from skillkiln.errors import InvalidSkillError, StoreError, StoreFullError
from skillkiln.registry.folders import MAX_DEPTH, read_skill_folder, write_skill_folder
from skillkiln.skill.folder import MAX_FILE_BYTES, MAX_FILES

FILES = {"SKILL.md": b"# s\n", "skill.py": b"def run(): ...\n", "references/a.md": b"a\n"}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_skill_folder(tmp_path / "s" / "1.0.0", FILES)
    assert read_skill_folder(tmp_path / "s" / "1.0.0") == FILES
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["1.0.0"]


def test_a_folder_may_be_reached_through_a_link_but_not_be_one(tmp_path: Path) -> None:
    write_skill_folder(tmp_path / "real" / "s", FILES)
    (tmp_path / "way").symlink_to(tmp_path / "real")
    assert read_skill_folder(tmp_path / "way" / "s") == FILES
    (tmp_path / "link").symlink_to(tmp_path / "real" / "s")
    with pytest.raises(InvalidSkillError, match="not a link"):
        read_skill_folder(tmp_path / "link")


@pytest.mark.parametrize("place", ["missing", "file"])
def test_what_is_no_folder_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidSkillError) as refusal:
        read_skill_folder(tmp_path / place)
    assert refusal.value.where == str(tmp_path / place)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_skill_folder(tmp_path / "s", FILES)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "s"


@pytest.mark.parametrize("target", ["../secret.txt", "skill.py", "references", "nowhere", "."])
def test_links_are_refused_wherever_they_lead(folder: Path, target: str) -> None:
    for place in ("link.txt", "references/link.txt"):
        link = folder / place
        link.symlink_to(target)
        with pytest.raises(InvalidSkillError, match=f"{place}.*symbolic link"):
            read_skill_folder(folder)
        link.unlink()


def test_pipes_and_sockets_are_refused_and_hang_nobody(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    with pytest.raises(InvalidSkillError, match=r"pipe\.txt"):
        read_skill_folder(folder)
    (folder / "pipe.txt").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "s.txt"))
        with pytest.raises(InvalidSkillError, match=r"s\.txt"):
            read_skill_folder(folder)


def test_a_huge_file_is_refused_without_reading_it_all(folder: Path) -> None:
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InvalidSkillError, match=r"huge\.txt"):
        read_skill_folder(folder)


def test_a_file_at_the_limit_is_read(folder: Path) -> None:
    (folder / "big.txt").write_bytes(b"x" * MAX_FILE_BYTES)
    assert len(read_skill_folder(folder)["big.txt"]) == MAX_FILE_BYTES
    (folder / "big.txt").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(InvalidSkillError, match=r"big\.txt"):
        read_skill_folder(folder)


def test_too_many_files_are_refused(folder: Path) -> None:
    for number in range(MAX_FILES):
        (folder / f"{number}.txt").write_text("x")
    with pytest.raises(InvalidSkillError, match=f"at most {MAX_FILES} files"):
        read_skill_folder(folder)


def test_a_bottomless_folder_is_refused(folder: Path) -> None:
    deep = folder.joinpath(*["d"] * (MAX_DEPTH + 1))
    deep.mkdir(parents=True)
    with pytest.raises(InvalidSkillError, match="levels deep"):
        read_skill_folder(folder)


@pytest.mark.parametrize(
    "name", [b"conftest.py", b".env", b"lib.so", b"\xff\xfe.txt", b"skill.pyc"]
)
def test_files_that_may_not_be_part_of_a_skill_are_named(folder: Path, name: bytes) -> None:
    (folder / os.fsdecode(name)).write_bytes(b"x")
    with pytest.raises(InvalidSkillError) as refusal:
        read_skill_folder(folder)
    assert os.fsdecode(name)[-3:] in str(refusal.value.message)


def test_a_folder_that_changes_meanwhile_leads_nowhere(folder: Path) -> None:
    """Swap a file for a link to a secret, over and over, while it is read."""
    swapped, done = folder / "swapped.txt", threading.Event()

    def swap() -> None:
        while not done.is_set():
            fresh = folder.parent / "fresh"
            fresh.write_text("plain")
            fresh.replace(swapped)
            fresh.symlink_to(folder.parent / "secret.txt")
            fresh.replace(swapped)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(300):
            try:
                files = read_skill_folder(folder)
            except InvalidSkillError:
                continue
            assert files.get("swapped.txt", b"") in {b"plain", b""}
    finally:
        done.set()
        swapper.join()


def test_writing_replaces_the_whole_folder(folder: Path) -> None:
    (folder / "left-over.txt").write_text("x")
    write_skill_folder(folder, {"SKILL.md": b"# new\n"})
    assert read_skill_folder(folder) == {"SKILL.md": b"# new\n"}
    assert sorted(path.name for path in folder.parent.iterdir()) == ["s", "secret.txt"]


@pytest.mark.parametrize(
    "path", ["../escape.md", "/etc/escape.md", "a/../../escape.md", ".hidden.md", "a//b.md", ""]
)
def test_nothing_is_written_outside(folder: Path, path: str) -> None:
    before = read_skill_folder(folder)
    with pytest.raises(InvalidSkillError):
        write_skill_folder(folder, {**FILES, path: b"x"})
    assert read_skill_folder(folder) == before
    assert not list(folder.parent.glob("**/escape.md"))


def test_a_link_in_the_way_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "s").symlink_to(tmp_path / "elsewhere")
    write_skill_folder(tmp_path / "s", FILES)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert read_skill_folder(tmp_path / "s") == FILES


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path) -> None:
    for files in ({"a.md": b"", "a.md/b.md": b""}, {"a.md/b.md": b"", "a.md": b""}):
        with pytest.raises(InvalidSkillError, match=r"a\.md"):
            write_skill_folder(tmp_path / "s", files)
        assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_what_stood_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read_skill_folder(folder)
    write_bytes = Path.write_bytes

    def fail(path: Path, content: bytes) -> int:
        if path.name == "skill.py":
            raise OSError(28, "No space left on device")
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(StoreFullError):
        write_skill_folder(folder, FILES)
    assert read_skill_folder(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["s", "secret.txt"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as refusal:
        write_skill_folder(tmp_path / "file" / "s", FILES)
    assert refusal.value.where == str(tmp_path / "file" / "s")
