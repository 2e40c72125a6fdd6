"""Every attack wins in a disposable world, and is blocked in the tier: as root and as a user."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import skillkiln
from skillkiln.sandbox.attacks.interface import Attack
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.self_check import ATTACKS, QUICK_NAMES, quick_attacks, run_self_check

SOME_USER = 12345

CHECK_AS_USER = """
import json, sys
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.self_check import ATTACKS, quick_attacks, run_self_check

with BubblewrapSandbox() as sandbox:
    check = run_self_check(sandbox, ATTACKS if sys.argv[1] == "all" else quick_attacks())
print(json.dumps({result.name: [result.is_blocked, result.note] for result in check.results}))
"""


def name_of(attack: Attack) -> str:
    return attack.name


@pytest.mark.parametrize("attack", ATTACKS, ids=name_of)
def test_attack_wins_without_a_sandbox(attack: Attack, unconfined: dict[str, list[str]]) -> None:
    assert unconfined[attack.name] != [], "the attack is vacuous"


@pytest.mark.parametrize("attack", ATTACKS, ids=name_of)
def test_attack_is_blocked(attack: Attack, sandbox: BubblewrapSandbox) -> None:
    (result,) = run_self_check(sandbox, [attack]).results
    assert result.is_blocked, result.note


def check_as_user(python: str, which: str, before: list[str]) -> dict[str, list[object]]:
    """Run the self-check in a process of an ordinary user; the results by name of the attack."""
    source = Path(skillkiln.__file__).resolve().parents[1]
    packages = [path for path in sys.path if path.endswith("site-packages")]
    command = [*before, python, "-s", "-B", "-c", CHECK_AS_USER, which]
    if os.geteuid() == 0:
        identity = [f"--reuid={SOME_USER}", f"--regid={SOME_USER}", "--clear-groups"]
        command = ["setpriv", *identity, *command]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join([str(source), *packages]),
    }
    ran = subprocess.run(command, capture_output=True, timeout=120, env=environment)
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    return json.loads(ran.stdout)


def test_every_attack_is_blocked_for_an_ordinary_user(open_python: str) -> None:
    results = check_as_user(open_python, "all", [])
    assert len(results) == len(ATTACKS)
    assert {name: note for name, (is_blocked, note) in results.items() if not is_blocked} == {}


def test_attacks_are_blocked_for_the_root_of_a_user_namespace(open_python: str) -> None:
    """Who is root and knows no other user, as in a rootless container, confines as itself."""
    results = check_as_user(open_python, "quick", ["unshare", "--user", "--map-root-user"])
    assert len(results) == len(quick_attacks())
    assert {name: note for name, (is_blocked, note) in results.items() if not is_blocked} == {}


def test_attacks_are_many_and_named_once() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names)) >= 35
    assert {attack.name for attack in quick_attacks()} == QUICK_NAMES
