"""The bubblewrap command line of one cell.

What the cell sees: the interpreter and its libraries, the runners, the packages asked for, the
skill's files, `/dev/null` and `/dev/urandom`, all read-only, and an empty `/tmp` on which the
runner mounts the scratch folder. No `/proc`, no `/sys`, no `/home`, no network, no environment but
the few variables below. `/dev/zero` is missing on purpose: a shared mapping of it is memory that no
rlimit counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillkiln.sandbox.interpreter import SYSTEM_EXTRAS, SYSTEM_LIBRARIES, Interpreter
from skillkiln.sandbox.reach import Reach

RUNNERS = Path(__file__).resolve().parent / "runners"
RUNNERS_IN_CELL = "/runner/skillkiln/sandbox/runners"
DEVICES = ("/dev/null", "/dev/urandom")
ISOLATION = (
    "--unshare-user",
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
    "--hostname",
    "cell",
    "--cap-drop",
    "ALL",
    # For one mount, the scratch folder with its limits; the runner gives it up (runners/jail.py).
    "--cap-add",
    "CAP_SYS_ADMIN",
)
ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the cell's own mount
    "LANG": "C.UTF-8",
    "PATH": "/tools",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": "/runner",
    "PYTHONUTF8": "1",
    "TMPDIR": "/tmp",  # noqa: S108 - the cell's own mount
    "TZ": "UTC",
    # Every thread would otherwise reserve 64 MiB of address space for its own heap.
    "MALLOC_ARENA_MAX": "2",
}
INTERPRETER_OPTIONS = ("-s", "-S", "-P")
"""No site folders, no current folder on the import path; the environment is ours."""


@dataclass(frozen=True, slots=True)
class View:
    """What one cell sees beyond the interpreter, and the descriptors that bubblewrap reads."""

    runner: str
    hash_seed: int
    channel: int
    """Descriptor of the cell's end of the frame socket."""
    files: Mapping[str, int]
    """Descriptor of each untrusted file's content, by path below `/skill`."""
    folders: tuple[Path, ...]
    """Folders of packages."""
    executables: Mapping[str, Path]
    seccomp: int
    status: int
    outer_scratch_bytes: int | None
    """Size of bubblewrap's own scratch folder; None where it cannot limit one."""
    block: int | None = None
    """When given, the cell waits until something can be read from it."""


def build_command(bwrap: str, interpreter: Interpreter, reach: Reach, view: View) -> list[str]:
    """Build the whole command, launcher first."""
    words = [*reach.launcher, bwrap, *ISOLATION, "--clearenv"]
    for name, value in {**ENVIRONMENT, "PYTHONHASHSEED": str(view.hash_seed)}.items():
        words += ["--setenv", name, value]
    words += _system_words()
    words += _interpreter_words(interpreter, reach)
    words += ["--ro-bind", str(reach.find(RUNNERS)), RUNNERS_IN_CELL]
    for folder, place in zip(view.folders, package_places(view.folders), strict=True):
        words += ["--ro-bind", str(reach.find(folder)), place]
    for name, path in view.executables.items():
        words += ["--ro-bind", str(reach.find(path)), f"/tools/{name}"]
    for device in DEVICES:
        words += ["--dev-bind", device, device]
    words += ["--dir", "/skill", "--dir", "/tmp"]  # noqa: S108 - in the cell
    for path, descriptor in view.files.items():
        words += ["--perms", "0444", "--file", str(descriptor), f"/skill/{path}"]
    words += ["--remount-ro", "/", *_scratch_words(view.outer_scratch_bytes), "--chdir", "/skill"]
    words += ["--seccomp", str(view.seccomp), "--json-status-fd", str(view.status)]
    if view.block is not None:
        words += ["--block-fd", str(view.block)]
    start = [f"{RUNNERS_IN_CELL}/start.py", view.runner, str(view.channel)]
    return [*words, "--", str(interpreter.executable), *INTERPRETER_OPTIONS, *start]


def package_places(folders: Sequence[Path]) -> list[str]:
    """Return where a cell sees each folder of packages.

    Not at its path on the host: an environment below `/tmp` would lie under the scratch folder.
    """
    return [f"/packages/{number}" for number in range(len(folders))]


def _scratch_words(size_bytes: int | None) -> list[str]:
    """Build what the runner mounts its scratch folder on, and is left with if it may not."""
    if size_bytes is None:
        return []
    return ["--size", str(size_bytes), "--perms", "0700", "--tmpfs", "/tmp"]  # noqa: S108 - in the cell


def _system_words() -> list[str]:
    words: list[str] = []
    for text in SYSTEM_LIBRARIES:
        path = Path(text)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), text]
        elif path.is_dir():
            words += ["--ro-bind", text, text]
    for text in SYSTEM_EXTRAS:
        words += ["--ro-bind-try", text, text]
    return words


def _interpreter_words(interpreter: Interpreter, reach: Reach) -> list[str]:
    words: list[str] = []
    for path in (*interpreter.libraries, interpreter.executable):
        words += ["--ro-bind", str(reach.find(path)), str(path)]
    for path in interpreter.hidden:
        words += ["--tmpfs", str(path), "--remount-ro", str(path)]
    return words
