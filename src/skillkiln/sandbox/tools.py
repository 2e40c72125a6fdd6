"""Run a code checker on a skill's files, in a cell: mypy, ruff or bandit.

The checkers are trusted and their input is not. A tool that found something has exit code 1; one
that could not run has a `failure` or another code: never take that for a clean bill.
"""

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.interface import MIB, Policy, Program, Sandbox
from skillkiln.skill.reasons import FailureReason

TYPE_CACHE = "/tmp/mypy"  # noqa: S108 - in the cell's own scratch folder
TRUSTED_FILE = b"""
import base64, bisect, collections, copy, csv, dataclasses, datetime, decimal, difflib, email.utils
import enum, fractions, functools, hashlib, heapq, html, io, itertools, json, math, operator
import pathlib, random, re, statistics, string, textwrap, typing, unicodedata, urllib.parse, uuid
import zoneinfo
"""
"""Imports what skills import, so that mypy's cache holds it."""

Tool = Literal["mypy", "ruff", "bandit"]
MODULES: Mapping[Tool, bool] = {"mypy": True, "ruff": False, "bandit": True}
"""Whether the tool is a Python module or a program."""
OWN_WORDS: Mapping[Tool, tuple[str, ...]] = {
    "mypy": ("--config-file=", f"--cache-dir={TYPE_CACHE}"),
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
    *,
    type_cache: Mapping[str, bytes] | None = None,
) -> ToolRun:
    """Run a tool with the files as its current folder, read-only.

    Args:
        sandbox: the tier.
        tool: which.
        arguments: command line after the tool's name; paths are relative to the files.
        files: untrusted content by relative path.
        policy: its limits are raised to what the tools need.
        type_cache: from `build_type_cache` with the same arguments but the files; for mypy.

    Raises:
        SandboxUnavailableError: this machine cannot isolate, or the tool is not installed.
        SandboxFailedError: the cell did not come up.
    """
    warm_files = {f".warm/{path}": content for path, content in (type_cache or {}).items()}
    is_module = MODULES[tool]
    program = Program(
        runner="tool_runner",
        files={**files, **warm_files},
        arguments={
            "tool": tool,
            "words": [*OWN_WORDS[tool], *arguments],
            "is_module": is_module,
            "cache_folder": TYPE_CACHE if warm_files else None,
        },
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


def build_type_cache(sandbox: Sandbox, options: Sequence[str], policy: Policy) -> dict[str, bytes]:
    """Let mypy look at the standard library once, so that later runs need not.

    Args:
        sandbox: the tier.
        options: mypy's options exactly as later runs have them; others make the cache useless.
        policy: its limits are raised to what mypy needs.

    Returns:
        Content by relative path. Good for as long as mypy, Python and the options are the same;
        mypy itself ignores what does not fit.

    Raises:
        SandboxUnavailableError: this machine cannot isolate, or mypy is not installed.
        SandboxFailedError: mypy did not do it.
    """
    program = Program(
        runner="cache_runner",
        files={"trusted.py": TRUSTED_FILE},
        arguments={
            "words": [*OWN_WORDS["mypy"], *options, "trusted.py"],
            "cache_folder": TYPE_CACHE,
        },
        modules=("mypy",),
    )
    cache: dict[str, bytes] = {}
    with sandbox.open_cell(program, build_tool_policy(policy)) as cell:
        while (frame := cell.receive()) is not None and "content" in frame:
            cache[str(frame["path"])] = base64.b64decode(str(frame["content"]))
    if frame != {"finished": True}:
        raise SandboxFailedError(f"mypy built no cache: {frame or cell.close().message!s:.2000}")
    return cache


def build_tool_policy(policy: Policy) -> Policy:
    """Raise a skill's limits to what a checker needs."""
    return dataclasses.replace(
        policy,
        wall_ms=max(policy.wall_ms, TOOL_WALL_MS),
        cpu_s=max(policy.cpu_s, TOOL_WALL_MS // 1000),
        memory_bytes=max(policy.memory_bytes, TOOL_MEMORY_BYTES),
        output_bytes=max(policy.output_bytes, TOOL_OUTPUT_BYTES),
    )
