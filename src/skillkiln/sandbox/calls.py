"""Call a skill in a cell: once, or many times in one session.

A skill's cell holds its code and its own resource files, and nothing by which it could tell a
trial from real life: no tests, no manifest, no attestations. Whatever comes back is checked; a
failure is a value, never an exception. A call that broke its cell costs the session the skill's
state: the next call gets a fresh cell.

Example:
    with open_skill(sandbox, {"skill.py": source}, build_policy(contract)) as session:
        result = session.call({"text": "a,b"})
"""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.interface import CallResult, Cell, Policy, Program, Sandbox, Usage
from skillkiln.sandbox.skill_frames import (
    AnswerFrame,
    AttemptFrame,
    CompiledFrame,
    CoverageFrame,
    LoadedFrame,
    build_answer_result,
    build_ended_result,
    build_raised_result,
    parse_as,
)
from skillkiln.skill.folder import ATTESTATION_FILE, LOCK_FILE, SKILL_MD, TEST_PY
from skillkiln.skill.manifest import MANIFEST_FILE
from skillkiln.skill.reasons import FailureReason

HIDDEN_FILES = frozenset({TEST_PY, SKILL_MD, MANIFEST_FILE, LOCK_FILE, ATTESTATION_FILE})
SESSION_WALL_MS = 600_000
"""How long the cell of a session may live; each call in it has the policy's own wall clock."""
MAX_ATTEMPT_FRAMES = 1_000
"""An honest runner reports at most a hundred for each call."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Lines of skill.py: those that have code, and those that ran."""

    executable: tuple[int, ...]
    covered: tuple[int, ...]


class SkillSession:
    """A skill ready to be called, made by `open_skill`. Use as a context manager."""

    def __init__(self, sandbox: Sandbox, program: Program, policy: Policy) -> None:
        self._sandbox = sandbox
        self._program = program
        self._policy = policy
        self._cell: Cell | None = None
        self._attempts: dict[str, None] = {}
        self._executable: set[int] = set()
        self._covered: set[int] = set()
        self._last_id = 0
        self.parameters: tuple[str, ...] = ()
        """Names of the parameters of `run`, in order, once the skill is loaded."""
        self.load_failure: CallResult | None = None
        """Why the skill could not be loaded; every call then comes to this."""
        self._load()

    def __enter__(self) -> "SkillSession":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the skill's cell. A call after this would start another."""
        if self._cell is not None:
            self._cell.close()
            self._cell = None

    def call(self, inputs: Mapping[str, JsonValue]) -> CallResult:
        """Call the skill once; a failure is in the result.

        Raises:
            SandboxUnavailableError: this machine cannot isolate.
            SandboxFailedError: a fresh cell was needed and did not come up.
        """
        if self._cell is None and self.load_failure is None:
            self._load()
        if self._cell is None:
            return self.load_failure or CallResult(failure=FailureReason.RUNTIME_ERROR)
        cell, started, before = self._cell, time.monotonic(), self._cell.measure()
        self._last_id += 1
        try:
            cell.send({"id": self._last_id, "inputs": dict(inputs)})
        except SandboxFailedError:
            return self._give_up(cell, started)
        except ValueError as error:
            message = f"the inputs are not JSON: {error}"
            return CallResult(failure=FailureReason.CONTRACT_VIOLATION, message=message)
        frame = self._receive(cell, started)
        answer = parse_as(AnswerFrame, frame) if frame is not None else None
        if answer is None or answer.id != self._last_id:
            _refuse(cell, frame)
            return self._give_up(cell, started)
        after = cell.measure()
        return dataclasses.replace(
            build_answer_result(answer),
            attempts=self._take_attempts(),
            printed=cell.take_printed(),
            wall_ms=(time.monotonic() - started) * 1000,
            cpu_ms=_subtract_cpu(after, before),
            peak_memory_bytes=after.peak_memory_bytes,
        )

    def coverage(self) -> Coverage:
        """Say which lines of skill.py ran in this session; needs `is_traced`.

        Lines that only ran in a cell that broke are not known.
        """
        if self._cell is not None:
            self._cell.send({"coverage": True})
            frame = self._receive(self._cell, time.monotonic())
            answer = parse_as(CoverageFrame, frame) if frame is not None else None
            self._covered |= set(answer.covered if answer else ())
        covered = self._covered & self._executable
        return Coverage(tuple(sorted(self._executable)), tuple(sorted(covered)))

    def _load(self) -> None:
        """Start a cell and load the skill in it."""
        # The cell lives as long as the session; each call keeps the policy's own clock.
        policy = dataclasses.replace(
            self._policy,
            wall_ms=max(self._policy.wall_ms, SESSION_WALL_MS),
            cpu_s=max(self._policy.cpu_s, SESSION_WALL_MS // 1000),
        )
        cell = self._sandbox.open_cell(self._program, policy)
        started = time.monotonic()
        failure = self._read_load(cell, started)
        if failure is None:
            self._cell = cell
            return
        ended = cell.close()
        self.load_failure = dataclasses.replace(
            failure,
            attempts=self._take_attempts(),
            printed=failure.printed or ended.stdout + ended.stderr,
            wall_ms=(time.monotonic() - started) * 1000,
        )

    def _read_load(self, cell: Cell, started: float) -> CallResult | None:
        """Read what became of loading; None when the skill is ready."""
        frame = self._receive(cell, started)
        compiled = parse_as(CompiledFrame, frame) if frame is not None else None
        if compiled is not None and compiled.exception is not None:
            raised = build_raised_result(compiled.exception)
            return dataclasses.replace(raised, failure=FailureReason.SYNTAX_ERROR)
        if compiled is not None:
            self._executable |= set(compiled.lines)
            frame = self._receive(cell, started)
        loaded = parse_as(LoadedFrame, frame) if frame is not None else None
        if loaded is None:
            _refuse(cell, frame)
            return self._describe_end(cell)
        if loaded.unanswered is not None:
            return CallResult(failure=FailureReason.CONTRACT_VIOLATION, message=loaded.unanswered)
        if loaded.exception is not None:
            return build_raised_result(loaded.exception)
        self.parameters = loaded.parameters
        return None

    def _receive(self, cell: Cell, started: float) -> dict[str, JsonValue] | None:
        """Wait for a frame that is no attempt, at most the policy's wall clock after `started`."""
        deadline = started + self._policy.wall_ms / 1000
        for _ in range(MAX_ATTEMPT_FRAMES):
            remaining_ms = max(0, round((deadline - time.monotonic()) * 1000))
            frame = cell.receive(remaining_ms)
            tried = parse_as(AttemptFrame, frame) if frame is not None else None
            if tried is None:
                return frame
            self._attempts[tried.attempt] = None
        cell.end(FailureReason.CONTRACT_VIOLATION, "a flood of reports instead of an answer")
        return None

    def _take_attempts(self) -> tuple[str, ...]:
        attempts = tuple(self._attempts)
        self._attempts.clear()
        return attempts

    def _give_up(self, cell: Cell, started: float) -> CallResult:
        """End a broken cell and say what came of the call; the next call gets a fresh one."""
        result = self._describe_end(cell)
        self._cell = None
        wall_ms = (time.monotonic() - started) * 1000
        return dataclasses.replace(result, attempts=self._take_attempts(), wall_ms=wall_ms)

    def _describe_end(self, cell: Cell) -> CallResult:
        result = build_ended_result(cell.close())
        if result.failure is FailureReason.TIMEOUT:
            message = f"no answer within {self._policy.wall_ms} ms"
            return dataclasses.replace(result, message=message)
        return result


def _refuse(cell: Cell, frame: dict[str, JsonValue] | None) -> None:
    """End a cell that said something which is no answer."""
    if frame is not None:
        message = f"expected an answer, got a frame with {sorted(frame)!s:.200}"
        cell.end(FailureReason.CONTRACT_VIOLATION, message)


def _subtract_cpu(after: Usage, before: Usage) -> float | None:
    if after.cpu_ms is None or before.cpu_ms is None:
        return None
    return after.cpu_ms - before.cpu_ms


def open_skill(
    sandbox: Sandbox,
    files: Mapping[str, bytes],
    policy: Policy,
    *,
    hash_seed: int = 0,
    frozen_at: float | None = None,
    is_traced: bool = False,
) -> SkillSession:
    """Load a skill into a cell, ready to be called.

    Args:
        sandbox: the tier.
        files: the skill's folder; tests, documents and manifests stay outside the cell.
        policy: what a call may use; its wall clock counts for each call, and for loading.
        hash_seed: order of sets of text; the same seed, the same order.
        frozen_at: wall clock in seconds since 1970-01-01 UTC, standing still; None lets it run.
        is_traced: whether `coverage` is wanted; it makes calls slower.

    Raises:
        SandboxUnavailableError: this machine cannot isolate.
        SandboxFailedError: the cell did not come up.
    """
    program = Program(
        runner="skill_runner",
        files={path: body for path, body in files.items() if path not in HIDDEN_FILES},
        arguments={"frozen_at": frozen_at, "is_traced": is_traced},
        hash_seed=hash_seed,
    )
    return SkillSession(sandbox, program, policy)


def call_skill(
    sandbox: Sandbox,
    files: Mapping[str, bytes],
    inputs: Mapping[str, JsonValue],
    policy: Policy,
    *,
    hash_seed: int = 0,
    frozen_at: float | None = None,
) -> CallResult:
    """Call a skill once, in a cell of its own. Arguments and errors as for `open_skill`."""
    with open_skill(sandbox, files, policy, hash_seed=hash_seed, frozen_at=frozen_at) as session:
        return session.call(inputs)
