"""Attack a tier, and report what got out. Every tier is used only if nothing does.

`run_self_check` sets fresh baits for each attack, runs it as a skill, and looks both at what the
attack says it won and at what it left on the host. That the attacks would win without a sandbox is
shown by the security tests.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from skillkiln.sandbox.attacks.baits import Baits, set_baits
from skillkiln.sandbox.attacks.files import FILE_ATTACKS
from skillkiln.sandbox.attacks.interface import ATTACK_POLICY, Attack
from skillkiln.sandbox.attacks.kernel import KERNEL_ATTACKS, STATE_ATTACKS
from skillkiln.sandbox.attacks.network import NETWORK_ATTACKS
from skillkiln.sandbox.attacks.processes import PROCESS_ATTACKS
from skillkiln.sandbox.attacks.resources import RESOURCE_ATTACKS
from skillkiln.sandbox.calls import call_skill
from skillkiln.sandbox.interface import CallResult, Sandbox
from skillkiln.sandbox.reach import find_cell_user

ATTACKS: tuple[Attack, ...] = (
    *FILE_ATTACKS,
    *NETWORK_ATTACKS,
    *PROCESS_ATTACKS,
    *RESOURCE_ATTACKS,
    *KERNEL_ATTACKS,
    *STATE_ATTACKS,
)
QUICK_NAMES = frozenset(
    {
        "read_secret_file",
        "read_environment",
        "write_host_folder",
        "connect_tcp",
        "run_shell",
        "new_user_namespace",
        "leave_daemon",
        "hoard_memory",
    }
)
"""A second's worth, for a first look at a machine."""
TOLERANCE_MS = 5_000
"""How much later than the wall clock the host may be on a loaded machine."""
MARK_BYTES = 4


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What one attack came to."""

    name: str
    claim: str
    is_blocked: bool
    note: str
    """How it was blocked, or what it won."""
    wall_ms: float


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What all attacks on a tier came to."""

    tier: str
    results: tuple[AttackResult, ...]

    @property
    def escaped(self) -> tuple[AttackResult, ...]:
        """The attacks that won something."""
        return tuple(result for result in self.results if not result.is_blocked)


def run_self_check(
    sandbox: Sandbox,
    attacks: Iterable[Attack] = ATTACKS,
    *,
    make_mark: Callable[[], str] = lambda: secrets.token_hex(MARK_BYTES),
) -> SelfCheck:
    """Run attacks against a tier, one after the other.

    Args:
        sandbox: the tier.
        attacks: which; all of them, or `quick_attacks()`.
        make_mark: gives a text that occurs nowhere else on this machine.

    Raises:
        SandboxUnavailableError: this machine cannot isolate.
        SandboxFailedError: a cell did not come up.
    """
    results: list[AttackResult] = []
    owner = find_cell_user()
    for attack in attacks:
        with set_baits(make_mark(), owner) as baits:
            results.append(_run_attack(sandbox, attack, baits))
    return SelfCheck(sandbox.tier, tuple(results))


def quick_attacks() -> tuple[Attack, ...]:
    """Return the attacks that are run when there is only a second."""
    return tuple(attack for attack in ATTACKS if attack.name in QUICK_NAMES)


def _run_attack(sandbox: Sandbox, attack: Attack, baits: Baits) -> AttackResult:
    # The tests stand for held-out cases: they are in the skill's folder and must not reach it.
    files = {"skill.py": attack.source.encode(), "test_skill.py": baits.secret.encode()}
    started, answer = time.monotonic(), CallResult()
    for turn in range(1, attack.calls + 1):
        answer = call_skill(sandbox, files, {"bait": baits.describe(turn)}, ATTACK_POLICY)
    wall_ms = (time.monotonic() - started) * 1000
    won = [*find_winnings(attack, answer, wall_ms), *baits.find_traces()]
    note = "; ".join(won) or answer.message or "it won nothing"
    return AttackResult(attack.name, attack.claim, not won, note[:500], wall_ms)


def find_winnings(attack: Attack, answer: CallResult, wall_ms: float) -> list[str]:
    """Say what an attack won by its answer; an unexpected failure counts as a win."""
    if wall_ms > attack.calls * (ATTACK_POLICY.wall_ms + TOLERANCE_MS):
        return [f"kept the host busy for {wall_ms:.0f} ms"]
    if answer.failure in attack.refusals:
        return []
    if answer.failure is not None:
        return [f"ended in {answer.failure}, which is no refusal: {answer.message}"]
    if not isinstance(answer.output, list):
        return [f"answered {answer.output!r:.200}, expected a list"]
    return [str(item)[:200] for item in answer.output]
