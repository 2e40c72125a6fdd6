"""`./run` on every kind of machine: what it installs, what it refuses to do, what it leaves behind.

A machine is a folder of programs: the few real ones that the script may use, and stand-ins that
write down how they were called, for those that reach out (apt-get, sudo, Python with pip). What pip
and apt really do is tried by setting a clone up, which needs a network; this file needs none.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLONED = ["run", "requirements.lock", "requirements-dev.lock", "pyproject.toml"]
REAL = [
    *("bash", "env", "readlink", "dirname", "sha256sum", "uname"),
    *("mkdir", "find", "rm", "cat", "sleep", "chmod", "touch", "true"),
]
COMPLETE = ["bwrap", "flock", "setpriv", "mount"]

PYTHON = """#!/usr/bin/env bash
# Stands in for Python: has the version, pip and ensurepip that the machine's files say.
here=$MACHINE
case "$*" in
"-c import sys; sys.exit(sys.version_info < (3, 11))") [[ ! -e $here/is_old ]] ;;
"-c import sys; print"*) echo "python3.11-venv" ;;
"-c import venv, ensurepip" | "-c import ensurepip") [[ -e $here/has_ensurepip ]] ;;
"-m pip --version") [[ -e $here/has_pip && ! -e ${0%/*}/without-pip ]] ;;
--version) echo "Python 3.11.2" ;;
"-m venv"*)
    venv=${*: -1}
    mkdir -p "$venv/bin"
    cat "$0" >"$venv/bin/python"
    echo 'echo "skillkiln $*"' >"$venv/bin/skillkiln"
    chmod +x "$venv/bin/python" "$venv/bin/skillkiln"
    [[ $* != *--without-pip* ]] || touch "$venv/bin/without-pip"
    echo "venv $*" >>"$here/log"
    ;;
"-m pytest"*) echo "$*" ;;
"-m pip"*)
    echo "pip $*" >>"$here/log"
    if [[ -e $here/pip_shrugs ]]; then trap 'exit 0' INT && : >"$here/pip_began" && sleep 30; fi
    if [[ -e $here/pip_waits ]]; then : >"$here/pip_began" && exec sleep 30; fi
    [[ ! -e $here/pip_fails ]]
    ;;
esac
"""
RECORDER = '#!/usr/bin/env bash\necho "{name} $DEBIAN_FRONTEND $*" >>"$MACHINE/log"\n{then}\n'


class Machine:
    """A clone on a machine that has only the programs that were put there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clone = root / "a clone"
        self.programs = root / "programs"
        self.log_file = root / "log"
        self.clone.mkdir(parents=True)
        self.programs.mkdir()
        for name in CLONED:
            shutil.copy(ROOT / name, self.clone / name)
        self.link(*REAL)

    def link(self, *names: str) -> None:
        """Put real programs there."""
        for name in names:
            found = shutil.which(name)
            assert found is not None, name
            (self.programs / name).symlink_to(found)

    def write(self, name: str, text: str) -> None:
        """Put a stand-in there."""
        (self.programs / name).write_text(text, encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def record(self, name: str, then: str = "") -> None:
        """Put a program there that writes down how it was called."""
        self.write(name, RECORDER.format(name=name, then=then))

    def touch(self, *facts: str) -> None:
        """Note facts that the stand-in for Python goes by."""
        for fact in facts:
            (self.root / fact).touch()

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": str(self.programs), "HOME": str(self.root), "MACHINE": str(self.root)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.clone / "run", *arguments], env=self.environment, capture_output=True, text=True
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.clone / "run", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A test run in the background ignores interrupts, and would pass that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    @property
    def log(self) -> list[str]:
        return self.log_file.read_text("utf-8").splitlines() if self.log_file.exists() else []

    @property
    def marker(self) -> str:
        return (self.clone / ".venv" / ".made-by-run").read_text("utf-8")


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine with nothing but a shell."""
    return Machine(tmp_path)


@pytest.fixture
def machine(bare: Machine) -> Machine:
    """A machine that has all it takes."""
    bare.write("python3", PYTHON)
    bare.link(*COMPLETE)
    bare.touch("has_ensurepip", "has_pip")
    return bare


def test_the_first_run_installs_the_lock_by_hash_and_then_the_clone_without_a_network(
    machine: Machine,
) -> None:
    ran = machine.run("demo", "--seed", "7")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "skillkiln demo --seed 7\n"
    assert "once" in ran.stderr
    made, locked, own = machine.log
    assert made.startswith("venv -m venv")
    for word in ("--require-hashes", "--only-binary :all:", "--no-cache-dir", "requirements.lock"):
        assert word in locked
    for word in ("--no-index", "--no-deps", "--no-build-isolation", "--editable"):
        assert word in own
    assert machine.marker.startswith("run ")


def test_the_second_run_does_nothing_but_run(machine: Machine) -> None:
    machine.run("demo")
    done = machine.log
    for program in ("python3", "flock", "mkdir", "find", "rm"):
        (machine.programs / program).unlink()
    again = machine.run("skills", "--json")
    assert (again.returncode, again.stdout, again.stderr) == (0, "skillkiln skills --json\n", "")
    assert machine.log == done


def test_the_tests_add_what_they_need_to_what_is_there(machine: Machine) -> None:
    machine.run("demo")
    ran = machine.run("test", "tests/unit", "-x")
    assert ran.stdout == "-m pytest tests/unit -x\n", ran.stderr
    assert [line for line in machine.log if line.startswith("venv")] == machine.log[:1]
    assert "requirements-dev.lock" in machine.log[3]
    assert machine.marker.startswith("test ")
    assert machine.run("demo").stderr == ""


def test_without_arguments_all_tests_run_on_every_core(machine: Machine) -> None:
    assert machine.run("test").stdout == "-m pytest --numprocesses auto --dist worksteal\n"


@pytest.mark.parametrize("changed", ["requirements.lock", "requirements-dev.lock"])
def test_a_changed_lock_makes_a_new_environment(machine: Machine, changed: str) -> None:
    machine.run("demo")
    stale = machine.clone / ".venv" / "stale-module.py"
    stale.touch()
    with (machine.clone / changed).open("a", encoding="utf-8") as lock:
        lock.write("# another day\n")
    assert machine.run("demo").returncode == 0
    assert not stale.exists()
    assert len([line for line in machine.log if line.startswith("venv")]) == 2


def test_a_moved_clone_gets_a_new_environment(machine: Machine) -> None:
    machine.run("demo")
    machine.clone = machine.clone.rename(machine.root / "elsewhere")
    assert "making" in machine.run("demo").stderr


def test_the_script_can_be_called_through_a_link(machine: Machine) -> None:
    (machine.programs / "kiln").symlink_to(machine.clone / "run")
    ran = subprocess.run(["kiln", "demo"], env=machine.environment, capture_output=True, text=True)
    assert ran.stdout == "skillkiln demo\n", ran.stderr
    assert (machine.clone / ".venv").is_dir()


def test_other_peoples_modules_do_not_come_before_the_locked_ones(machine: Machine) -> None:
    machine.run("demo")
    show = machine.clone / ".venv" / "bin" / "skillkiln"
    show.write_text("#!/usr/bin/env bash\necho ${PYTHONPATH-unset} ${PYTHONHOME-unset}\n", "utf-8")
    ran = subprocess.run(
        [machine.clone / "run", "demo"],
        env=machine.environment | {"PYTHONPATH": "/elsewhere", "PYTHONHOME": "/elsewhere"},
        capture_output=True,
        text=True,
    )
    assert ran.stdout == "unset unset\n"


def test_an_environment_that_somebody_else_made_is_used_as_it_is(machine: Machine) -> None:
    folder = machine.clone / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "skillkiln"):
        (folder / name).write_text('#!/usr/bin/env bash\necho "theirs $*"\n', "utf-8")
        (folder / name).chmod(0o755)
    assert machine.run("demo").stdout == "theirs demo\n"
    assert machine.run("test", "-x").stdout == "theirs -m pytest -x\n"
    assert machine.log == []
    (folder / "skillkiln").unlink()
    ran = machine.run("demo")
    assert ran.returncode == 5
    assert "made by something else" in ran.stderr
    assert (folder / "python").exists()


def test_when_pip_fails_nothing_half_made_is_used(machine: Machine) -> None:
    machine.touch("pip_fails")
    failed = machine.run("demo")
    assert failed.returncode == 5
    assert "pip could not fill" in failed.stderr
    assert machine.marker == ""
    half = machine.clone / ".venv" / "half-made"
    half.touch()
    (machine.root / "pip_fails").unlink()
    assert machine.run("demo").stdout == "skillkiln demo\n"
    assert not half.exists()


def wait_for(path: Path) -> None:
    for _ in range(2_000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} never came")


@pytest.mark.parametrize("killed_by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_when_it_is_interrupted_the_next_run_begins_again(
    machine: Machine, killed_by: signal.Signals
) -> None:
    machine.touch("pip_waits")
    first = machine.start("demo")
    wait_for(machine.root / "pip_began")
    os.killpg(first.pid, killed_by)
    first.communicate()
    assert first.returncode != 0
    assert machine.marker == ""
    (machine.root / "pip_waits").unlink()
    ran = machine.run("demo")
    assert ran.stdout == "skillkiln demo\n", ran.stderr
    assert len([line for line in machine.log if line.startswith("venv")]) == 2


def test_an_interruption_counts_even_where_the_interrupted_program_ends_well(
    machine: Machine,
) -> None:
    machine.touch("pip_shrugs")
    first = machine.start("demo")
    wait_for(machine.root / "pip_began")
    os.killpg(first.pid, signal.SIGINT)
    assert first.communicate()[0] == ""
    assert first.returncode == 130
    assert machine.marker == ""


def test_of_two_runs_at_once_one_makes_the_environment_and_both_run(machine: Machine) -> None:
    runs = [machine.start("demo", str(number)) for number in range(4)]
    answers = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0] * 4, answers
    assert sorted(out for out, _ in answers) == [f"skillkiln demo {n}\n" for n in range(4)]
    assert len([line for line in machine.log if line.startswith("venv")]) == 1


@pytest.mark.parametrize("system", ["Darwin", "MINGW64_NT-10.0", "FreeBSD"])
def test_on_another_system_it_names_the_way_to_linux(machine: Machine, system: str) -> None:
    (machine.programs / "uname").unlink()
    machine.write("uname", f"#!/usr/bin/env bash\necho {system}\n")
    ran = machine.run("demo")
    assert ran.returncode == 5
    assert system in ran.stderr
    assert "WSL 2" in ran.stderr
    assert "container" in ran.stderr
    assert not (machine.clone / ".venv").exists()


@pytest.mark.parametrize("is_old", [False, True])
def test_without_a_python_that_is_new_enough_it_says_so(bare: Machine, is_old: bool) -> None:
    bare.link(*COMPLETE)
    if is_old:
        bare.write("python3", PYTHON)
        bare.touch("is_old")
    ran = bare.run("demo")
    assert ran.returncode == 5
    assert "Python 3.11 or newer" in ran.stderr
    assert not (bare.clone / ".venv").exists()


def test_a_newer_python_beside_an_old_one_is_found(machine: Machine) -> None:
    machine.touch("is_old")
    machine.write("python3.12", PYTHON.replace("is_old", "never"))
    assert machine.run("demo").returncode == 0


def test_without_ensurepip_the_machines_own_pip_fills_the_environment(machine: Machine) -> None:
    (machine.root / "has_ensurepip").unlink()
    assert machine.run("demo").returncode == 0
    assert "--without-pip" in machine.log[0]
    assert "--python" in machine.log[1]


def test_without_any_pip_it_names_the_package(machine: Machine) -> None:
    (machine.root / "has_ensurepip").unlink()
    (machine.root / "has_pip").unlink()
    ran = machine.run("demo")
    assert ran.returncode == 5
    assert "missing here: python3.11-venv" in ran.stderr
    assert "neither pip nor ensurepip" in ran.stderr


def test_missing_packages_are_installed_where_that_is_allowed(machine: Machine) -> None:
    (machine.programs / "bwrap").unlink()
    machine.record("apt-get")
    machine.write("sudo", '#!/usr/bin/env bash\n[[ $1 == -n ]] && shift\nexec "$@"\n')
    ran = machine.run("demo")
    assert ran.stdout == "skillkiln demo\n"
    assert "installing with apt-get: bubblewrap" in ran.stderr
    assert machine.log[0].startswith("apt-get noninteractive ")
    assert machine.log[0].endswith("install --no-install-recommends bubblewrap")


def test_the_package_lists_are_fetched_only_where_they_are_needed(machine: Machine) -> None:
    (machine.programs / "bwrap").unlink()
    machine.record(
        "apt-get", then='[[ $* == *update || -e $MACHINE/lists ]] && touch "$MACHINE/lists"'
    )
    machine.write("sudo", '#!/usr/bin/env bash\n[[ $1 == -n ]] && shift\nexec "$@"\n')
    assert machine.run("demo").returncode == 0
    assert [line.split()[-1] for line in machine.log[:3]] == ["bubblewrap", "update", "bubblewrap"]


def test_when_apt_get_fails_its_words_are_shown_and_the_rest_goes_on(machine: Machine) -> None:
    (machine.programs / "bwrap").unlink()
    machine.record("apt-get", then='echo "E: no such thing" >&2; exit 100')
    machine.write("sudo", '#!/usr/bin/env bash\n[[ $1 == -n ]] && shift\nexec "$@"\n')
    ran = machine.run("demo")
    assert ran.stdout == "skillkiln demo\n"
    assert "could not install bubblewrap" in ran.stderr
    assert "E: no such thing" in ran.stderr


def test_what_cannot_be_installed_is_named_and_the_rest_goes_on(machine: Machine) -> None:
    (machine.programs / "bwrap").unlink()
    ran = machine.run("demo")
    assert ran.stdout == "skillkiln demo\n"
    assert "missing here: bubblewrap" in ran.stderr


@pytest.mark.parametrize("arguments", [["demo"], ["test"]])
def test_nothing_is_written_outside_the_clone(machine: Machine, arguments: list[str]) -> None:
    before = {path for path in machine.root.rglob("*") if machine.clone not in path.parents}
    machine.run(*arguments)
    after = {path for path in machine.root.rglob("*") if machine.clone not in path.parents}
    assert after - before == {machine.log_file}
    made = {path.name for path in machine.clone.iterdir()} - set(CLONED)
    assert made == {".venv"}
