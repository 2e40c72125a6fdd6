"""Skills that try to hurt the host that calls them. The host stays small, whole and prompt."""

import os
import resource
import threading
import time
from pathlib import Path

import pytest

from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.calls import call_skill, open_skill
from skillkiln.sandbox.interface import MIB, CallResult, Policy
from skillkiln.skill.reasons import FailureReason

QUICK = Policy(wall_ms=1_500)
WRITE_EVERYWHERE = """
import os, struct
def send(body):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, body)
        except OSError:
            pass
def run():
    {statement}
"""


def call(sandbox: BubblewrapSandbox, source: str) -> CallResult:
    return call_skill(sandbox, {"skill.py": source.encode()}, {}, QUICK)


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    ("statement", "failures"),
    [
        ("send(b'\\xff' * 4096)", {FailureReason.OUTPUT_EXCEEDED}),
        ("send(struct.pack('!I', 0xFFFFFFFF))", {FailureReason.OUTPUT_EXCEEDED}),
        ("send(struct.pack('!I', 5) + b'abcde')", {FailureReason.CONTRACT_VIOLATION}),
        ("send(struct.pack('!I', 0))", {FailureReason.CONTRACT_VIOLATION}),
        ("send(struct.pack('!I', 4) + b'null')", {FailureReason.CONTRACT_VIOLATION}),
        ("send(struct.pack('!I', 2) + b'{}')", {FailureReason.CONTRACT_VIOLATION}),
        ("send(struct.pack('!I', 10**6) + b'[' * 10**6)", {FailureReason.CONTRACT_VIOLATION}),
        ("send(struct.pack('!I', 8) + b'{\"id\":1}')", {None}),
        ("send(struct.pack('!I', 8) + b'{\"id\":7}')", {FailureReason.CONTRACT_VIOLATION}),
        (
            "while True: send(struct.pack('!I', 15) + b'{\"attempt\":\"x\"}')",
            {FailureReason.CONTRACT_VIOLATION},
        ),
        ("send(struct.pack('!I', 100) + b'half'); os._exit(0)", {FailureReason.RUNTIME_ERROR}),
        ("[os.close(d) for d in range(3, 10) if d != 99]", None),
        ("os.closerange(0, 100)", None),
    ],
)
def test_a_hostile_frame_is_a_failure_of_the_skill(
    sandbox: BubblewrapSandbox, statement: str, failures: set[FailureReason | None] | None
) -> None:
    result = call(sandbox, WRITE_EVERYWHERE.format(statement=statement))
    if failures is None:
        assert result.failure is not None
    else:
        assert result.failure in failures, result.message
    assert call(sandbox, "def run(): return 'still here'").output == "still here"


def test_a_gigabyte_printed_does_not_reach_the_host(sandbox: BubblewrapSandbox) -> None:
    before = peak_bytes()
    source = "import os\ndef run():\n    for _ in range(1024): os.write(1, b'x' * (1 << 20))\n"
    result = call(sandbox, source)
    assert result.failure is FailureReason.OUTPUT_EXCEEDED
    assert len(result.printed) <= QUICK.output_bytes
    assert peak_bytes() - before < 64 * MIB


def test_a_flood_of_small_objects_stays_bounded(sandbox: BubblewrapSandbox) -> None:
    before = peak_bytes()
    files = {"skill.py": b"def run(): return [[] for _ in range(1_000_000)]"}
    result = call_skill(sandbox, files, {}, Policy(wall_ms=30_000))
    assert result.is_ok, result.message
    assert peak_bytes() - before < 256 * MIB


@pytest.mark.parametrize(
    "source",
    [
        "import time\ndef run(): time.sleep(1000)",
        "def run():\n    while True: pass",
        "import re\ndef run(): return bool(re.match('(a+)+$', 'a' * 40 + 'b'))",
        "def run(): return sum(range(10 ** 12))",
        "def run(): return 3 ** 3 ** 3 ** 3 ** 3",
        "import sys, threading\ndef run():\n    threading.Event().wait()",
    ],
)
def test_what_does_not_end_is_ended(sandbox: BubblewrapSandbox, source: str) -> None:
    result = call(sandbox, source)
    assert result.failure in {FailureReason.TIMEOUT, FailureReason.MEMORY_EXCEEDED}


def test_a_thread_that_goes_on_dies_with_its_session(sandbox: BubblewrapSandbox) -> None:
    source = """
import threading
def burn():
    while True:
        pass
def run():
    threading.Thread(target=burn, daemon=False).start()
"""
    with open_skill(sandbox, {"skill.py": source.encode()}, QUICK) as session:
        assert session.call({}).is_ok
    assert not find_processes_of_cells()


def test_patching_json_changes_no_other_answer(sandbox: BubblewrapSandbox) -> None:
    source = """
import json, json.decoder, json.encoder
def run(n):
    json.dumps = json.loads = lambda *a, **k: "patched"
    json.JSONEncoder.encode = lambda *a: "patched"
    json.JSONDecoder.decode = lambda *a: {"id": 0, "inputs": {}}
    return n
"""
    with open_skill(sandbox, {"skill.py": source.encode()}, QUICK) as session:
        assert [session.call({"n": n}).output for n in (1, 2)] == [1, 2]


def test_many_hostile_calls_leave_nothing_behind(sandbox: BubblewrapSandbox) -> None:
    sources = [
        "import os\nos._exit(9)",
        "def run(): return 'x' * (9 << 20)",
        "def run():\n    while True: print('x' * 9999)",
        "import os\ndef run(): os.closerange(0, 99)",
    ]
    call(sandbox, sources[0])
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    threads = threading.active_count()
    for source in sources * 3:
        call(sandbox, source)
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert threading.active_count() == threads
    assert not find_processes_of_cells()


def find_processes_of_cells() -> list[int]:
    """Processes that this one started and that are alive; a dying one gets a moment."""
    found: list[int] = []
    for _ in range(50):
        found = find_descendants(os.getpid())
        if not found:
            break
        time.sleep(0.1)
    return found


def find_descendants(process: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(word) for word in path.read_text("ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *find_descendants(child)]
    return found
