"""Make what a cell needs reachable for the user that it runs as.

An ordinary user starts cells as itself: every path that it can read, it can bind. Root must not:
several limits do not hold for root. So root's cells start as `nobody`; but the interpreter may live
below a folder that only root can enter (its own home, mode 0700). For root, one private mount
namespace is made, with a throwaway tmpfs over a folder that everybody can enter, and the needed
paths bound read-only below it. The namespace lives as long as the file descriptor that holds it;
the host's own mounts never change.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from skillkiln.errors import SandboxUnavailableError

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOBODY = 65534
COVERS = ("/mnt", "/media", "/srv", "/opt", "/var", "/tmp")  # noqa: S108 - covered in private only
BUILD_TIMEOUT_S = 20.0

BUILD_SCRIPT = """
set -e
cover=$1
shift
mount -n -t tmpfs -o mode=755,size=64k,nosuid,nodev skillkiln "$cover"
number=0
for source in "$@"; do
    if [ -d "$source" ]; then mkdir "$cover/$number"; else : > "$cover/$number"; fi
    mount -n --bind "$source" "$cover/$number"
    number=$((number + 1))
done
echo ready
read -r unused || true
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How to start a program where its paths can be reached."""

    launcher: tuple[str, ...] = ()
    """Words to put before the command."""
    places: Mapping[Path, Path] | None = None
    """Where a path is to be found from there; None: where it always was."""
    descriptor: int | None = None
    """The mount namespace, kept alive; close it with the sandbox."""

    def find(self, path: Path) -> Path:
        """Return where `path` is to be found after the launcher ran."""
        if self.places is None:
            return path
        for outer, place in self.places.items():
            if path.is_relative_to(outer):
                return place / path.relative_to(outer)
        return path

    def close(self) -> None:
        """Let the namespace go; running cells keep theirs."""
        if self.descriptor is not None:
            os.close(self.descriptor)


def find_cell_user() -> int | None:
    """Return the user that cells are handed to: nobody for root, None for this process's own.

    Root of a user namespace that has no other user is an ordinary user of the machine.
    """
    if os.geteuid() != 0:
        return None
    return NOBODY if is_user_mapped(Path("/proc/self/uid_map").read_text("ascii")) else None


def is_user_mapped(uid_map: str, user: int = NOBODY) -> bool:
    """Whether a user exists in a user namespace, by the text of its `uid_map`."""
    for line in uid_map.splitlines():
        first, _, count = (int(word) for word in line.split())
        if first <= user < first + count:
            return True
    return False


def build_reach(paths: Iterable[Path], user: int | None) -> Reach:
    """Make `paths` reachable for the user that cells run as.

    Args:
        paths: real, absolute; files or folders.
        user: from `find_cell_user`.

    Raises:
        SandboxUnavailableError: cells need another user, and no private mount namespace can be
            made, or what enters one is missing.
    """
    if user is None:
        return Reach()
    nsenter = shutil.which("nsenter", path=SEARCH_PATH)
    if nsenter is None:
        raise _unreachable(f"`nsenter` is not in {SEARCH_PATH}")
    wanted = sorted(set(paths))
    cover = _find_cover(wanted)
    descriptor = _build_namespace(cover, wanted)
    launcher = (
        nsenter,
        f"--mount=/proc/{os.getpid()}/fd/{descriptor}",
        f"--setuid={user}",
        f"--setgid={user}",
        "--",
    )
    places = {path: cover / str(number) for number, path in enumerate(wanted)}
    # The deepest first, so that `find` meets the nearest bound folder.
    ordered = dict(sorted(places.items(), key=lambda item: -len(item[0].parts)))
    return Reach(launcher, ordered, descriptor)


def _find_cover(wanted: list[Path]) -> Path:
    for text in COVERS:
        cover = Path(text)
        if cover.is_dir() and not any(path.is_relative_to(cover) for path in wanted):
            return cover
    raise SandboxUnavailableError(
        f"expected a folder among {list(COVERS)} that the interpreter does not live in, found none"
    )


def _build_namespace(cover: Path, wanted: list[Path]) -> int:
    command = ["unshare", "--mount", "--propagation", "private", "--"]
    command += ["sh", "-c", BUILD_SCRIPT, "sh", str(cover), *(str(path) for path in wanted)]
    try:
        builder = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": SEARCH_PATH},
        )
    except OSError as error:
        raise _unreachable(str(error)) from error
    with builder:
        assert builder.stdin
        assert builder.stdout
        assert builder.stderr
        try:
            if builder.stdout.readline() != b"ready\n":
                raise _unreachable(builder.stderr.read().decode("utf-8", "replace").strip())
            return os.open(f"/proc/{builder.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            builder.stdin.close()
            builder.wait(BUILD_TIMEOUT_S)


def _unreachable(reason: str) -> SandboxUnavailableError:
    return SandboxUnavailableError(
        f"root cannot make a private mount namespace to hand cells to `nobody`: {reason}",
        hint="run as an ordinary user, or give the container the capability SYS_ADMIN",
    )
