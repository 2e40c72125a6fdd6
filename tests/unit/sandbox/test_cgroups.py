"""Cells in a delegated control group: the limits that are written, and that they hold."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.calls import call_skill
from skillkiln.sandbox.cgroups import KERNEL_BYTES, build_group, describe_groups
from skillkiln.sandbox.interface import MIB, Policy, Program

PROCESS_HIERARCHIES = ("/sys/fs/cgroup/pids", "/sys/fs/cgroup")
"""Version 1 and 2; only their roots, where nobody else's group is disturbed."""


@pytest.fixture
def delegated() -> Iterator[Path]:
    """A real control group made for this test, with room for groups below it."""
    for text in PROCESS_HIERARCHIES:
        folder = Path(text) / f"skillkiln-test-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            continue
        yield folder
        folder.rmdir()
        return
    pytest.skip("no control group can be made here")


def test_cells_live_in_a_group_and_leave_none(delegated: Path) -> None:
    with BubblewrapSandbox(cgroups=(delegated,)) as sandbox:
        assert describe_groups((delegated,)).is_present
        with sandbox.open_cell(Program(runner="echo_runner"), Policy()) as cell:
            (group,) = (path for path in delegated.iterdir() if path.is_dir())
            members = (group / "cgroup.procs").read_text("ascii").split()
            assert str(cell.find_first_process()) in members
            assert len(members) == 2, "process 1 and the runner"
            assert int((group / "pids.max").read_text("ascii")) == Policy().threads + 4
        assert [path for path in delegated.iterdir() if path.is_dir()] == []
        files = {"skill.py": b"def run(): return 1"}
        assert call_skill(sandbox, files, {}, Policy()).output == 1


def test_a_group_bounds_threads_by_itself(delegated: Path) -> None:
    source = b"""
import threading
def run():
    stop, started = threading.Event(), 0
    try:
        for _ in range(60):
            threading.Thread(target=stop.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    stop.set()
    return started
"""
    (delegated / "pids.max").write_text("20", "ascii")
    with BubblewrapSandbox(cgroups=(delegated,)) as sandbox:
        result = call_skill(sandbox, {"skill.py": source}, {}, Policy())
    assert isinstance(result.output, int), result.message
    assert result.output < 20


def test_every_limit_is_written_that_the_folder_has(tmp_path: Path) -> None:
    """The shape of version 2, in a plain folder: a group's files appear with the group."""
    policy = Policy(memory_bytes=100 * MIB, scratch_bytes=10 * MIB, threads=8)
    with pytest.raises(SandboxFailedError, match="neither a memory nor a process limit"):
        build_group((tmp_path,), policy)
    assert list(tmp_path.iterdir()) == [], "the half-made group is gone"
    assert policy.memory_bytes + policy.scratch_bytes + KERNEL_BYTES == 174 * MIB


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with pytest.raises(SandboxFailedError, match="gone"):
        build_group((gone,), Policy())
    assert not describe_groups((gone,)).is_present
    with BubblewrapSandbox(cgroups=(gone,)) as sandbox:
        assert not sandbox.probe().is_usable


def test_without_a_group_the_probe_says_so() -> None:
    found = describe_groups(())
    assert not found.is_present
    assert "no delegated group" in found.detail
