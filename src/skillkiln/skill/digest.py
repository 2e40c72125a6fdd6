"""How bytes and folders are named by their sha256.

A folder's digest is the sha256 of its canonical listing: one line per file, sorted by path, each
`<sha256 of the content>  <path>` (the format of `sha256sum`), so that anyone can compute it again
with `sha256sum`. A path with a line break or a backslash is refused: it could make one listing
stand for two different folders.
"""

import hashlib
from collections.abc import Mapping

from skillkiln.errors import InvalidSkillError


def sha256_hex(content: bytes) -> str:
    """Return the sha256 of some bytes as 64 lowercase hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def build_listing(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return each path's sha256, sorted by path."""
    return {path: sha256_hex(files[path]) for path in sorted(files)}


def folder_digest(files: Mapping[str, bytes]) -> str:
    """Return the sha256 that names a whole folder.

    Args:
        files: content by POSIX path relative to the folder.

    Raises:
        InvalidSkillError: a path would make the listing ambiguous.
    """
    for path in files:
        if any(mark in path for mark in "\n\r\\"):
            raise InvalidSkillError(f"file {path!r:.80}: a line break or backslash in its path")
    lines = "".join(f"{digest}  {path}\n" for path, digest in build_listing(files).items())
    return sha256_hex(lines.encode())
