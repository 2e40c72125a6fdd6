"""Limits for a whole cell, where somebody delegated a control group.

Optional, on top of the limits that each process keeps: a cell has one process, so rlimits hold it
already; a group also counts what the kernel keeps for it. A folder is used only when it is handed
in: groups belong to whoever runs the machine (systemd's single-writer rule), and moving a process
out of the group it was put in would take it out of somebody's accounts. Version 2 wants one folder;
version 1 one for each controller.
"""

import contextlib
import itertools
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.interface import MIB, Capability, Policy

KERNEL_BYTES = 64 * MIB
"""Room for page tables, sockets and the interpreter's own file pages."""
OWN_PROCESSES = 4
"""bubblewrap's process 1, and the runner twice while it starts."""
REMOVE_TRIES = 50
REMOVE_PAUSE_S = 0.02

CELL_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Group:
    """The groups of one cell; one folder for each hierarchy."""

    folders: tuple[Path, ...]

    def add(self, process: int) -> None:
        """Put a process, and all that it starts from now on, into the group.

        Raises:
            SandboxFailedError: the kernel refuses.
        """
        for folder in self.folders:
            try:
                (folder / "cgroup.procs").write_text(str(process), "ascii")
            except OSError as error:
                raise SandboxFailedError(
                    f"process {process} cannot be put into {str(folder)!r}: {error.strerror}"
                ) from error

    def close(self) -> None:
        """Kill what is left in the group and remove it."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                _write_limit(folder / "cgroup.kill", 1)
            for _ in range(REMOVE_TRIES):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    # The kernel lets go of a dead process a moment after its parent heard of it.
                    time.sleep(REMOVE_PAUSE_S)


def build_group(parents: Iterable[Path], policy: Policy) -> Group:
    """Make the groups of one cell below the delegated folders.

    Raises:
        SandboxFailedError: a folder is no control group, or may not be written.
    """
    name = f"cell-{os.getpid()}-{next(CELL_NUMBERS)}"
    made: list[Path] = []
    for parent in parents:
        folder = parent / name
        try:
            _enable_controllers(parent)
            folder.mkdir()
            made.append(folder)
            _write_limits(folder, policy)
        except OSError as error:
            Group(tuple(made)).close()
            raise SandboxFailedError(
                f"no group can be made in {str(parent)!r}: {error.strerror}",
                hint="hand in a folder that is delegated to this user, or none",
            ) from error
    return Group(tuple(made))


def _enable_controllers(parent: Path) -> None:
    """Pass memory and process limits on to the groups below; version 1 always does."""
    switch = parent / "cgroup.subtree_control"
    if switch.exists() and "memory" not in switch.read_text("ascii").split():
        switch.write_text("+memory +pids", "ascii")


def _write_limits(folder: Path, policy: Policy) -> None:
    memory_bytes = policy.memory_bytes + policy.scratch_bytes + KERNEL_BYTES
    limits = {
        "memory.max": memory_bytes,
        "memory.swap.max": 0,
        "memory.limit_in_bytes": memory_bytes,
        "pids.max": policy.threads + OWN_PROCESSES,
    }
    written = [name for name, value in limits.items() if _write_limit(folder / name, value)]
    if not written:
        raise FileNotFoundError(2, "it has neither a memory nor a process limit")


def _write_limit(path: Path, value: int) -> bool:
    if not path.exists():
        return False
    path.write_text(str(value), "ascii")
    return True


def describe_groups(parents: tuple[Path, ...]) -> Capability:
    """Say whether cells have limits of their own as a whole."""
    if not parents:
        return Capability(
            "control groups",
            False,
            f"no delegated group was given ({_describe_hierarchies()}); limits are kept for the"
            " one process of a cell",
        )
    try:
        build_group(parents, Policy()).close()
    except SandboxFailedError as error:
        return Capability("control groups", False, error.message, error.hint or "")
    return Capability("control groups", True, f"cells are made in {[str(p) for p in parents]}")


def _describe_hierarchies() -> str:
    try:
        lines = Path("/proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return "the kernel shows none"
    names = sorted({line.split(":")[1] or "version 2" for line in lines if ":" in line})
    return f"the kernel has {', '.join(names) or 'none'}"
