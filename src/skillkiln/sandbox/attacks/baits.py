"""What an attack is after: secrets, servers and a process of the host, and the traces of a success.

Baits are real and open: files that every user may read or write, servers that answer anybody, a
process of the user that cells run as. So an attack that does not get at them was held by the
sandbox and by nothing else. Made fresh for each attack, gone after it.
"""

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from skillkiln.sandbox.reach import SEARCH_PATH

SECRET_PREFIX = "the-secret-is-"  # noqa: S105 - a canary, made up for each attack
OWN_FILE_MODE = 0o666
SETTLE_S = 0.05
"""What a datagram or a new process may need to show itself."""
NAME_BYTES = 15
"""The kernel keeps this much of a process's name."""


@dataclass(frozen=True, slots=True)
class Baits:
    """The baits of one attack."""

    mark: str
    folder: Path
    tcp: socket.socket
    udp: socket.socket
    stream: socket.socket
    abstract: socket.socket
    datagram: socket.socket
    process: "subprocess.Popen[bytes]"

    @property
    def secret(self) -> str:
        """The text that must not get out of its file or environment."""
        return SECRET_PREFIX + self.mark

    @property
    def secret_file(self) -> Path:
        """A file that everybody may read."""
        return self.folder / "secret.txt"

    @property
    def own_file(self) -> Path:
        """A file of the user that cells run as."""
        return self.folder / "own.txt"

    @property
    def sealed_file(self) -> Path:
        """A file that stands for held-out cases."""
        return self.folder / f"sealed-{self.mark}.json"

    @property
    def process_name(self) -> str:
        """What a left-over process calls itself."""
        return f"left{self.mark}"[:NAME_BYTES]

    def describe(self, turn: int) -> dict[str, JsonValue]:
        """Build what the attack is told.

        Args:
            turn: number of the call, from 1.
        """
        return {
            "mark": self.mark,
            "turn": turn,
            "secret": self.secret,
            "secret_file": str(self.secret_file),
            "own_file": str(self.own_file),
            "sealed_file": str(self.sealed_file),
            "folder": str(self.folder),
            "socket_path": str(self.folder / "stream"),
            "datagram_path": str(self.folder / "datagram"),
            "abstract_name": self.mark,
            "tcp_port": self.tcp.getsockname()[1],
            "udp_port": self.udp.getsockname()[1],
            "process_id": self.process.pid,
            "process_name": self.process_name,
        }

    def find_traces(self) -> list[str]:
        """Look for what a success leaves on the host, whatever the attack says."""
        time.sleep(SETTLE_S)
        traces = [f"the host's {name} got something" for name in self._find_visitors()]
        expected = {"secret.txt", "own.txt", self.sealed_file.name, "stream", "datagram"}
        traces += [
            f"a file {path.name} on the host"
            for path in self.folder.iterdir()
            if path.name not in expected
        ]
        if not self._is_own_file_untouched():
            traces.append("the host's file was changed")
        if self.process.poll() is not None:
            traces.append("a process of the host was ended")
        traces += [f"process {process} was left behind" for process in self.find_left_over()]
        return traces

    def _find_visitors(self) -> list[str]:
        listeners = {"TCP server": self.tcp, "unix server": self.stream, "abstract": self.abstract}
        readers = {"UDP server": self.udp, "datagram socket": self.datagram}
        found: list[str] = []
        for name, listener in listeners.items():
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                found.append(name)
        for name, reader in readers.items():
            with contextlib.suppress(BlockingIOError):
                reader.recv(1)
                found.append(name)
        return found

    def _is_own_file_untouched(self) -> bool:
        try:
            status = self.own_file.stat()
        except FileNotFoundError:
            return False
        is_same_mode = stat.S_IMODE(status.st_mode) == OWN_FILE_MODE
        return is_same_mode and status.st_mtime > 1 and self.own_file.read_text("ascii") == "own"

    def find_left_over(self) -> list[int]:
        """Find processes on this machine that carry the attack's mark."""
        found: list[int] = []
        for name in Path("/proc").glob("[0-9]*/comm"):
            with contextlib.suppress(OSError):
                if name.read_text("utf-8", "replace").strip() == self.process_name:
                    found.append(int(name.parent.name))
        return found


@contextlib.contextmanager
def set_baits(mark: str, owner: int | None) -> Generator[Baits]:
    """Set the baits of one attack, and take them away again.

    Args:
        mark: 8 to 11 characters that occur nowhere else on this machine.
        owner: the user that cells run as, None for this process's own.
    """
    with contextlib.ExitStack() as stack:
        # Short: the path of a unix socket has at most 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix="bait-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        (folder / "secret.txt").write_text(SECRET_PREFIX + mark, "ascii")
        (folder / f"sealed-{mark}.json").write_text("[]", "ascii")
        (folder / "own.txt").write_text("own", "ascii")
        sockets = {
            "tcp": _bind(stack, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": _bind(stack, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "stream": _bind(stack, socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "stream")),
            "abstract": _bind(stack, socket.AF_UNIX, socket.SOCK_STREAM, f"\0{mark}"),
            "datagram": _bind(stack, socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagram")),
        }
        _open_to_everybody(folder, owner)
        process = _start_process(mark, owner)
        stack.callback(_end_process, process)
        yield Baits(mark=mark, folder=folder, process=process, **sockets)


def _bind(
    stack: contextlib.ExitStack,
    family: socket.AddressFamily,
    kind: socket.SocketKind,
    address: "str | tuple[str, int]",
) -> socket.socket:
    bound = stack.enter_context(socket.socket(family, kind))
    bound.bind(address)
    if kind is socket.SOCK_STREAM:
        bound.listen()
    bound.setblocking(False)
    return bound


def _open_to_everybody(folder: Path, owner: int | None) -> None:
    for path in (folder, *folder.iterdir()):
        if owner is not None:
            os.chown(path, owner, owner)
        is_own_file = path.name == "own.txt"
        path.chmod(OWN_FILE_MODE if is_own_file else 0o777)


def _start_process(mark: str, owner: int | None) -> "subprocess.Popen[bytes]":
    environment = {"PATH": SEARCH_PATH, "SECRET": SECRET_PREFIX + mark}
    return subprocess.Popen(["sleep", "600"], env=environment, user=owner, group=owner)  # noqa: S607 - fixed PATH


def _end_process(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
