"""What `from skillkiln import ...` gives."""

import subprocess
import sys

import pytest

import skillkiln


@pytest.mark.parametrize("name", skillkiln.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(skillkiln, name).__name__ == name


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_sort"):
        _ = skillkiln.nothing_of_the_sort


def test_help_does_not_import_the_whole_house() -> None:
    code = (
        "import sys; sys.argv = ['skillkiln', '--help']\n"
        "from skillkiln.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m in {'sqlalchemy', 'pydantic', 'mcp', 'rich'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
