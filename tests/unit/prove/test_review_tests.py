"""Tests that cannot fail, and tests that reach where they should not."""

from collections.abc import Callable

import pytest

from skillkiln.prove.gates.review_tests import ReviewTestsGate
from skillkiln.prove.interface import Subject
from skillkiln.records.evidence import Outcome
from skillkiln.skill.reasons import FailureReason

Prepare = Callable[..., Subject]

HEAD = "import pytest\nfrom skill import run\n\n\n"

WEAK = {
    "no tests": "x = 1\n",
    "no assertion": "def test_a():\n    run('a')\n",
    "a test of something else": "def test_a():\n    assert 'a'.upper() == 'A'\n",
    "true": "def test_a():\n    run('a')\n    assert True\n",
    "one is one": "def test_a():\n    run('a')\n    assert 1 == 1\n",
    "itself": "def test_a():\n    got = run('a')\n    assert got == got\n",
    "call against itself": "def test_a():\n    assert run('a') == run('a')\n",
    "or true": "def test_a():\n    assert run('a') == 'b' or True\n",
    "a tuple": "def test_a():\n    assert (run('a') == 'b', 'said')\n",
    "any object": "def test_a():\n    assert isinstance(run('a'), object)\n",
    "any error": "def test_a():\n    with pytest.raises(Exception):\n        run('a')\n",
    "bare except": (
        "def test_a():\n    try:\n        assert run('a') == 'b'\n    except:\n        pass\n"
    ),
    "caught assertion": (
        "def test_a():\n    try:\n        assert run('a') == 'b'\n"
        "    except (ValueError, AssertionError):\n        pass\n"
    ),
    "one of two": "def test_a():\n    assert run('a') == 'b'\n\n\ndef test_b():\n    run('b')\n",
    "a method": "class TestRun:\n    def test_a(self):\n        run('a')\n",
}


@pytest.mark.parametrize("tests", WEAK.values(), ids=WEAK)
def test_refuses_tests_that_cannot_fail(prepare: Prepare, tests: str) -> None:
    finding = ReviewTestsGate().check(prepare(tests=HEAD + tests))
    assert finding.reason is FailureReason.WEAK_TESTS
    assert finding.summary.startswith("test_skill.py")


REACHING = {
    "os": "import os\n",
    "sys": "import sys\n",
    "subprocess": "import subprocess\n",
    "the runner": "import _pytest.reports\n",
    "a runner module": "from pytest import MonkeyPatch\n",
    "mocks": "from unittest import mock\n",
    "skill internals": "from skill import NAME\n",
    "star": "from skill import *\n",
    "skill attribute": "import skill\n\n\ndef test_a():\n    assert skill.NAME\n",
    "skip": "@pytest.mark.skip\ndef test_a():\n    assert run('a') == 'b'\n",
    "xfail": "@pytest.mark.xfail\ndef test_a():\n    assert run('a') == 'b'\n",
    "skip inside": "def test_a():\n    pytest.skip('no')\n    assert run('a') == 'b'\n",
    "exit": "def test_a():\n    pytest.exit('done', 0)\n    assert run('a') == 'b'\n",
    "mark all": "pytestmark = []\n",
    "plugins": "pytest_plugins = ['x']\n",
    "hook": "def pytest_runtest_makereport(item, call):\n    pass\n",
    "monkeypatch": "def test_a(monkeypatch):\n    assert run('a') == 'b'\n",
    "eval": "def test_a():\n    assert eval('run')('a') == 'b'\n",
    "open": "def test_a():\n    assert run(open('/etc/passwd').read()) == 'b'\n",
    "frames": "def test_a():\n    assert run.__globals__\n",
}


@pytest.mark.parametrize("tests", REACHING.values(), ids=REACHING)
def test_refuses_tests_that_reach_past_the_skill(prepare: Prepare, tests: str) -> None:
    finding = ReviewTestsGate().check(prepare(tests=HEAD + tests))
    assert finding.reason is FailureReason.POLICY_VIOLATION


def test_the_good_tests_cover_all_kinds(prepare: Prepare) -> None:
    finding = ReviewTestsGate().check(prepare())
    assert finding.outcome is Outcome.PASSED
    assert finding.figures == {
        "test_functions": 4,
        "assertions": 4,
        "kind_ordinary": 1,
        "kind_null": 1,
        "kind_anomalous": 1,
        "kind_massive": 1,
    }


KINDS = {
    "ordinary": ("def test_a():\n    assert run('a') == 'b'\n", {"ordinary"}),
    "null": ("def test_a():\n    assert run('') == ''\n", {"null"}),
    "null refused": (
        "def test_a():\n    with pytest.raises(ValueError):\n        run('  ')\n",
        {"null"},
    ),
    "null beside another": (
        "def test_a():\n    with pytest.raises(ValueError):\n        run([], 10)\n",
        {"null"},
    ),
    "anomalous": (
        "def test_a():\n    with pytest.raises(ValueError):\n        run('?')\n",
        {"anomalous"},
    ),
    "odd text": ("def test_a():\n    assert run('\\u00e9') == 'e'\n", {"anomalous", "ordinary"}),
    "massive": ("def test_a():\n    assert run('a' * 10_000) == 'b'\n", {"massive"}),
    "massive power": ("def test_a():\n    assert run('a' * 10**5) == 'b'\n", {"massive"}),
    "massive range": (
        "def test_a():\n    assert run(''.join(str(n) for n in range(5000))) == 'b'\n",
        {"massive"},
    ),
    "table": (
        "@pytest.mark.parametrize('given', ['', 'a'])\n"
        "def test_a(given):\n    assert run(given) == 'b'\n",
        {"null", "ordinary"},
    ),
    "named table": (
        "CASES = [('', 'x'), ('b', 'c')]\n\n\n"
        "@pytest.mark.parametrize(('given', 'expected'), CASES)\n"
        "def test_a(given, expected):\n    assert run(given) == expected\n",
        {"null", "ordinary"},
    ),
    "empty expectations are no null input": (
        "CASES = [pytest.param('a', '', id='x'), pytest.param('b', {'c': ''}, id='y')]\n\n\n"
        "@pytest.mark.parametrize(('given', 'expected'), CASES)\n"
        "def test_a(given, expected):\n    assert run(given) == expected\n",
        {"ordinary"},
    ),
    "table of keywords": (
        "@pytest.mark.parametrize('given, expected', [({'text': ''}, 'x'), ({'text': 'b'}, 'c')])\n"
        "def test_a(given, expected):\n    assert run(**given) == expected\n",
        {"null", "ordinary"},
    ),
    "annotated table": (
        "CASES: list[str] = ['', 'b']\n\n\n@pytest.mark.parametrize('given', CASES)\n"
        "def test_a(given):\n    assert run(given) == given\n",
        {"null", "ordinary"},
    ),
    "loop over a table": (
        "CASES = {'': 'x', 'b': 'c'}\n\n\n"
        "def test_a():\n    for given, expected in CASES.items():\n"
        "        assert run(text=given) == expected\n",
        {"null", "ordinary"},
    ),
    "loop over values": (
        "def test_a():\n    for given in ('', 'b'):\n        assert run(given) == given\n",
        {"null", "ordinary"},
    ),
    "local name": (
        "def test_a():\n    given = ''\n    with pytest.raises(ValueError):\n        run(given)\n",
        {"null"},
    ),
    "expected nothing": ("def test_a():\n    assert run('a') == ''\n", {"ordinary"}),
    "through a function": (
        "def check(text):\n    assert run(text) == 'b'\n\n\ndef test_a():\n    check('x')\n",
        {"ordinary"},
    ),
}


@pytest.mark.parametrize(("tests", "kinds"), KINDS.values(), ids=KINDS)
def test_recognises_the_kinds_of_input(prepare: Prepare, tests: str, kinds: set[str]) -> None:
    figures = ReviewTestsGate().check(prepare(tests=HEAD + tests)).figures
    assert {name for name, is_seen in figures.items() if is_seen and "kind_" in name} == {
        f"kind_{kind}" for kind in kinds
    }
