"""Calling a skill: what comes back, what fails and why, and what a session keeps."""

from collections.abc import Callable

import pytest

from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.calls import SkillSession, call_skill, open_skill
from skillkiln.sandbox.interface import MIB, CallResult, Policy
from skillkiln.skill.reasons import FailureReason

Call = Callable[..., CallResult]
QUICK = Policy(wall_ms=3_000)


def open_source(sandbox: BubblewrapSandbox, source: str, **options: bool) -> SkillSession:
    return open_skill(sandbox, {"skill.py": source.encode()}, QUICK, **options)


def test_a_call_returns_json(call: Call) -> None:
    result = call("def run(n: int) -> int:\n    return n + 1\n", n=1)
    assert result.is_ok
    assert result.output == 2
    assert result.wall_ms > 0
    assert result.peak_memory_bytes
    assert result.peak_memory_bytes < 100 * MIB


@pytest.mark.parametrize(
    ("expression", "output"),
    [
        ("None", None),
        ("(1, (2, 3))", [1, [2, 3]]),
        ("Point(1, Point(2, 3))", {"x": 1, "y": {"x": 2, "y": 3}}),
        ("Pair(1, 2)", [1, 2]),
        ("{'a': [True, None, 1.5, 'é']}", {"a": [True, None, 1.5, "é"]}),
        ("Colour.RED", "red"),
        ("10 ** 4000", 10**4000),
    ],
)
def test_results_become_json(call: Call, expression: str, output: object) -> None:
    source = f"""
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

@dataclass
class Point:
    x: int
    y: object

class Pair(NamedTuple):
    a: int
    b: int

class Colour(StrEnum):
    RED = "red"

def run():
    return {expression}
"""
    result = call(source)
    assert result.message == ""
    assert result.output == output


@pytest.mark.parametrize(
    "expression",
    [
        "float('nan')",
        "float('-inf')",
        "{1, 2}",
        "b'bytes'",
        "object()",
        "{1: 'number key'}",
        "'\\ud800'",
        "10 ** 5000",
        "nested(100)",
        "run",
    ],
)
def test_what_is_not_json_breaks_the_contract(call: Call, expression: str) -> None:
    source = f"""
def nested(depth):
    return [nested(depth - 1)] if depth else []

def run():
    return {expression}
"""
    result = call(source)
    assert result.failure is FailureReason.CONTRACT_VIOLATION
    assert result.output is None


def test_an_exception_is_told_with_its_bases_and_its_line(call: Call) -> None:
    result = call(
        "class BadDate(ValueError):\n    pass\n\ndef run():\n    raise BadDate('the 31st')\n"
    )
    assert result.failure is FailureReason.RUNTIME_ERROR
    assert result.exception == "BadDate"
    assert result.exception_bases[0] == "ValueError"
    assert result.message == "BadDate: the 31st (skill.py line 5)"


@pytest.mark.parametrize(
    ("source", "failure"),
    [
        ("def run(", FailureReason.SYNTAX_ERROR),
        ("x = '\0'", FailureReason.SYNTAX_ERROR),
        ("", FailureReason.CONTRACT_VIOLATION),
        ("run = 3", FailureReason.CONTRACT_VIOLATION),
        ("raise KeyError('at import')", FailureReason.RUNTIME_ERROR),
        ("import os\nos._exit(0)", FailureReason.RUNTIME_ERROR),
        ("import sys\nsys.exit(0)", FailureReason.RUNTIME_ERROR),
        ("import not_installed", FailureReason.RUNTIME_ERROR),
        ("import pydantic", FailureReason.RUNTIME_ERROR),
        ("while True: pass", FailureReason.TIMEOUT),
        ("def run(): return bytearray(1 << 30)", FailureReason.MEMORY_EXCEEDED),
        ("def run(): open('/etc/passwd', 'w')", FailureReason.PERMISSION_DENIED),
        ("import os\ndef run(): os.fork()", FailureReason.PERMISSION_DENIED),
        ("def run(): return run()", FailureReason.RUNTIME_ERROR),
        ("import os\ndef run(): os.abort()", FailureReason.RUNTIME_ERROR),
        ("import ctypes\ndef run(): ctypes.string_at(0)", FailureReason.RUNTIME_ERROR),
        ("def run():\n  while True: print('x' * 1000)", FailureReason.OUTPUT_EXCEEDED),
        ("def run(): return 'x' * (9 << 20)", FailureReason.OUTPUT_EXCEEDED),
    ],
    ids=lambda value: str(value)[:30],
)
def test_each_failure_has_its_reason(call: Call, source: str, failure: FailureReason) -> None:
    result = call(source, Policy(wall_ms=1_000))
    assert result.failure is failure, result.message
    assert result.message


def test_a_timeout_says_how_long_was_waited(call: Call) -> None:
    result = call("import time\ndef run(): time.sleep(60)", Policy(wall_ms=200))
    assert result.failure is FailureReason.TIMEOUT
    assert result.message == "no answer within 200 ms"
    assert 200 <= result.wall_ms < 5_000


def test_denied_attempts_are_seen_though_the_skill_swallows_them(call: Call) -> None:
    source = """
import contextlib, os, pathlib, socket, subprocess, tempfile

def run():
    for attempt in (
        lambda: socket.socket(),
        lambda: open("/etc/x", "w"),
        lambda: os.mkdir("/skill/new"),
        lambda: subprocess.run(["ls"]),
        lambda: os.fork(),
        lambda: pathlib.Path(tempfile.mkdtemp(), "fine").write_text("x"),
    ):
        with contextlib.suppress(Exception):
            attempt()
    return "nothing to see"
"""
    result = call(source)
    assert result.is_ok
    tried = " | ".join(result.attempts)
    for expected in ("socket", "write /etc/x", "mkdir /skill/new", "execute", "fork"):
        assert expected in tried
    assert "fine" not in tried


def test_an_innocent_call_attempts_nothing(call: Call) -> None:
    source = """
import asyncio, csv, datetime, decimal, hashlib, json, random, re, sqlite3, statistics, tempfile
import threading, uuid, zoneinfo

async def wait():
    await asyncio.sleep(0)

def run():
    asyncio.run(wait())
    worker = threading.Thread(target=lambda: None)
    worker.start()
    worker.join()
    with sqlite3.connect(":memory:") as database:
        database.execute("select 1")
    with tempfile.TemporaryDirectory() as folder, open(folder + "/x", "w") as file:
        file.write("x")
    datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin"))
    return [hashlib.sha256(b"").hexdigest()[:4], len(str(uuid.uuid4())), random.random() < 1]
"""
    result = call(source)
    assert result.message == ""
    assert result.output == ["e3b0", 36, True]
    assert [attempt for attempt in result.attempts if "native code" not in attempt] == []


def test_attempts_are_told_for_each_call_of_a_session(sandbox: BubblewrapSandbox) -> None:
    source = """
import socket
def run(n):
    try:
        socket.socket() if n else None
    except OSError:
        pass
"""
    with open_source(sandbox, source) as session:
        attempts = [session.call({"n": n}).attempts for n in (1, 0, 1)]
    assert attempts == [("socket",), (), ("socket",)]


def test_what_is_printed_comes_with_its_call(sandbox: BubblewrapSandbox) -> None:
    source = "import sys\ndef run(n):\n    print('out', n)\n    print('err', n, file=sys.stderr)\n"
    with open_source(sandbox, source) as session:
        assert session.call({"n": 1}).printed == "out 1\nerr 1\n"
        assert session.call({"n": 2}).printed == "out 2\nerr 2\n"


def test_a_session_keeps_state_and_a_broken_call_costs_it(sandbox: BubblewrapSandbox) -> None:
    source = """
import os
count = 0
def run(end):
    global count
    count += 1
    return os._exit(3) if end else count
"""
    with open_source(sandbox, source) as session:
        assert [session.call({"end": False}).output for _ in range(2)] == [1, 2]
        broken = session.call({"end": True})
        assert broken.failure is FailureReason.RUNTIME_ERROR
        assert "exit code 3" in broken.message
        assert session.call({"end": False}).output == 1


def test_each_call_of_a_session_has_its_own_clock(sandbox: BubblewrapSandbox) -> None:
    source = "import time\ndef run(s): time.sleep(s)"
    with open_skill(sandbox, {"skill.py": source.encode()}, Policy(wall_ms=600)) as session:
        assert all(session.call({"s": 0.3}).is_ok for _ in range(4))
        assert session.call({"s": 3}).failure is FailureReason.TIMEOUT


def test_a_frozen_clock_stands_still(call: Call) -> None:
    source = """
import datetime, time
from datetime import date
def run():
    return [
        time.time(), time.time_ns(), str(datetime.datetime.now()), str(date.today()),
        time.strftime("%Y"), time.ctime(), str(datetime.datetime.now(datetime.UTC)),
        isinstance(datetime.datetime(2020, 1, 1), datetime.datetime),
        issubclass(datetime.datetime, date), time.monotonic() > 0,
        str(datetime.datetime(2020, 1, 31) + datetime.timedelta(days=1)),
    ]
"""
    result = call(source, frozen_at=1e9)
    assert result.output == [
        1e9,
        10**18,
        "2001-09-09 01:46:40",
        "2001-09-09",
        "2001",
        "Sun Sep  9 01:46:40 2001",
        "2001-09-09 01:46:40+00:00",
        True,
        True,
        True,
        "2020-02-01 00:00:00",
    ]


def test_the_hash_seed_orders_sets(sandbox: BubblewrapSandbox) -> None:
    files = {"skill.py": b"def run(): return list({str(n) for n in range(50)})"}
    first, same, other = (
        call_skill(sandbox, files, {}, QUICK, hash_seed=seed).output for seed in (1, 1, 2)
    )
    assert first == same
    assert first != other


def test_coverage_names_the_lines_that_ran(sandbox: BubblewrapSandbox) -> None:
    source = (
        "def run(n):\n    if n:\n        return 1\n    return 2\n\nasync def unused():\n    pass\n"
    )
    with open_source(sandbox, source, is_traced=True) as session:
        session.call({"n": 0})
        assert session.coverage().covered == (1, 2, 4, 6)
        session.call({"n": 1})
        coverage = session.coverage()
    assert coverage.covered == (1, 2, 3, 4, 6)
    assert coverage.executable == (1, 2, 3, 4, 6, 7)


def test_companion_files_are_there_and_telling_files_are_not(sandbox: BubblewrapSandbox) -> None:
    files = {
        "skill.py": b"import os, words\ndef run(): return words.WORD, sorted(os.listdir('/skill'))",
        "words.py": b"WORD = 'hello'",
        "table/rows.csv": b"1,2",
        "SKILL.md": b"x",
        "skill.json": b"{}",
        "test_skill.py": b"x",
        "attestation.jsonl": b"x",
        "requirements.lock": b"x",
    }
    result = call_skill(sandbox, files, {}, QUICK)
    assert result.output == ["hello", ["skill.py", "table", "words.py"]]


def test_inputs_that_are_no_json_are_refused_before_the_skill_sees_them(call: Call) -> None:
    result = call("def run(n): return 1", n=float("nan"))
    assert result.failure is FailureReason.CONTRACT_VIOLATION


def test_a_skill_that_cannot_load_answers_every_call_alike(sandbox: BubblewrapSandbox) -> None:
    with open_source(sandbox, "import nothing_like_it") as session:
        assert session.load_failure is not None
        assert session.call({}) == session.call({}) == session.load_failure


def test_large_inputs_and_outputs_cross(call: Call) -> None:
    text = "é" * 1_000_000
    assert call("def run(text): return text[::-1]", text=text).output == text
