"""Skill folders on disk: read one that somebody made, write one that we made.

Reading trusts nothing: no link is followed, at any depth and however the folder changes meanwhile
(each step opens the next entry relative to the open folder above it, and refuses links there);
only regular files are read, never more than the limits of `skill.folder`. What the files may be
called and hold is checked by `skill.folder.check_files`, which `read_skill_folder` calls.

Writing is all or nothing: the files go to a fresh folder beside the target, which is then renamed.
"""

import os
import shutil
import stat
import tempfile
from pathlib import Path, PurePosixPath

from skillkiln.errors import InvalidSkillError
from skillkiln.skill.folder import MAX_FILE_BYTES, MAX_FILES, SkillFiles, check_files
from skillkiln.store.failures import build_file_error

MAX_DEPTH = 8
# Only `doctor` works on a machine without these, but it has to get as far as saying so.
_HAS_FLAGS = os.name == "posix"
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC if _HAS_FLAGS else 0
# Non-blocking, so that opening a pipe that somebody left there cannot hang.
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC if _HAS_FLAGS else 0


def read_skill_folder(path: Path) -> dict[str, bytes]:
    """Read every file of a skill folder.

    Args:
        path: the folder; the path up to it may contain links, it itself may not be one.

    Returns:
        Content by POSIX path relative to the folder, sorted by path.

    Raises:
        InvalidSkillError: naming the first entry that is no plain file, is too large, or may not
            be part of a skill.
    """
    files: dict[str, bytes] = {}
    try:
        folder = os.open(path, _OPEN_FOLDER)
    except OSError as error:
        raise InvalidSkillError(
            f"expected a folder, not a link: {error.strerror}", where=str(path)
        ) from error
    try:
        _read_entries(folder, PurePosixPath(), files)
    except InvalidSkillError as error:
        raise InvalidSkillError(error.message, where=str(path), hint=error.hint) from error
    finally:
        os.close(folder)
    check_files(files)
    return dict(sorted(files.items()))


def _read_entries(folder: int, within: PurePosixPath, files: dict[str, bytes]) -> None:
    if len(within.parts) > MAX_DEPTH:
        raise InvalidSkillError(f"folder {str(within)!r}: more than {MAX_DEPTH} levels deep")
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        path = within / name
        kind = _find_kind(name, folder, path)
        if stat.S_ISDIR(kind):
            inner = _open_entry(name, folder, path, _OPEN_FOLDER)
            try:
                _read_entries(inner, path, files)
            finally:
                os.close(inner)
        elif stat.S_ISREG(kind):
            if len(files) == MAX_FILES:
                raise InvalidSkillError(f"expected at most {MAX_FILES} files")
            files[str(path)] = _read_file(name, folder, path)
        else:
            raise InvalidSkillError(f"file {str(path)!r}: a {_name_kind(kind)} is refused")


def _find_kind(name: str, folder: int, path: PurePosixPath) -> int:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except OSError as error:
        raise InvalidSkillError(f"file {str(path)!r}: {error.strerror}") from error


def _read_file(name: str, folder: int, path: PurePosixPath) -> bytes:
    descriptor = _open_entry(name, folder, path, _OPEN_FILE)
    with os.fdopen(descriptor, "rb") as file:
        # It may have been swapped since it was listed.
        kind = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(kind):
            raise InvalidSkillError(f"file {str(path)!r}: a {_name_kind(kind)} is refused")
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise InvalidSkillError(f"file {str(path)!r}: more than {MAX_FILE_BYTES} bytes")
    return content


def _open_entry(name: str, folder: int, path: PurePosixPath, flags: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        raise InvalidSkillError(f"file {str(path)!r}: {error.strerror}") from error


def _name_kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "symbolic link"
    return "pipe, socket or device"


def write_skill_folder(path: Path, files: SkillFiles) -> None:
    """Write a skill folder, in place of whatever stood there.

    Args:
        path: the folder; those above it are made.
        files: content by POSIX path relative to the folder.

    Raises:
        InvalidSkillError: a file may not be part of a skill.
        StoreFullError: the disk is full; what stood there still stands.
        StoreError: the folder cannot be written.
    """
    check_files(files)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            for relative, content in files.items():
                _write_file(fresh, relative, content)
            fresh.chmod(0o755)
            _put_in_place(fresh, path)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise build_file_error(error, where=str(path)) from error


def _write_file(folder: Path, relative: str, content: bytes) -> None:
    target = folder / relative
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise InvalidSkillError(
            f"file {relative!r}: something on its way is a file and a folder at once"
        ) from error


def _put_in_place(fresh: Path, path: Path) -> None:
    if not os.path.lexists(path):
        fresh.rename(path)
        return
    # A folder that is not empty cannot be renamed over; so the old one steps aside first.
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        path.rename(aside / "old")
        try:
            fresh.rename(path)
        except OSError:
            (aside / "old").rename(path)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
