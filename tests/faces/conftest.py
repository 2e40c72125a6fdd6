"""The command line as a person types it: a real process for every command."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NAMES = """name,short
Ada Lovelace,"Lovelace, A."
Grace Hopper,"Hopper, G."
Alan Turing,"Turing, A."
Edsger Dijkstra,"Dijkstra, E."
Barbara Liskov,"Liskov, B."
Donald Knuth,"Knuth, D."
Tony Hoare,"Hoare, T."
John Backus,"Backus, J."
Frances Allen,"Allen, F."
Niklaus Wirth,"Wirth, N."
Dennis Ritchie,"Ritchie, D."
Ken Thompson,"Thompson, K."
"""


@dataclass(frozen=True)
class Typed:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """Types commands in a folder of its own, with a home of its own."""

    folder: Path

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],  # noqa: TID251 - the tools of the machine
            "HOME": str(self.folder),
            "COLUMNS": "100",
            "PYTHONUTF8": "1",
        }

    def argv(self, *words: object) -> list[str]:
        return [sys.executable, "-m", "skillkiln", *map(str, words)]

    def type(self, *words: object, stdin: str = "") -> Typed:
        done = subprocess.run(
            self.argv(*words),
            cwd=self.folder,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return Typed(done.returncode, done.stdout, done.stderr)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def forged_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose workspace has one live skill, `name-to-short`. Do not change it."""
    shell = Shell(tmp_path_factory.mktemp("forged"))
    shell.write("names.csv", NAMES)
    typed = shell.type("forge", "--from", "names.csv", "--name", "name-to-short")
    assert typed.code == 0, typed.out + typed.err
    return shell.folder


@pytest.fixture
def forged(forged_folder: Path, tmp_path: Path) -> Shell:
    """A shell in a copy of that folder."""
    shutil.copytree(forged_folder, tmp_path / "copy", symlinks=True)
    return Shell(tmp_path / "copy")


@pytest.fixture(scope="session")
def names_table() -> str:
    return NAMES


@pytest.fixture
def make_shell(tmp_path: Path) -> Callable[[str], Shell]:
    def make(name: str) -> Shell:
        (tmp_path / name).mkdir()
        return Shell(tmp_path / name)

    return make
