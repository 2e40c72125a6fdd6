"""Run a code checker on a skill's files, in a cell: mypy, ruff or bandit.

The checkers are trusted and their input is not. A tool that found something has exit code 1; one
that could not run has a `failure` or another code: never take that for a clean bill.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from skillkiln.sandbox.interface import MIB, Policy, Program, Sandbox
from skillkiln.skill.reasons import FailureReason

Tool = Literal["mypy", "ruff", "bandit"]
MODULES: Mapping[Tool, bool] = {"mypy": True, "ruff": False, "bandit": True}
"""Whether the tool is a Python module or a program."""
OWN_WORDS: Mapping[Tool, tuple[str, ...]] = {
    "mypy": ("--config-file=", "--cache-dir=/tmp/mypy"),
    "ruff": ("--isolated",),
    "bandit": (),
}
"""Before the caller's words: the untrusted files do not configure what checks them."""
TOOL_WALL_MS = 60_000
TOOL_MEMORY_BYTES = 1024 * MIB
TOOL_OUTPUT_BYTES = 4 * MIB


@dataclass(frozen=True, slots=True)
class ToolRun:
    """What a tool came to."""

    exit_code: int | None
    """None when a signal or the host ended it."""
    stdout: str
    stderr: str
    failure: FailureReason | None = None
    """The limit that ended it."""
    message: str = ""
    wall_ms: float = 0.0


def run_tool(
    sandbox: Sandbox,
    tool: Tool,
    arguments: Sequence[str],
    files: Mapping[str, bytes],
    policy: Policy,
) -> ToolRun:
    """Run a tool with the files as its current folder, read-only.

    Args:
        sandbox: the tier.
        tool: which.
        arguments: command line after the tool's name; paths are relative to the files.
        files: untrusted content by relative path.
        policy: its limits are raised to what the tools need.

    Raises:
        SandboxUnavailableError: this machine cannot isolate, or the tool is not installed.
        SandboxFailedError: the cell did not come up.
    """
    is_module = MODULES[tool]
    program = Program(
        runner="tool_runner",
        files=files,
        arguments={"tool": tool, "words": [*OWN_WORDS[tool], *arguments], "is_module": is_module},
        modules=(tool,) if is_module else (),
        executables=() if is_module else (tool,),
    )
    with sandbox.open_cell(program, build_tool_policy(policy)) as cell:
        cell.receive()
        ended = cell.close()
    return ToolRun(
        exit_code=ended.code,
        stdout=ended.stdout,
        stderr=ended.stderr,
        failure=ended.failure,
        message=ended.message,
        wall_ms=ended.wall_ms,
    )


def build_tool_policy(policy: Policy) -> Policy:
    """Raise a skill's limits to what a checker needs."""
    return dataclasses.replace(
        policy,
        wall_ms=max(policy.wall_ms, TOOL_WALL_MS),
        cpu_s=max(policy.cpu_s, TOOL_WALL_MS // 1000),
        memory_bytes=max(policy.memory_bytes, TOOL_MEMORY_BYTES),
        output_bytes=max(policy.output_bytes, TOOL_OUTPUT_BYTES),
    )
