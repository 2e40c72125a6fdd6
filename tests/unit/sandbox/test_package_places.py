"""An environment may lie anywhere on the host, also below a folder that every cell covers."""

from dataclasses import replace
from pathlib import Path

import pytest

from skillkiln.sandbox.command import View, build_command, package_places
from skillkiln.sandbox.interpreter import find_interpreter
from skillkiln.sandbox.reach import Reach

VIEW = View(
    runner="tool_runner",
    hash_seed=0,
    channel=3,
    files={},
    folders=(),
    executables={},
    seccomp=4,
    status=5,
    outer_scratch_bytes=1_000,
)


def bound(command: list[str]) -> dict[str, str]:
    """Place in the cell by path on the host, of everything bound read-only."""
    return {
        command[at + 1]: command[at + 2] for at, word in enumerate(command) if word == "--ro-bind"
    }


@pytest.mark.parametrize("root", ["/tmp/clone", "/skill", "/runner/x", "/opt/x"])
def test_packages_are_seen_at_a_place_that_nothing_covers(root: str) -> None:
    folders = (Path(root, "a/site-packages"), Path(root, "b/site-packages"))
    view = replace(VIEW, folders=folders)
    places = bound(build_command("bwrap", find_interpreter(), Reach(), view))
    assert [places[str(folder)] for folder in folders] == package_places(folders)
    assert package_places(folders) == ["/packages/0", "/packages/1"]
