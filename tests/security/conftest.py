"""A tier to attack, and a disposable world to show that the attacks are real."""

import json
import os
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import skillkiln
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.capabilities import find_program
from skillkiln.sandbox.interpreter import find_interpreter
from skillkiln.sandbox.reach import Reach, build_reach, find_cell_user

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def sandbox() -> Iterator[BubblewrapSandbox]:
    with BubblewrapSandbox() as made:
        if not made.probe().is_usable:
            pytest.skip(made.probe().hint)
        yield made


@pytest.fixture(scope="session")
def unconfined() -> dict[str, list[str]]:
    """What each attack wins in a disposable world, without the sandbox.

    The world starts from an unprivileged user and holds all capabilities over its own namespaces
    and none over the machine. What it can write is a tmpfs that is gone when it ends.
    """
    interpreter = find_interpreter()
    source = Path(skillkiln.__file__).resolve().parents[1]
    # Debian's Python names folders that nothing made.
    named = [Path(folder).resolve() for folder in site.getsitepackages()]
    packages = [folder for folder in named if folder.is_dir()]
    shown = [*interpreter.libraries, interpreter.executable, source, HERE, *packages]
    reach = build_reach(shown, find_cell_user())
    command = [*reach.launcher, *build_world(reach, shown), str(interpreter.executable)]
    ran = subprocess.run(
        [*command, "-s", "-B", str(HERE / "unconfined.py")],
        capture_output=True,
        timeout=120,
        env={},
    )
    reach.close()
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    return json.loads(ran.stdout)


def build_world(reach: Reach, shown: list[Path]) -> list[str]:
    bwrap = find_program("bwrap")
    assert bwrap
    words = [bwrap, "--unshare-all", "--die-with-parent", "--uid", "0", "--gid", "0"]
    words += ["--cap-add", "ALL", "--hostname", "disposable", "--clearenv"]
    words += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for name in ("bin", "sbin", "lib", "lib64"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    for path in shown:
        words += ["--ro-bind", str(reach.find(path)), str(path)]
    words += ["--dir", "/etc", "--dir", "/var/tmp", "--ro-bind-try", "/etc/hosts", "/etc/hosts"]
    paths = [str(path) for path in shown if path.is_dir()]
    words += ["--setenv", "PYTHONPATH", os.pathsep.join(paths)]
    return [*words, "--setenv", "PATH", "/usr/bin:/bin", "--chdir", "/tmp", "--"]


@pytest.fixture(scope="session")
def open_python() -> str:
    """An interpreter of this version that an ordinary user can reach."""
    for candidate in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
        parents = candidate.resolve().parents
        if candidate.exists() and all(parent.stat().st_mode & 0o001 for parent in parents):
            return str(candidate)
    pytest.skip("no Python here is reachable by an ordinary user")
