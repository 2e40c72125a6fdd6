"""Attacks on the machine's strength: memory, time, and what the host has to read."""

from skillkiln.sandbox.attacks.interface import Attack
from skillkiln.skill.reasons import FailureReason

RESOURCE_ATTACKS = (
    Attack(
        "hoard_memory",
        "takes twice the memory that it may",
        """
def run(bait):
    blocks = []
    try:
        for _ in range(16):
            block = bytearray(32 << 20)
            block[::4096] = b"x" * len(block[::4096])
            blocks.append(block)
    except MemoryError:
        return []
    return [f"{len(blocks) * 32} MiB"]
""",
        refusals=frozenset({FailureReason.MEMORY_EXCEEDED}),
    ),
    Attack(
        "hoard_shared_memory",
        "takes twice the memory that it may, as shared pages that no process is charged for",
        """
import mmap

def run(bait):
    blocks = []
    try:
        for _ in range(16):
            block = mmap.mmap(-1, 32 << 20)
            for offset in range(0, len(block), 4096):
                block[offset] = 1
            blocks.append(block)
    except (OSError, MemoryError):
        return []
    return [f"{len(blocks) * 32} MiB shared"]
""",
    ),
    Attack(
        "spin",
        "burns a processor for ever, deaf to every signal that can be ignored",
        """
import signal

def run(bait):
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""",
        refusals=frozenset({FailureReason.TIMEOUT}),
    ),
    Attack(
        "sleep_forever",
        "never answers and burns nothing",
        """
import signal, time

def run(bait):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass
""",
        refusals=frozenset({FailureReason.TIMEOUT}),
    ),
    Attack(
        "flood_output",
        "makes the host read one gibibyte of output",
        """
import os

def run(bait):
    block = b"x" * (1 << 20)
    for _ in range(1024):
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(1, rest):]
    return ["1 GiB printed"]
""",
        refusals=frozenset({FailureReason.OUTPUT_EXCEEDED}),
    ),
    Attack(
        "big_result",
        "makes the host take a result of 64 MiB",
        """
def run(bait):
    return ["x" * (64 << 20)]
""",
        refusals=frozenset({FailureReason.OUTPUT_EXCEEDED}),
    ),
    Attack(
        "deep_result",
        "makes the host walk a result that is five hundred levels deep",
        """
def run(bait):
    result = []
    for _ in range(500):
        result = [result]
    return result
""",
        refusals=frozenset({FailureReason.CONTRACT_VIOLATION}),
    ),
    Attack(
        "forged_deep_frame",
        "writes a deeply nested answer past the runner, straight into the channel",
        """
import os, struct

def run(bait):
    body = b'{"id":1,"output":' + b"[" * 500 + b'"x"' + b"]" * 500 + b"}"
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack("!I", len(body)) + body)
        except OSError:
            pass
    result = ["x"]
    for _ in range(500):
        result = [result]
    return result
""",
        refusals=frozenset({FailureReason.CONTRACT_VIOLATION}),
    ),
    Attack(
        "no_number",
        "makes the host take a result that is not JSON: NaN and infinity",
        """
def run(bait):
    return [float("nan"), float("inf")]
""",
        refusals=frozenset({FailureReason.CONTRACT_VIOLATION}),
    ),
)
