"""Run every attack with nothing around it but a disposable world, and say what each won.

Started by `conftest.unconfined` inside a throwaway world: its own processes, network, host name and
file system, all capabilities over these, and nothing of the sandbox. It sets baits for each
attack, runs it in a child (`careless.py`), and prints all winnings as JSON.
"""

import contextlib
import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

from skillkiln.sandbox.attacks.baits import set_baits
from skillkiln.sandbox.attacks.interface import Attack
from skillkiln.sandbox.self_check import ATTACKS

ENDLESS_S = 0.5
PATIENCE_S = 20.0
CHILD = Path(__file__).with_name("careless.py")
TAIL_BYTES = 80 * 1024 * 1024


def measure_attack(attack: Attack) -> list[str]:
    with set_baits(secrets.token_hex(4), None) as baits:
        turns = [baits.describe(turn) for turn in range(1, attack.calls + 1)]
        child = subprocess.Popen(
            # A mount namespace of its own: an attack on mounts ends with the attack.
            ["unshare", "--mount", sys.executable, "-s", "-B", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "SECRET": baits.secret},
        )
        assert child.stdin
        child.stdin.write(json.dumps({"source": attack.source, "baits": turns}).encode())
        child.stdin.close()
        won = await_endless(child) if attack.is_endless else read_answer(child)
        won += baits.find_traces()
        for process in baits.find_left_over():
            os.kill(process, signal.SIGKILL)
    return won


def await_endless(child: "subprocess.Popen[bytes]") -> list[str]:
    time.sleep(ENDLESS_S)
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(ENDLESS_S)
    won = ["still running after it was told to end"] if child.poll() is None else []
    child.kill()
    child.wait()
    return won


def read_answer(child: "subprocess.Popen[bytes]") -> list[str]:
    assert child.stdout
    tail = bytearray()
    while chunk := child.stdout.read(1 << 20):
        tail += chunk
        if len(tail) > 2 * TAIL_BYTES:
            del tail[:-TAIL_BYTES]
    child.wait(PATIENCE_S)
    last_line = tail.rstrip().rpartition(b"\n")[2]
    answer: list[object] = json.loads(last_line) if last_line else []
    return [str(item)[:100] for item in answer]


def main() -> None:
    # A bound on what an attack can do here, far above what it needs to win.
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    json.dump({attack.name: measure_attack(attack) for attack in ATTACKS}, sys.stdout)


if __name__ == "__main__":
    main()
