"""Nothing is skipped unseen: in CI a skip is a failure, elsewhere it is a skip."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
SKIPPING = {
    "mark": "import pytest\n@pytest.mark.skip(reason='no time')\ndef test_a(): pass\n",
    "condition": "import pytest\n@pytest.mark.skipif(True, reason='no')\ndef test_a(): pass\n",
    "call": "import pytest\ndef test_a(): pytest.skip('no time')\n",
    "fixture": "import pytest\n@pytest.fixture\ndef f(): pytest.skip('no')\ndef test_a(f): pass\n",
    "module": "import pytest\npytest.skip('no time', allow_module_level=True)\n",
    "import": "import pytest\npytest.importorskip('no_such_module')\n",
}
EXPECTED_TO_FAIL = "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_a(): assert 0\n"


def run_tests(folder: Path, source: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_bytes(CONFTEST.read_bytes())
    (folder / "test_a.py").write_text(source + "def test_b(): pass\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=folder,
        env={"CI": ci},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("way", SKIPPING)
def test_a_skip_is_a_failure_in_ci_alone(way: str, tmp_path: Path) -> None:
    assert run_tests(tmp_path, SKIPPING[way], ci="").returncode in {0, 5}
    ran = run_tests(tmp_path, SKIPPING[way], ci="true")
    assert ran.returncode in {1, 2}, ran.stdout
    assert "skipped in CI" in ran.stdout


def test_a_skip_for_a_reason_on_the_list_is_allowed(tmp_path: Path) -> None:
    reason = "only root makes a mount namespace"
    assert reason in CONFTEST.read_text(encoding="utf-8")
    source = f"import pytest\ndef test_a(): pytest.skip({reason!r})\n"
    ran = run_tests(tmp_path, source, ci="true")
    assert ran.returncode == 0, ran.stdout
    assert "1 skipped" in ran.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    ran = run_tests(tmp_path, EXPECTED_TO_FAIL, ci="true")
    assert ran.returncode == 0, ran.stdout
    assert "1 xfailed" in ran.stdout
