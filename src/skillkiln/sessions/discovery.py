"""Finding recordings and the reader for each.

Adding a format is adding one file with its reader and one line to `READERS`.

Rules: folders are walked in sorted order, links are not followed (so that a loop of links ends and
a link cannot lead out of the folder that a person named), and only files with the endings of known
formats are looked at. What cannot be listed is left out; `notice.scan` reports what cannot be read.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from skillkiln.errors import InvalidInputError, SessionFormatError
from skillkiln.sessions.claude_project import ClaudeProjectReader
from skillkiln.sessions.claude_stream import ClaudeStreamReader
from skillkiln.sessions.interface import HEAD_BYTES, Reader

READERS: tuple[Reader, ...] = (ClaudeProjectReader(), ClaudeStreamReader())
"""Every format that can be read, in the order in which they are asked."""

SESSION_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})


def find_session_files(path: Path) -> Iterator[Path]:
    """Yield the recordings at a path: the file itself, or every candidate file below a folder.

    Raises:
        InvalidInputError: there is nothing at the path.
    """
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise InvalidInputError(
            f"{str(path)!r}: expected a recording or a folder of recordings, found nothing there",
            hint="`~/.claude/projects` is where Claude Code keeps them",
        )
    for folder, folders, names in os.walk(path, followlinks=False):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.suffix in SESSION_SUFFIXES and _is_plain_file(file):
                yield file


def _is_plain_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def find_reader(path: Path, readers: Sequence[Reader] = READERS) -> Reader:
    """Return the reader for a recording.

    Raises:
        SessionFormatError: no reader knows the format.
        OSError: the file cannot be opened or read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    for reader in readers:
        if reader.accepts(path, head):
            return reader
    raise SessionFormatError(
        f"{path.name!r}: expected one of {', '.join(reader.name for reader in readers)}",
        where=str(path),
        hint="name the recordings of a supported agent, or the folder that holds them",
    )


def host_session_folders(home: Path, platform: str) -> tuple[Path, ...]:
    """Return the folders in which the hosts on this machine keep their recordings.

    Args:
        home: the person's home folder.
        platform: as `sys.platform` names it.
    """
    candidates = [home / ".claude" / "projects"]
    if platform.startswith("linux"):
        candidates.append(home / ".config" / "claude" / "projects")
    return tuple(folder for folder in candidates if folder.is_dir())
