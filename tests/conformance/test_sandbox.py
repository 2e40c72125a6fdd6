"""What every tier of isolation keeps to, whatever it is made of.

A new tier is added to `TIERS` and must pass unchanged; its attacks are in `tests/security`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import cast

import pytest

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.calls import call_skill, open_skill
from skillkiln.sandbox.interface import MIB, Policy, Program, Sandbox
from skillkiln.sandbox.self_check import quick_attacks, run_self_check
from skillkiln.sandbox.testing import run_tests
from skillkiln.sandbox.tools import run_tool
from skillkiln.skill.reasons import FailureReason

TIERS: dict[str, Callable[[], BubblewrapSandbox]] = {"bubblewrap": BubblewrapSandbox}
ECHO = Program(runner="echo_runner", arguments={"word": "é"})


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with ExitStack() as stack:
        made = stack.enter_context(TIERS[cast("str", request.param)]())
        probe = made.probe()
        if not probe.is_usable:
            pytest.skip(f"{probe.tier}: {probe.hint}")
        yield made


def test_a_probe_confined_something(tier: Sandbox) -> None:
    probe = tier.probe()
    assert probe.tier == tier.tier
    assert any(entry.name == "confined call" and entry.is_present for entry in probe.capabilities)


def test_frames_go_both_ways(tier: Sandbox) -> None:
    with tier.open_cell(ECHO, Policy()) as cell:
        cell.send({"number": 1.5, "text": "é", "list": [None, True]})
        answer = cell.receive()
    assert answer is not None
    assert answer["echo"] == {"number": 1.5, "text": "é", "list": [None, True]}
    assert answer["arguments"] == {"word": "é"}


def test_a_cell_that_ended_gives_nothing_and_takes_nothing(tier: Sandbox) -> None:
    with tier.open_cell(ECHO, Policy()) as cell:
        pass
    assert cell.receive() is None
    with pytest.raises(SandboxFailedError):
        cell.send({})
    assert cell.close() == cell.close()


@pytest.mark.parametrize(
    ("body", "policy", "failure"),
    [
        ("while True: pass", Policy(wall_ms=300), FailureReason.TIMEOUT),
        ("x = bytearray(400 << 20)", Policy(memory_bytes=128 * MIB), FailureReason.MEMORY_EXCEEDED),
        ("print('x' * 5000)", Policy(output_bytes=1000), FailureReason.OUTPUT_EXCEEDED),
        ("return 'x' * 5000", Policy(frame_bytes=1000), FailureReason.OUTPUT_EXCEEDED),
        ("return float('nan')", Policy(), FailureReason.CONTRACT_VIOLATION),
        ("raise OSError('no')", Policy(), FailureReason.RUNTIME_ERROR),
        ("open('/x', 'w')", Policy(), FailureReason.PERMISSION_DENIED),
    ],
)
def test_each_limit_of_a_policy_holds(
    tier: Sandbox, body: str, policy: Policy, failure: FailureReason
) -> None:
    files = {"skill.py": f"def run():\n    {body}\n".encode()}
    assert call_skill(tier, files, {}, policy).failure is failure


@pytest.mark.parametrize(
    ("statement", "policy"),
    [
        ("open('/tmp/a', 'wb').write(b'x' * (2 << 20))", Policy(file_bytes=1 * MIB)),
        ("open('/tmp/a', 'wb').write(b'x' * (2 << 20))", Policy(scratch_bytes=1 * MIB)),
        ("[open(f'/tmp/{n}', 'w').close() for n in range(5000)]", Policy()),
        ("kept = [open('/dev/null') for n in range(40)]", Policy(open_files=32)),
    ],
)
def test_files_are_limited_in_size_and_number(
    tier: Sandbox, statement: str, policy: Policy
) -> None:
    files = {"skill.py": f"def run():\n    {statement}\n".encode()}
    result = call_skill(tier, files, {}, policy)
    assert result.exception == "OSError", result.message


def test_a_skill_is_called_tested_and_checked(tier: Sandbox) -> None:
    source = b'"""Add."""\n\n\ndef run(a: int, b: int) -> int:\n    """Add."""\n    return a + b\n'
    files = {"skill.py": source}
    with open_skill(tier, files, Policy()) as session:
        assert [session.call({"a": n, "b": 1}).output for n in range(3)] == [1, 2, 3]
    tests = b"from skill import run\n\ndef test_sum():\n    assert run(1, 2) == 3\n"
    run = run_tests(tier, files, tests, Policy())
    assert run.failure is None, run.message
    assert run_tool(tier, "mypy", ["--strict", "skill.py"], files, Policy()).exit_code == 0


def test_a_second_of_attacks_wins_nothing(tier: Sandbox) -> None:
    check = run_self_check(tier, quick_attacks())
    assert check.escaped == ()
    assert len(check.results) == len(quick_attacks())
