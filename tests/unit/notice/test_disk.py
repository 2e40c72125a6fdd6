"""Reading files below allowed folders, and nowhere else."""

import os
from pathlib import Path

import pytest

from skillkiln.notice.disk import MAX_FILE_BYTES, DiskFiles


@pytest.fixture
def allowed(tmp_path: Path) -> Path:
    folder = tmp_path / "allowed"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("inside")
    (folder / "sub" / "b.txt").write_text("deeper")
    (tmp_path / "secret.txt").write_text("outside")
    return folder


def test_files_below_the_folder_are_read(allowed: Path) -> None:
    files = DiskFiles([allowed])
    assert files.find_text(str(allowed / "a.txt")) == "inside"
    assert files.find_text(str(allowed / "sub" / "b.txt")) == "deeper"


def test_a_folder_that_is_itself_a_link_is_allowed_by_either_name(
    allowed: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(allowed)
    files = DiskFiles([tmp_path / "link"])
    assert files.find_text(str(tmp_path / "link" / "a.txt")) == "inside"
    assert files.find_text(str(allowed / "a.txt")) == "inside"


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "sub/../../secret.txt", "", ".", "missing.txt", "sub", "a.txt/x", "a\0b"],
)
def test_ways_out_and_nothings_are_refused(allowed: Path, path: str) -> None:
    assert DiskFiles([allowed]).find_text(f"{allowed}/{path}") is None


def test_other_folders_with_the_same_beginning_are_refused(allowed: Path) -> None:
    twin = allowed.parent / "allowed-not"
    twin.mkdir()
    (twin / "a.txt").write_text("twin")
    assert DiskFiles([allowed]).find_text(str(twin / "a.txt")) is None


def test_links_are_refused_wherever_they_stand(allowed: Path) -> None:
    (allowed / "link.txt").symlink_to(allowed.parent / "secret.txt")
    (allowed / "up").symlink_to(allowed.parent, target_is_directory=True)
    (allowed / "own.txt").symlink_to(allowed / "a.txt")
    files = DiskFiles([allowed])
    for name in ("link.txt", "up/secret.txt", "own.txt"):
        assert files.find_text(str(allowed / name)) is None


def test_pipes_large_files_and_binaries_are_refused(allowed: Path) -> None:
    os.mkfifo(allowed / "pipe")
    (allowed / "large").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    (allowed / "binary").write_bytes(b"\xff\xfe\x00")
    files = DiskFiles([allowed])
    assert [files.find_text(str(allowed / n)) for n in ("pipe", "large", "binary")] == [None] * 3


def test_nothing_is_left_open(allowed: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    files = DiskFiles([allowed])
    for name in ("a.txt", "sub/b.txt", "missing", "sub/missing"):
        files.find_text(str(allowed / name))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
