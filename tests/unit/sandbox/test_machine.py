"""What is found on this machine, how it is made reachable, and the command that comes of it."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import skillkiln
from skillkiln.errors import SandboxUnavailableError
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.calls import call_skill
from skillkiln.sandbox.command import ENVIRONMENT, View, build_command
from skillkiln.sandbox.interface import Policy, Program
from skillkiln.sandbox.interpreter import find_interpreter, find_package_folder
from skillkiln.sandbox.reach import NOBODY, Reach, build_reach, is_user_mapped

LIST_EVERYTHING = b"""
import os, sys

def run():
    return {
        "environment": dict(os.environ),
        "root": sorted(os.listdir("/")),
        "devices": sorted(os.listdir("/dev")),
        "paths": sys.path,
        "packages": [
            name for path in sys.path + %r
            for name in (os.listdir(path) if os.path.isdir(path) else [])
            if "dist-info" in name or name == "pytest"
        ],
        "scratch": os.listdir("/tmp"),
        "host": os.uname().nodename,
        "process": os.getpid(),
        "descriptors": [fd for fd in range(256) if is_open(fd)],
    }

def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
"""

CALL_ONCE = """
import sys
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.calls import call_skill
from skillkiln.sandbox.interface import Policy
with BubblewrapSandbox() as sandbox:
    files = {"skill.py": b"import sqlite3\\ndef run(): return 42"}
    result = call_skill(sandbox, files, {}, Policy())
print(result.output, result.message)
"""


def view_of(*paths: str) -> View:
    return View(
        runner="echo_runner",
        hash_seed=7,
        channel=10,
        files=dict.fromkeys(paths, 11),
        folders=(),
        executables={},
        seccomp=12,
        status=13,
        outer_scratch_bytes=4096,
    )


def test_a_cell_sees_nothing_that_it_was_not_given(sandbox: BubblewrapSandbox) -> None:
    folders = [sysconfig.get_path("purelib"), f"{sys.base_prefix}/lib/python3.11/site-packages"]
    source = LIST_EVERYTHING % [*folders, "/usr/lib/python3/dist-packages"]
    result = call_skill(sandbox, {"skill.py": source}, {}, Policy())
    seen = result.output
    assert isinstance(seen, dict), result.message
    assert seen["environment"] == {**ENVIRONMENT, "PYTHONHASHSEED": "0", "PWD": "/skill"}
    root = seen["root"]
    assert isinstance(root, list)
    assert {"proc", "sys", "home", "var", "run", "boot", "mnt"}.isdisjoint(map(str, root))
    assert seen["devices"] == ["null", "urandom"]
    assert seen["packages"] == []
    assert seen["scratch"] == []
    assert seen["host"] == "cell"
    assert seen["process"] == 2
    descriptors = seen["descriptors"]
    assert isinstance(descriptors, list)
    assert len(descriptors) == 4, "standard streams and the channel"


def test_packages_are_seen_by_those_that_ask(sandbox: BubblewrapSandbox) -> None:
    program = Program(
        runner="skill_runner",
        files={"skill.py": b"import pytest\ndef run(): pass"},
        arguments={"frozen_at": None, "is_traced": False},
        modules=("pytest",),
    )
    with sandbox.open_cell(program, Policy()) as cell:
        frames = [cell.receive(), cell.receive()]
    assert frames[1] == {"loaded": True, "parameters": []}


def test_bubblewrap_itself_has_no_environment(sandbox: BubblewrapSandbox) -> None:
    with sandbox.open_cell(Program(runner="echo_runner"), Policy()) as cell:
        process = cell.find_first_process()
        assert Path(f"/proc/{process}/environ").read_bytes().strip(b"\0") in {b"", b"PWD=/"}


def test_the_cell_has_lost_every_right(sandbox: BubblewrapSandbox) -> None:
    with sandbox.open_cell(Program(runner="echo_runner"), Policy()) as cell:
        first = cell.find_first_process()
        children = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
        status = Path(f"/proc/{children[0]}/status").read_text("ascii")
        namespaces = {
            name: (
                Path(f"/proc/{children[0]}/ns/{name}").readlink(),
                Path(f"/proc/self/ns/{name}").readlink(),
            )
            for name in ("user", "mnt", "pid", "net", "ipc", "uts")
        }
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert fields["NoNewPrivs"].strip() == "1"
    assert fields["Seccomp"].strip() == "2"
    assert int(fields["Seccomp_filters"]) == 2
    assert "0" not in fields["Uid"].split()
    assert all(inside != outside for inside, outside in namespaces.values())


def test_the_command_names_every_wall() -> None:
    command = build_command("/usr/bin/bwrap", find_interpreter(), Reach(), view_of())
    for wall in ("user", "ipc", "pid", "net", "uts"):
        assert f"--unshare-{wall}" in command
    for word in ("--die-with-parent", "--new-session", "--clearenv", "--remount-ro"):
        assert word in command
    assert command[command.index("--cap-drop") + 1] == "ALL"
    assert command[command.index("--seccomp") + 1] == "12"
    assert "--bind" not in command, "nothing of the host is bound writable"
    assert "--proc" not in command
    assert "/dev/zero" not in command


def test_untrusted_paths_stay_behind_the_skill_folder() -> None:
    command = build_command("bwrap", find_interpreter(), Reach(), view_of("--bind", "a/b"))
    targets = [command[index + 2] for index, word in enumerate(command) if word == "--file"]
    assert targets == ["/skill/--bind", "/skill/a/b"]


def test_reach_finds_the_nearest_place() -> None:
    places = {Path("/a/b/c"): Path("/mnt/1"), Path("/a"): Path("/mnt/0")}
    reach = Reach(("launch",), places)
    assert reach.find(Path("/a/b/c/d")) == Path("/mnt/1/d")
    assert reach.find(Path("/a/b")) == Path("/mnt/0/b")
    assert reach.find(Path("/usr/lib")) == Path("/usr/lib")


def test_an_ordinary_user_needs_no_launcher() -> None:
    assert build_reach([Path("/usr")], None) == Reach()


@pytest.mark.parametrize(
    ("uid_map", "is_mapped"),
    [
        ("         0          0 4294967295\n", True),
        ("         0       1000          1\n", False),
        ("0 1000 1\n1 100000 65536\n", True),
        ("", False),
    ],
)
def test_nobody_exists_where_it_is_mapped(uid_map: str, is_mapped: bool) -> None:
    assert is_user_mapped(uid_map) is is_mapped


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a mount namespace")
def test_root_reaches_what_only_root_can_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    (closed / "inner" / "word.txt").write_text("found", "ascii")
    closed.chmod(0o700)
    mounts = Path("/proc/self/mountinfo").read_text("utf-8")
    reach = build_reach([closed / "inner"], NOBODY)
    place = reach.find(closed / "inner" / "word.txt")
    ran = subprocess.run(
        [*reach.launcher, "sh", "-c", f"id -u; cat {place}; cat {closed}/inner/word.txt"],
        capture_output=True,
    )
    reach.close()
    assert ran.stdout == b"65534\nfound"
    assert b"Permission denied" in ran.stderr
    assert Path("/proc/self/mountinfo").read_text("utf-8") == mounts


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a mount namespace")
def test_a_path_that_is_gone_is_no_silent_hole(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailableError, match="mount"):
        build_reach([tmp_path / "gone"], NOBODY)


def test_packages_come_only_from_folders_of_packages() -> None:
    interpreter = find_interpreter()
    assert find_package_folder(interpreter, "pytest") in interpreter.package_folders
    for module in ("json", "skillkiln", "no_such_module_anywhere"):
        with pytest.raises(SandboxUnavailableError):
            find_package_folder(interpreter, module)


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="needs the system's Python")
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_virtual_environment_of_the_system_python_works(tmp_path: Path, mode: int) -> None:
    version = [sys.version_info.major, sys.version_info.minor]
    probe = "import sys; print(list(sys.version_info[:2]))"
    told = subprocess.run(["/usr/bin/python3", "-c", probe], capture_output=True).stdout
    if told.decode().strip() != str(version):
        pytest.skip("the system's Python is another version")
    home = tmp_path / "home"
    home.mkdir(mode=mode)
    builder = "import sys, venv; venv.create(sys.argv[1], symlinks=True)"
    subprocess.run(["/usr/bin/python3", "-c", builder, str(home / "env")], check=True)
    source = Path(skillkiln.__file__).resolve().parents[1]
    environment = {"PYTHONPATH": f"{source}:{sysconfig.get_path('purelib')}"}
    ran = subprocess.run(
        [str(home / "env/bin/python"), "-c", CALL_ONCE],
        capture_output=True,
        env=environment,
        timeout=60,
    )
    assert ran.stdout.strip() == b"42", ran.stderr.decode()
