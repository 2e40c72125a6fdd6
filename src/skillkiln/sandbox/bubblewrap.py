"""The one-shot bubblewrap tier: every cell is a fresh `bwrap` with a fresh interpreter in it.

A cell gets namespaces of its own for users, mounts, processes, network, IPC and host name; see
`command` for what it sees, `runners/jail.py` for what is closed from inside, `cell` for what the
host enforces. Started by root, cells run as `nobody` (see `reach`). Untrusted files and frames
cross by descriptor, never by path. What cannot be confined is not run.
"""

import platform
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from skillkiln.errors import SandboxError, SandboxFailedError, SandboxUnavailableError
from skillkiln.sandbox.capabilities import (
    find_hint,
    find_missing,
    find_program,
    has_option,
    list_capabilities,
)
from skillkiln.sandbox.cell import BubblewrapCell
from skillkiln.sandbox.cgroups import describe_groups
from skillkiln.sandbox.command import RUNNERS
from skillkiln.sandbox.interface import Capability, Policy, Probe, Program
from skillkiln.sandbox.interpreter import find_interpreter
from skillkiln.sandbox.launch import Machine, launch
from skillkiln.sandbox.reach import build_reach, find_cell_user

SCRATCH = "/tmp"  # noqa: S108 - the folder's name in every cell


class BubblewrapSandbox:
    """Cells made by bubblewrap, one start each. May be shared by threads; close it at the end."""

    tier = "bubblewrap"

    def __init__(self, *, cgroups: tuple[Path, ...] = ()) -> None:
        """Make a tier; nothing is looked at before it is used.

        Args:
            cgroups: control groups that were delegated to this process, to make cells in: one
                folder for version 2, one for each controller for version 1; none are looked for.
        """
        self._cgroups = cgroups
        self._machine: Machine | None = None
        self._lock = threading.Lock()
        # A cell dies with the thread that started it (PR_SET_PDEATHSIG), so this one lives on.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="cell-starter")
        self._is_closed = False

    def close(self) -> None:
        """Let go of what cells are made with; running cells end with it."""
        self._starter.shutdown()
        with self._lock:
            self._is_closed = True
            if self._machine is not None:
                self._machine.reach.close()
            self._machine = None

    def __enter__(self) -> "BubblewrapSandbox":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def probe(self) -> Probe:
        """Really confine one small program and report."""
        capabilities = (*list_capabilities(), describe_groups(self._cgroups))
        try:
            confined = self._confine_echo()
        except SandboxError as error:
            failed = Capability("confined call", False, error.message, error.hint or "")
            return Probe(self.tier, False, (*capabilities, failed), error.hint or find_hint())
        return Probe(self.tier, True, (*capabilities, *confined))

    def _confine_echo(self) -> tuple[Capability, ...]:
        with self.open_cell(Program(runner="echo_runner"), Policy()) as cell:
            cell.send({"number": 1})
            answer = cell.receive()
            has_file_limit = cell.has_file_limit
        if answer is None or answer["echo"] != {"number": 1}:
            raise SandboxFailedError(f"a confined echo came back as {answer!r:.200}")
        if answer["is_fork_denied"] is not True:
            raise SandboxFailedError("a confined program could make a process")
        detail = f"answered as user {answer['user_id']}, seeing {answer['root']}"
        return (Capability("confined call", True, detail), describe_file_limit(has_file_limit))

    def open_cell(self, program: Program, policy: Policy) -> BubblewrapCell:
        """Start a program.

        Raises:
            SandboxUnavailableError: this machine cannot isolate; the message has the command
                that would change it.
            SandboxFailedError: the cell did not come up.
        """
        return launch(self._find_machine(), program, policy, self._starter)

    def _find_machine(self) -> Machine:
        with self._lock:
            if self._is_closed:
                raise SandboxFailedError("the sandbox is closed")
            if self._machine is None:
                self._machine = find_machine(self._cgroups)
            return self._machine


def describe_file_limit(has_file_limit: bool) -> Capability:
    """Say whether a cell can fill kernel memory with empty files."""
    if has_file_limit:
        return Capability("file limit", True, "the scratch folder limits its number of files")
    return Capability(
        "file limit",
        False,
        "the scratch folder is limited in size, not in its number of files",
        "allow `bwrap` the capability sys_admin inside its user namespace (AppArmor)",
    )


def find_machine(cgroups: tuple[Path, ...]) -> Machine:
    """Find out what cells are made with here.

    Args:
        cgroups: delegated control groups.

    Raises:
        SandboxUnavailableError: something that they need is missing.
    """
    missing = find_missing()
    bwrap = find_program("bwrap")
    if missing is not None or bwrap is None:
        raise SandboxUnavailableError(
            f"nothing can be run safely here: {missing}", hint=find_hint() or None
        )
    interpreter = find_interpreter()
    if interpreter.executable.is_relative_to(SCRATCH):
        raise SandboxUnavailableError(
            f"the interpreter {str(interpreter.executable)!r} lies where cells have their scratch"
            f" folder, {SCRATCH!r}",
            hint="use a Python that is installed elsewhere",
        )
    paths = [*interpreter.libraries, interpreter.executable, RUNNERS.resolve()]
    paths += [*interpreter.package_folders, interpreter.scripts.resolve()]
    filter_path = RUNNERS / "filters" / f"{platform.machine()}-outer.bpf"
    return Machine(
        bwrap=bwrap,
        interpreter=interpreter,
        reach=build_reach(paths, find_cell_user()),
        outer_filter=filter_path.read_bytes(),
        cgroups=cgroups,
        can_size_scratch=has_option(bwrap, "--size"),
    )
