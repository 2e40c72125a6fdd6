"""The sandbox as the verbs see it: policies, confined programs, cells and what came of them.

A *program* is host-chosen trusted code (the runner) plus the untrusted files that it will load. A
*cell* is one confined process tree running one program. Host and cell talk in length-limited JSON
frames over one socket; nothing else comes back but captured, capped stdout and stderr and what the
kernel says of the exit. The host owns wall time, output size and the kill; it never opens a path
that a cell wrote.

Every tier implements `Sandbox`, and passes `sandbox.self_check`. There is no unsandboxed tier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from skillkiln.skill.reasons import FailureReason

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Policy:
    """What a cell may use. The defaults are what a contract without petitions gets."""

    wall_ms: int = 5_000
    cpu_s: int = 10
    memory_bytes: int = 512 * MIB
    scratch_bytes: int = 64 * MIB
    file_bytes: int = 32 * MIB
    output_bytes: int = 1 * MIB
    """Cap on captured stdout plus stderr; more ends the cell."""
    frame_bytes: int = 8 * MIB
    """Cap on one answer frame; more ends the cell."""
    open_files: int = 128
    threads: int = 64


@dataclass(frozen=True, slots=True)
class Program:
    """What to run in a cell.

    Attributes:
        runner: name of a trusted runner module shipped in `sandbox/runners/`.
        files: untrusted content by path, read-only in the cell under `/skill`.
        arguments: passed to the runner in its first frame.
        modules: import names of host-chosen packages to make importable (for example `pytest`).
        executables: names of host-chosen programs to show under `/tools` (for example `ruff`).
        hash_seed: PYTHONHASHSEED of the cell, 0 to 4294967295.
    """

    runner: str
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    arguments: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    modules: tuple[str, ...] = ()
    executables: tuple[str, ...] = ()
    hash_seed: int = 0


@dataclass(frozen=True, slots=True)
class Exit:
    """How a cell ended."""

    code: int | None
    """Exit code, None when a signal ended it."""
    signal: int | None
    wall_ms: float
    stdout: str
    stderr: str
    failure: FailureReason | None = None
    """The limit or denial that ended it, None for an ordinary end."""
    message: str = ""
    cpu_ms: float | None = None
    peak_memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a cell has used, as the kernel counts it; None where the kernel would not say."""

    cpu_ms: float | None = None
    peak_memory_bytes: int | None = None


class Cell(Protocol):
    """One confined process tree. Use as a context manager; leaving it kills whatever is left.

    One thread at a time talks to a cell; it need not be the one that opened it.
    """

    def send(self, frame: JsonValue) -> None:
        """Send one frame.

        Raises:
            SandboxFailedError: the cell is gone.
        """
        ...

    def receive(self, timeout_ms: int | None = None) -> dict[str, JsonValue] | None:
        """Wait for one frame; None when the cell ended without one (see `close`).

        A cell that sends nothing in time, too much, or what is no frame, is ended for it.

        Args:
            timeout_ms: None waits until the policy's wall clock runs out.
        """
        ...

    def take_printed(self) -> str:
        """Return what was printed since the last time, standard output before standard error."""
        ...

    def measure(self) -> Usage:
        """Return what the program has used so far."""
        ...

    def end(self, failure: FailureReason, message: str) -> None:
        """End the cell for a reason; the first reason stands."""
        ...

    def close(self) -> Exit:
        """Kill what is left of the tree and say how it ended. May be called again."""
        ...

    def __enter__(self) -> "Cell": ...

    def __exit__(self, *exc: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing this machine can or cannot isolate, as `doctor` prints it."""

    name: str
    is_present: bool
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a tier can do here; `is_usable` only after one real confined call came back."""

    tier: str
    is_usable: bool
    capabilities: tuple[Capability, ...]
    hint: str = ""


class Sandbox(Protocol):
    """A tier of isolation."""

    @property
    def tier(self) -> str:
        """The tier's name, for example `bubblewrap`."""
        ...

    def probe(self) -> Probe:
        """Really confine one small program and report."""
        ...

    def open_cell(self, program: Program, policy: Policy) -> Cell:
        """Start a program.

        Raises:
            SandboxUnavailableError: this machine cannot isolate; the message has the command
                that would change it.
            SandboxFailedError: the cell did not come up.
        """
        ...


@dataclass(frozen=True, slots=True)
class CallResult:
    """What one call of a skill came to."""

    output: JsonValue = None
    failure: FailureReason | None = None
    message: str = ""
    """For a failure: what happened, in one line; for an exception `TypeName: message`."""
    exception: str | None = None
    """The exception's type name, when the skill raised."""
    exception_bases: tuple[str, ...] = ()
    """Type names of its base classes, nearest first."""
    attempts: tuple[str, ...] = ()
    """Denied side effects that the runner saw tried, for example `socket`, `write /etc/x`."""
    printed: str = ""
    """What it wrote to stdout and stderr, capped."""
    wall_ms: float = 0.0
    cpu_ms: float | None = None
    peak_memory_bytes: int | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the skill returned a value."""
        return self.failure is None


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test's outcome as the tests' process reported it."""

    test_id: str
    outcome: str
    """`passed`, `failed` or `skipped`."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class TestRun:
    """What a whole test file came to, with the skill in a process of its own."""

    cases: tuple[TestCase, ...]
    failure: FailureReason | None = None
    """Set when the run itself broke: no verdict, a limit, a collection error."""
    message: str = ""
    covered_lines: tuple[int, ...] = ()
    """Lines of skill.py that ran."""
    executable_lines: tuple[int, ...] = ()
    calls: int = 0
    """Calls that reached the skill."""
    wall_ms: float = 0.0
