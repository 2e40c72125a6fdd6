"""The tools that judge the whole clone: ruff's rules, its format, pyright strict, import-linter.

Each runs as a contributor would run it, with the settings of pyproject.toml; what it prints is the
message of the failing test.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = Path(sys.executable).parent
"""Not resolved: the tools stand beside the environment's own link to Python."""

CHECKS = {
    "ruff check": ["ruff", "check", "--no-cache"],
    "ruff format": ["ruff", "format", "--check", "--no-cache"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
    "import-linter": ["lint-imports", "--no-cache", "--no-logo"],
}


@pytest.mark.parametrize("check", CHECKS)
def test_clone_passes(check: str) -> None:
    name, *options = CHECKS[check]
    ran = subprocess.run([TOOLS / name, *options], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, f"`{name} {' '.join(options)}` says:\n{ran.stdout}{ran.stderr}"


BROKEN = {
    "ruff check": "import os\n",
    "ruff format": "x = [1,\n2]\n",
    "pyright": '"""Typed wrongly."""\n\ncount: int = "three"\n',
}


@pytest.mark.parametrize("check", BROKEN)
def test_check_sees(check: str, tmp_path: Path) -> None:
    name, *options = CHECKS[check]
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    broken = tmp_path / "src" / "broken.py"
    broken.parent.mkdir()
    broken.write_text(BROKEN[check])
    ran = subprocess.run([TOOLS / name, *options], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "broken.py" in ran.stdout


def test_import_linter_sees(tmp_path: Path) -> None:
    package = tmp_path / "houses"
    package.mkdir()
    (package / "__init__.py").write_text('"""A house."""\n')
    (package / "cellar.py").write_text("import houses.attic\n")
    (package / "attic.py").write_text('"""The top floor."""\n')
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = houses\n\n[importlinter:contract:floors]\n"
        "name = Floors\ntype = layers\nlayers =\n    houses.attic\n    houses.cellar\n"
    )
    name, *options = CHECKS["import-linter"]
    ran = subprocess.run([TOOLS / name, *options], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "houses.cellar is not allowed to import houses.attic" in ran.stdout
