"""Recorded commands run for real, in a bare environment, and leave nothing running."""

import time
from pathlib import Path

import pytest

from skillkiln.demo.shell import TIMEOUT_EXIT_CODE, run_command


def test_output_and_exit_code_are_the_commands_own(tmp_path: Path) -> None:
    outcome = run_command("echo out; echo err >&2; exit 3", tmp_path)
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (3, "out", "err")


def test_python3_runs_a_heredoc_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Zoë\n", encoding="utf-8")
    outcome = run_command("python3 - <<'EOF'\nprint(open('names.txt').read())\nEOF", tmp_path)
    assert outcome.stdout.strip() == "Zoë"


def test_the_environment_of_the_caller_does_not_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_THE_CALLER", "x")
    outcome = run_command("env | cut -d= -f1 | sort", tmp_path)
    names = set(outcome.stdout.split())
    assert names <= {
        *("PATH", "HOME", "LANG", "TZ", "PWD", "OLDPWD", "SHLVL", "_"),
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"),
    }


def test_a_command_that_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    outcome = run_command("sleep 600 & echo $! > child.pid; wait", tmp_path, timeout_s=0.5)
    child = int((tmp_path / "child.pid").read_text(encoding="utf-8"))
    assert outcome.exit_code == TIMEOUT_EXIT_CODE
    status = Path(f"/proc/{child}/stat")
    for _ in range(50):
        if not status.exists() or status.read_text(encoding="utf-8").split()[2] == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {child} is still alive")
