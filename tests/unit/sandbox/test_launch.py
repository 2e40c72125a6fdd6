"""What may be handed to a cell, and the limits it starts with."""

import pytest

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import MIB, Policy, Program
from skillkiln.sandbox.launch import build_limits, check_paths


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "..", "x\0y", "", "."],
)
def test_a_path_that_leaves_the_folder_is_refused(sandbox: BubblewrapSandbox, path: str) -> None:
    with pytest.raises(SandboxFailedError, match="plain relative path"):
        sandbox.open_cell(Program(runner="echo_runner", files={path: b""}), Policy())


def test_plain_paths_pass() -> None:
    check_paths({"skill.py": b"", "tables/a b.csv": b"", "ünïcode.txt": b"", "-option": b""})


def test_strange_but_plain_paths_reach_the_cell(sandbox: BubblewrapSandbox) -> None:
    files = {"-option": b"1", "a b/ü.txt": b"2", "--help": b"3"}
    with sandbox.open_cell(Program(runner="echo_runner", files=files), Policy()) as cell:
        cell.send({})
        assert cell.receive() is not None


def test_the_limits_follow_the_policy() -> None:
    limits = build_limits(Policy(scratch_bytes=64 * MIB, memory_bytes=7, open_files=9))
    assert limits["memory_bytes"] == 7
    assert limits["open_files"] == 9
    assert limits["scratch_files"] == 4096
    assert build_limits(Policy(scratch_bytes=4096))["scratch_files"] == 64
