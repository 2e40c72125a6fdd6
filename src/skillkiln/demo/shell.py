"""Runs a recorded command for real, in a project folder, and says what came out.

The commands are this package's own and harmless; this is no sandbox. Rules: a minimal environment,
`python3` means the interpreter that runs this, a wall-clock limit, and no process left behind. The
recorded command stays as it was written: `python3` is defined in a prelude that is not recorded.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

COMMAND_TIMEOUT_S = 20.0
TIMEOUT_EXIT_CODE = 124
"""What `timeout(1)` exits with when it had to stop its command."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command returned, without the last line ends, as recordings hold it."""

    exit_code: int
    stdout: str
    stderr: str


def run_command(command: str, folder: Path, *, timeout_s: float = COMMAND_TIMEOUT_S) -> Outcome:
    """Run a shell command in a folder and wait for all of it.

    Args:
        command: As an agent would type it; heredocs are fine.
        folder: Where it runs; also its `HOME`.
        timeout_s: Wall clock after which the whole process group is killed.
    """
    # -S -B start faster and leave no bytecode beside the project's files.
    prelude = f'python3() {{ {shlex.quote(sys.executable)} -S -B "$@"; }}\n'
    shell = shutil.which("bash") or "/bin/sh"
    with subprocess.Popen(
        [shell, "-c", prelude + command],
        cwd=folder,
        env=_build_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
            exit_code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            exit_code = TIMEOUT_EXIT_CODE
    return Outcome(exit_code, stdout.rstrip("\n"), stderr.rstrip("\n"))


def _build_environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
