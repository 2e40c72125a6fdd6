"""Start one cell: hand bubblewrap its descriptors, send the order, wait until the jail is closed.

Everything untrusted is given as a descriptor of bytes in memory. bubblewrap starts with an empty
environment, and inherits nothing but the descriptors made here.
"""

import os
import socket
import subprocess
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pydantic import JsonValue

from skillkiln.errors import SandboxError, SandboxFailedError, SandboxUnavailableError
from skillkiln.sandbox.capabilities import find_hint, has_thread_limit
from skillkiln.sandbox.cell import BubblewrapCell, Streams
from skillkiln.sandbox.cgroups import build_group
from skillkiln.sandbox.command import View, build_command, package_places
from skillkiln.sandbox.interface import Policy, Program
from skillkiln.sandbox.interpreter import Interpreter, find_executable, find_package_folder
from skillkiln.sandbox.reach import Reach

START_TIMEOUT_MS = 30_000
"""How long the trusted start may take on a loaded machine; it is not the program's time."""
BYTES_PER_SCRATCH_FILE = 16_384
"""The scratch folder holds one file for this many bytes of its size."""
TOOL_RUNNER = "tool_runner"
"""The one runner whose filter lets it become a host-chosen program."""
REFUSALS = ("namespace", "uid map", "gid map", "not permitted", "Permission denied")


@dataclass(frozen=True, slots=True)
class Machine:
    """What is found out once about this machine."""

    bwrap: str
    interpreter: Interpreter
    reach: Reach
    outer_filter: bytes
    can_size_scratch: bool
    """Whether this bubblewrap can limit the size of a tmpfs."""
    cgroups: tuple[Path, ...] = ()
    """Delegated control groups to make cells in."""


@dataclass(slots=True)
class Descriptors:
    """The descriptors of one start: those that the cell inherits, and the host's own ends."""

    given: list[int] = field(default_factory=list[int])
    kept: list[int] = field(default_factory=list[int])

    def give_bytes(self, content: bytes) -> int:
        """Make a readable descriptor of some bytes."""
        descriptor = os.memfd_create("cell")
        self.given.append(descriptor)
        with os.fdopen(os.dup(descriptor), "wb") as memory:
            memory.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return descriptor

    def give_writable(self) -> tuple[int, int]:
        """Make a pipe: the end that the cell writes, and the end that the host reads."""
        reading, writing = os.pipe()
        self.given.append(writing)
        self.kept.append(reading)
        return writing, reading

    def give_readable(self) -> tuple[int, int]:
        """Make a pipe: the end that the cell reads, and the end that the host writes."""
        reading, writing = os.pipe()
        self.given.append(reading)
        self.kept.append(writing)
        return reading, writing

    def give_socket(self) -> tuple[int, int]:
        """Make a pair of sockets: the cell's end and the host's."""
        host_end, cell_end = socket.socketpair()
        self.given.append(cell_end.detach())
        self.kept.append(host_end.detach())
        return self.given[-1], self.kept[-1]

    def leave(self, *descriptors: int) -> None:
        """Leave descriptors to somebody else."""
        self.kept = [descriptor for descriptor in self.kept if descriptor not in descriptors]

    def close_given(self) -> None:
        """Close the host's copies of what the cell has inherited, so that its end is seen."""
        while self.given:
            os.close(self.given.pop())

    def close(self) -> None:
        """Close what is still here."""
        self.close_given()
        while self.kept:
            os.close(self.kept.pop())


def launch(machine: Machine, program: Program, policy: Policy, starter: Executor) -> BubblewrapCell:
    """Start a program in a new cell and wait until its jail is closed.

    Args:
        machine: where things are.
        program: what to run.
        policy: its limits.
        starter: runs the start in a thread that outlives the cell.

    Raises:
        SandboxUnavailableError: the kernel refuses to isolate, or something chosen is missing.
        SandboxFailedError: the cell did not come up.
    """
    check_paths(program.files)
    folders = tuple(
        dict.fromkeys(find_package_folder(machine.interpreter, name) for name in program.modules)
    )
    descriptors = Descriptors()
    try:
        cell, last_descriptor = _spawn_cell(machine, program, policy, starter, folders, descriptors)
    except OSError as error:
        raise SandboxFailedError(f"the cell could not be started: {error}") from error
    finally:
        descriptors.close()
    order = build_order(program, policy, folders, last_descriptor, machine.can_size_scratch)
    if not cell.start(order, START_TIMEOUT_MS):
        raise explain_failure(cell)
    return cell


def _spawn_cell(
    machine: Machine,
    program: Program,
    policy: Policy,
    starter: Executor,
    folders: tuple[Path, ...],
    descriptors: Descriptors,
) -> tuple[BubblewrapCell, int]:
    """Start bubblewrap; also return the highest descriptor that the cell inherits."""
    channel, host_channel = descriptors.give_socket()
    output, stdout = descriptors.give_writable()
    errors, stderr = descriptors.give_writable()
    status, host_status = descriptors.give_writable()
    block, unblock = descriptors.give_readable() if machine.cgroups else (None, None)
    view = View(
        runner=program.runner,
        hash_seed=program.hash_seed,
        channel=channel,
        files={path: descriptors.give_bytes(body) for path, body in program.files.items()},
        folders=folders,
        executables={
            name: find_executable(machine.interpreter, name) for name in program.executables
        },
        seccomp=descriptors.give_bytes(machine.outer_filter),
        status=status,
        block=block,
        outer_scratch_bytes=policy.scratch_bytes if machine.can_size_scratch else None,
    )
    command = build_command(machine.bwrap, machine.interpreter, machine.reach, view)
    inherited = tuple(descriptors.given)
    group = build_group(machine.cgroups, policy) if machine.cgroups else None
    process = starter.submit(_spawn, command, inherited, output, errors).result()
    descriptors.close_given()
    descriptors.leave(host_channel, stdout, stderr, host_status)
    streams = Streams(socket.socket(fileno=host_channel), stdout, stderr, host_status)
    cell = BubblewrapCell(process, streams, policy, group)
    if group is not None and unblock is not None:
        try:
            group.add(cell.await_first_process(START_TIMEOUT_MS))
            os.write(unblock, b"go")
        except SandboxError:
            cell.close()
            raise
    return cell, max(inherited)


def build_order(
    program: Program,
    policy: Policy,
    folders: tuple[Path, ...],
    last_descriptor: int,
    has_outer_scratch: bool,
) -> dict[str, JsonValue]:
    """Build the first frame, which tells the trusted start what to do."""
    limits: dict[str, JsonValue] = {**build_limits(policy)}
    limits["has_outer_scratch"] = has_outer_scratch
    import_paths: list[JsonValue] = [*package_places(folders)]
    return {
        "arguments": dict(program.arguments),
        "filter": "tool" if program.runner == TOOL_RUNNER else "inner",
        "import_paths": import_paths,
        "last_descriptor": last_descriptor,
        "limits": limits,
    }


def check_paths(files: Mapping[str, bytes]) -> None:
    """Raise unless every path is plain and relative.

    Raises:
        SandboxFailedError: a path is absolute, climbs, or is not written in its plain form.
    """
    for path in files:
        pure = PurePosixPath(path)
        if (
            not pure.parts
            or pure.is_absolute()
            or ".." in pure.parts
            or str(pure) != path
            or "\0" in path
        ):
            raise SandboxFailedError(f"expected a plain relative path, got {path!r}")


def build_limits(policy: Policy) -> dict[str, int | None]:
    """Build the limits that the runner sets on itself before it loads anything untrusted."""
    return {
        "scratch_bytes": policy.scratch_bytes,
        "scratch_files": max(64, policy.scratch_bytes // BYTES_PER_SCRATCH_FILE),
        "memory_bytes": policy.memory_bytes,
        "cpu_s": policy.cpu_s,
        "file_bytes": policy.file_bytes,
        "open_files": policy.open_files,
        "threads": policy.threads if has_thread_limit() else None,
    }


def _spawn(
    command: list[str], inherited: tuple[int, ...], stdout: int, stderr: int
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env={},
        cwd="/",
        pass_fds=inherited,
    )


def explain_failure(cell: BubblewrapCell) -> SandboxError:
    """End a cell that did not come up and say why."""
    ended = cell.close()
    said = ended.stderr.strip()[-2_000:] or ended.message or f"exit code {ended.code}"
    if "bwrap:" in said and any(word in said for word in REFUSALS):
        return SandboxUnavailableError(
            f"this machine refuses to isolate: {said}", hint=find_hint() or None
        )
    return SandboxFailedError(f"the cell did not come up: {said}")
