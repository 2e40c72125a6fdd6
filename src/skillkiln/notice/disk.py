"""Files on disk below the folders that a person allowed.

Rules: a path is followed one folder at a time from an allowed root and links are never followed,
so that neither `..` nor a link, nor one put there meanwhile, leads outside. Only regular files of
at most `MAX_FILE_BYTES` of UTF-8 text are read, and never more of them than that.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MAX_FILE_BYTES = 2 * 1024 * 1024

# Only `doctor` works on a machine without these, but it has to get as far as saying so.
_HAS_FLAGS = os.name == "posix"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC if _HAS_FLAGS else 0
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC if _HAS_FLAGS else 0


@dataclass(frozen=True, slots=True)
class NoFiles:
    """A file source without any file, for scans of recordings alone."""

    def find_text(self, path: str) -> str | None:
        """Return None."""
        return None


class DiskFiles:
    """A file source on disk."""

    def __init__(self, roots: Iterable[Path]) -> None:
        """Allow some folders.

        Args:
            roots: folders that a person named; they themselves may be links.
        """
        self._roots = tuple(
            (PurePosixPath(shown), root)
            for root in roots
            for shown in dict.fromkeys((root.absolute(), root.resolve()))
        )

    def find_text(self, path: str) -> str | None:
        """Return a file's text, or None when it is not there, not allowed, or not text."""
        for shown, root in self._roots:
            parts = _list_parts_below(PurePosixPath(path), shown)
            if parts:
                return _read_below(root, parts)
        return None


def _list_parts_below(path: PurePosixPath, root: PurePosixPath) -> tuple[str, ...]:
    """Return the steps from a root down to a path, none when it is not plainly below."""
    if ".." in path.parts or "\0" in str(path) or not path.is_relative_to(root):
        return ()
    return path.relative_to(root).parts


def _read_below(root: Path, parts: tuple[str, ...]) -> str | None:
    opened: list[int] = []
    try:
        opened.append(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for part in parts[:-1]:
            opened.append(os.open(part, _FOLDER, dir_fd=opened[-1]))
        opened.append(os.open(parts[-1], _FILE, dir_fd=opened[-1]))
        return _read_text(opened[-1])
    except OSError:
        return None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _read_text(descriptor: int) -> str | None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
        return None
    with open(descriptor, "rb", closefd=False) as stream:
        content = stream.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
