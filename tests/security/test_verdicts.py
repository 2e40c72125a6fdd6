"""A skill cannot forge the verdict of its tests, and tests cannot end early and pass.

Each forgery beats a pytest that runs in the skill's own process; the first test shows it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import Policy, TestRun
from skillkiln.sandbox.testing import run_tests
from skillkiln.skill.reasons import FailureReason

QUICK = Policy(wall_ms=2_000)

TESTS = b"""
import pytest
import skill

@pytest.mark.parametrize("n", range(5))
def test_adds_one(n):
    assert skill.run(n=n) == {"n": n + 1}
"""

FORGERIES = {
    "ends the process with success": """
import os
os._exit(0)
""",
    "patches the reports": """
try:
    from _pytest.reports import TestReport
    real = TestReport.from_item_and_call.__func__
    def forge(cls, item, call):
        call.excinfo = None
        return real(cls, item, call)
    TestReport.from_item_and_call = classmethod(forge)
except ImportError:
    pass
def run(n):
    return {"n": "forged"}
""",
    "equals everything": """
class Equal(dict):
    def __eq__(self, other):
        return True
def run(n):
    return Equal()
""",
    "reads what is expected from its caller": """
import sys
def run(n):
    frame = sys._getframe(1)
    while frame is not None and "test_" not in frame.f_code.co_name:
        frame = frame.f_back
    return {"n": n + 1} if frame is not None else {"n": "caught"}
""",
}
OTHER_FORGERIES = {
    "patches json and every encoder": """
import json
json.dumps = lambda *a, **k: '{"n": 1}'
json.JSONEncoder.encode = lambda self, value: '{"id": 1, "output": {"n": 1}}'
json.encoder.c_make_encoder = None
def run(n):
    return {"n": "forged"}
""",
    "sends reports of tests that passed": """
import json, os, struct
def run(n):
    for kind in ({"finished": 0}, {"report": "test_skill.py::test_adds_one[0]", "when": "call",
                 "outcome": "passed"}, {"collected": []}):
        body = json.dumps(kind).encode()
        for descriptor in range(3, 40):
            try:
                os.write(descriptor, struct.pack("!I", len(body)) + body)
            except OSError:
                pass
    return {"n": "forged"}
""",
    "answers before it is asked": """
import json, os, struct
def run(n):
    for number in range(1, 20):
        body = json.dumps({"id": number, "output": {"n": 1}}).encode()
        for descriptor in range(3, 40):
            try:
                os.write(descriptor, struct.pack("!I", len(body)) + body)
            except OSError:
                pass
    return {"n": "forged"}
""",
    "looks for its tests": """
import os
def run(n):
    for folder in ("/skill", "/tmp", ".", os.path.dirname(__file__)):
        if os.path.exists(os.path.join(folder, "test_skill.py")):
            return {"n": n + 1}
    return {"n": "not found"}
""",
    "writes over its tests": """
import os
for folder in ("/skill", "/tmp"):
    try:
        with open(folder + "/test_skill.py", "w") as file:
            file.write("def test_adds_one(): pass")
        with open(folder + "/conftest.py", "w") as file:
            file.write("def pytest_collection_modifyitems(items): items.clear()")
    except OSError:
        pass
def run(n):
    return {"n": "forged"}
""",
}


def count(run: TestRun, outcome: str) -> int:
    return sum(case.outcome == outcome for case in run.cases)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_beats_a_shared_process(name: str, tmp_path: Path) -> None:
    (tmp_path / "skill.py").write_text(FORGERIES[name], "utf-8")
    (tmp_path / "test_skill.py").write_bytes(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]
    ran = subprocess.run([*command, str(tmp_path)], capture_output=True, cwd=tmp_path, timeout=60)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("name", [*FORGERIES, *OTHER_FORGERIES])
def test_a_forgery_does_not_beat_the_split(name: str, sandbox: BubblewrapSandbox) -> None:
    source = {**FORGERIES, **OTHER_FORGERIES}[name]
    run = run_tests(sandbox, {"skill.py": source.encode(), "test_skill.py": TESTS}, TESTS, QUICK)
    assert run.failure is not None
    assert count(run, "passed") <= 1, "at most the one test whose answer it guessed"


def test_an_honest_skill_passes(sandbox: BubblewrapSandbox) -> None:
    run = run_tests(sandbox, {"skill.py": b"def run(n):\n    return {'n': n + 1}\n"}, TESTS, QUICK)
    assert run.failure is None, run.message
    assert count(run, "passed") == run.calls == 5


@pytest.mark.parametrize(
    "tests",
    [
        b"import os\ndef test_a(): pass\ndef test_b(): os._exit(0)\n",
        b"import os\nos._exit(0)\n",
        b"import sys\ndef test_a(): pass\nsys.exit(0)\n",
        b"import pytest\ndef test_a(): pass\ndef test_b(): pytest.exit('done', 0)\n",
        b"import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGKILL)\n",
        b"import ctypes\ndef test_a(): ctypes.string_at(0)\n",
        b"raise SystemExit\n",
    ],
)
def test_tests_that_end_early_do_not_pass(tests: bytes, sandbox: BubblewrapSandbox) -> None:
    run = run_tests(sandbox, {"skill.py": b"def run(): pass"}, tests, QUICK)
    assert run.failure is not None
    assert all(case.outcome != "passed" for case in run.cases[1:])


def test_a_limit_that_the_skill_breaks_is_no_exception_that_tests_can_expect(
    sandbox: BubblewrapSandbox,
) -> None:
    tests = b"""
import pytest, skill
def test_raises():
    with pytest.raises(Exception):
        skill.run()
"""
    run = run_tests(
        sandbox, {"skill.py": b"def run():\n    while True: pass\n"}, tests, Policy(wall_ms=300)
    )
    assert run.failure is FailureReason.TIMEOUT
    assert count(run, "passed") == 0


def test_a_skill_that_breaks_every_call_does_not_take_the_whole_day(
    sandbox: BubblewrapSandbox,
) -> None:
    tests = b"""
import pytest, skill
@pytest.mark.parametrize("n", range(500))
def test_n(n): skill.run(n=n)
"""
    skill = b"import os\ndef run(n): os._exit(1)\n"
    run = run_tests(sandbox, {"skill.py": skill}, tests, QUICK)
    assert run.failure is FailureReason.RUNTIME_ERROR
    assert run.calls == 20
