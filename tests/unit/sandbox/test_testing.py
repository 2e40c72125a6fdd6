"""Tests and skill in two cells: what tests see, and how a verdict is put together."""

import pytest

from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import Policy, TestRun
from skillkiln.sandbox.testing import (
    CollectedFrame,
    ReportFrame,
    Tally,
    UncollectedFrame,
    judge_run,
    run_tests,
)
from skillkiln.skill.reasons import FailureReason

QUICK = Policy(wall_ms=3_000)


def outcomes(run: TestRun) -> dict[str, str]:
    return {case.test_id.rpartition("::")[2]: case.outcome for case in run.cases}


def test_the_skill_is_a_module_with_one_function(sandbox: BubblewrapSandbox) -> None:
    skill = b"""
from dataclasses import dataclass
@dataclass
class Sum:
    total: int
SECRET = 1
def run(a: int, b: int = 2, *, c: int = 0) -> Sum:
    return Sum(a + b + c)
"""
    tests = b"""
import pytest, skill
from skill import run
def test_by_name(): assert run(a=1, b=1, c=1) == {"total": 3}
def test_by_position(): assert skill.run(1, 1) == {"total": 2}
def test_default(): assert run(1) == {"total": 3}
def test_fails(): assert run(1) == {"total": 0}
def test_missing():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"): run()
def test_too_many():
    with pytest.raises(TypeError): run(1, 2, 3, 4)
def test_twice():
    with pytest.raises(TypeError): run(1, a=1)
def test_nothing_else():
    with pytest.raises(AttributeError): skill.SECRET
def test_other_import():
    with pytest.raises(ImportError): from skill import SECRET
@pytest.mark.skip
def test_skipped(): pass
"""
    run = run_tests(sandbox, {"skill.py": skill}, tests, QUICK)
    assert outcomes(run) == {
        **dict.fromkeys(["test_by_name", "test_by_position", "test_default"], "passed"),
        **dict.fromkeys(["test_missing", "test_too_many", "test_twice"], "passed"),
        **dict.fromkeys(["test_nothing_else", "test_other_import"], "passed"),
        "test_fails": "failed",
        "test_skipped": "skipped",
    }
    assert run.failure is FailureReason.TEST_ASSERTION_FAILED
    assert run.message == "1 of 10 tests failed"
    assert run.covered_lines == run.executable_lines


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        ("ValueError('bad')", "ValueError"),
        ("KeyError('bad')", "KeyError"),
        ("json.JSONDecodeError('bad', '', 0)", "ValueError"),
        ("UnicodeDecodeError('utf-8', b'', 0, 1, 'bad')", "UnicodeDecodeError"),
        ("Odd('bad')", "LookupError"),
        ("Strange('bad')", "RuntimeError"),
        ("SystemExit('bad')", "RuntimeError"),
        ("KeyboardInterrupt('bad')", "RuntimeError"),
        ("OSError(2, 'bad')", "FileNotFoundError"),
        ("ExceptionGroup('bad', [ValueError()])", "RuntimeError"),
    ],
)
def test_exceptions_reappear(sandbox: BubblewrapSandbox, raised: str, expected: str) -> None:
    skill = f"""
import json
class Odd(IndexError): pass
class Strange(Exception): pass
def run():
    raise {raised}
"""
    tests = f"""
import pytest, skill
def test_raises():
    with pytest.raises({expected}, match="bad"):
        skill.run()
"""
    run = run_tests(sandbox, {"skill.py": skill.encode()}, tests.encode(), QUICK)
    assert run.failure is None, run.cases


@pytest.mark.parametrize(
    ("skill", "tests", "failure"),
    [
        ("def run(", "def test_a(): pass", FailureReason.SYNTAX_ERROR),
        ("x = 1", "def test_a(): pass", FailureReason.CONTRACT_VIOLATION),
        ("while True: pass", "def test_a(): pass", FailureReason.TIMEOUT),
        ("def run(): pass", "def test_a(:", FailureReason.RUNTIME_ERROR),
        ("def run(): pass", "import not_there", FailureReason.RUNTIME_ERROR),
        ("def run(): pass", "x = 1", FailureReason.WEAK_TESTS),
        (
            "def run(): return {1}",
            "import skill\ndef test_a(): skill.run()",
            FailureReason.CONTRACT_VIOLATION,
        ),
        (
            "def run(): pass",
            "import pytest\n@pytest.fixture\ndef bad(): yield; assert 0\ndef test_a(bad): pass",
            FailureReason.TEST_ASSERTION_FAILED,
        ),
    ],
)
def test_a_run_that_is_no_pass_says_why(
    sandbox: BubblewrapSandbox, skill: str, tests: str, failure: FailureReason
) -> None:
    policy = Policy(wall_ms=1_000)
    run = run_tests(sandbox, {"skill.py": skill.encode()}, tests.encode(), policy)
    assert run.failure is failure, run.message
    assert run.message


def report(test_id: str, when: str = "call", outcome: str = "passed") -> ReportFrame:
    return ReportFrame(report=test_id, when=when, outcome=outcome)


def tally_of(*test_ids: str) -> Tally:
    tally = Tally()
    assert tally.add(CollectedFrame(collected=test_ids)) is None
    return tally


def test_a_test_passes_only_by_all_its_phases() -> None:
    tally = tally_of("a", "b", "c")
    for when in ("setup", "call", "teardown"):
        assert tally.add(report("a", when)) is None
    tally.add(report("b", "setup"))
    tally.add(report("b", "call"))
    assert [case.outcome for case in tally.cases()] == ["passed", "failed", "failed"]


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_any_failed_phase_fails_the_test(when: str) -> None:
    tally = tally_of("a")
    for phase in ("setup", "call", "teardown"):
        tally.add(report("a", phase, "failed" if phase == when else "passed"))
    assert [case.outcome for case in tally.cases()] == ["failed"]


def test_impossible_reports_are_refused() -> None:
    tally = tally_of("a")
    assert tally.add(report("a")) is None
    assert tally.add(report("a")) is not None
    assert tally.add(report("b")) is not None
    assert tally.add(report("a", "lunch")) is not None
    assert tally.add(CollectedFrame(collected=())) is not None
    assert Tally().add(report("a")) is not None


def test_a_run_without_an_end_is_no_verdict() -> None:
    tally = tally_of("a")
    for when in ("setup", "call", "teardown"):
        tally.add(report("a", when))
    assert judge_run(tally, tally.cases(), None)[0] is FailureReason.RUNTIME_ERROR
    tally.is_finished = True
    assert judge_run(tally, tally.cases(), None) == (None, "")
    tally.add(UncollectedFrame(uncollected="half of the file"))
    assert judge_run(tally, tally.cases(), None)[0] is FailureReason.RUNTIME_ERROR
