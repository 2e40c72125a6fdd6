"""What an attack is, and what a tier is attacked under.

An attack is a skill whose `run(bait)` returns a list of what it won. An empty list is a blocked
attack; so is one of the failures that the attack names, and no other. `bait` is prepared by the
host (`attacks.baits`) and says where the secrets and the canaries are, so an attack that finds
nothing was really kept from it. Every attack is bounded: run without a sandbox, in a disposable
namespace, it wins and does no lasting harm. The security tests do exactly that.
"""

from dataclasses import dataclass

from skillkiln.sandbox.interface import MIB, Policy
from skillkiln.skill.reasons import FailureReason

ATTACK_POLICY = Policy(
    wall_ms=1_500,
    cpu_s=2,
    memory_bytes=256 * MIB,
    scratch_bytes=32 * MIB,
    file_bytes=16 * MIB,
    output_bytes=1 * MIB,
    frame_bytes=1 * MIB,
    open_files=128,
    threads=64,
)


@dataclass(frozen=True, slots=True)
class Attack:
    """One way out, as a skill.

    Attributes:
        name: short, snake_case, unique.
        claim: what the attacker would have, in one sentence.
        source: skill.py.
        refusals: failures that count as blocked, besides an empty list.
        calls: how often it is called, each time in a cell of its own; the last answer counts.
    """

    name: str
    claim: str
    source: str
    refusals: frozenset[FailureReason] = frozenset()
    calls: int = 1

    @property
    def is_endless(self) -> bool:
        """Whether winning is to be still running after the wall clock."""
        return FailureReason.TIMEOUT in self.refusals


NATIVE = """
import ctypes, os, platform

libc = ctypes.CDLL(None, use_errno=True)

def native(name, *arguments):
    result = getattr(libc, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result

NUMBERS = {
    "x86_64": {"io_uring_setup": 425, "add_key": 248, "userfaultfd": 323, "process_vm_readv": 310},
    "aarch64": {"io_uring_setup": 425, "add_key": 217, "userfaultfd": 282, "process_vm_readv": 270},
}

def system_call(name, *arguments):
    return native("syscall", ctypes.c_long(NUMBERS[platform.machine()][name]), *arguments)
"""
"""Opens a source that calls the kernel past Python."""
