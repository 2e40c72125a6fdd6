"""Tell the host of every side effect that is tried, before the kernel refuses it.

The interpreter's audit events fire inside the operation, so an attempt is reported even when the
skill swallows the error. Each report is a frame of its own, sent at once: nothing later can unsay
it. It is evidence about honest and careless skills; native code can go round it, and meets the
kernel's refusal all the same.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from skillkiln.sandbox.runners.jail import SCRATCH

MAX_ATTEMPTS = 100
MAX_DETAIL_CHARACTERS = 200
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

AF_UNIX = 1
PLAIN_EVENTS = {
    "socket.__new__": "socket",
    "socket.connect": "connect",
    "socket.bind": "bind",
    "socket.getaddrinfo": "resolve",
    "socket.gethostbyname": "resolve",
    "subprocess.Popen": "execute",
    "os.system": "execute",
    "os.exec": "execute",
    "os.posix_spawn": "execute",
    "os.spawn": "execute",
    "os.startfile": "execute",
    "os.fork": "fork",
    "os.forkpty": "fork",
    "os.kill": "signal",
    "os.killpg": "signal",
    "ctypes.dlopen": "native code",
    "ctypes.dlsym": "native code",
}
PATH_EVENTS = frozenset(
    {
        "os.chmod",
        "os.chown",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.setxattr",
        "os.removexattr",
        "os.symlink",
        "os.truncate",
        "os.utime",
    }
)


class Witness:
    """Reports each attempt once, until it is told to begin anew."""

    def __init__(self, report: Callable[[dict[str, Any]], None]) -> None:
        self._report = report
        self._seen: set[str] = set()

    def watch(self) -> None:
        """Install the audit hook; it stays for the life of the process."""
        sys.addaudithook(self._on_event)

    def begin(self) -> None:
        """Forget what was seen: another call starts."""
        self._seen.clear()

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in PLAIN_EVENTS and event not in PATH_EVENTS and event != "open":
            return
        try:
            attempt = name_attempt(event, arguments)
        except Exception:  # noqa: BLE001 - a path may be an object whose text is code
            attempt = event
        if attempt is not None and attempt not in self._seen and len(self._seen) < MAX_ATTEMPTS:
            self._seen.add(attempt)
            self._report({"attempt": attempt})


def name_attempt(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Name the side effect behind an audit event; None when it is not one."""
    if event == "socket.__new__" and arguments[1] == AF_UNIX:
        return None  # half of a pair, as asyncio makes one; binding or connecting it is seen
    if event in PLAIN_EVENTS:
        return _clip(f"{PLAIN_EVENTS[event]}{_plain_detail(event, arguments)}")
    if event == "open":
        path, mode, flags = arguments
        if _is_write(mode, flags) and not is_scratch(path):
            return _clip(f"write {_text(path)}")
    if event in PATH_EVENTS and not is_scratch(_changed_path(event, arguments)):
        verb = event.removeprefix("os.")
        return _clip(f"{verb} {_text(_changed_path(event, arguments))}")
    return None


def is_scratch(path: object) -> bool:
    """Whether a path, as the operation was given it, lies in the scratch folder."""
    if isinstance(path, int):
        return True  # a descriptor: whatever opened it was seen
    text = os.path.normpath(os.path.join(SCRATCH, _text(path)))  # noqa: PTH118 - no disk access
    return text == SCRATCH or text.startswith(SCRATCH + "/") or text == "/dev/null"


def _is_write(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & WRITE_FLAGS)


def _changed_path(event: str, arguments: tuple[Any, ...]) -> object:
    return arguments[1 if event in {"os.link", "os.rename", "os.symlink"} else 0]


def _plain_detail(event: str, arguments: tuple[Any, ...]) -> str:
    if event in {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "ctypes.dlopen"}:
        return f" {_text(arguments[0])}"
    if event in {"socket.connect", "socket.bind"}:
        return f" {arguments[1]}"
    if event.startswith("socket.get"):
        return f" {_text(arguments[0])}"
    return ""


def _text(path: object) -> str:
    if isinstance(path, bytes):
        return path.decode("utf-8", "replace")
    return str(path)


def _clip(text: str) -> str:
    return text[:MAX_DETAIL_CHARACTERS].encode("utf-8", "replace").decode()
