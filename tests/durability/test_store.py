"""The store under kill -9, crowds and full disks: whole or not at all, and never a wrong word.

Each writer is a process of its own that says on its standard output what was acknowledged. Nothing
here waits for a time to pass; the kills come after a number of acknowledgements.
"""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillkiln.store.sql import SqlStore, open_store

PRELUDE = """
import itertools, json, os, resource, sys
from datetime import datetime, timezone
from pathlib import Path
from skillkiln.errors import StoreError
from skillkiln.records.attempts import Attempt
from skillkiln.records.candidates import Refusal
from skillkiln.records.needs import Case, Need
from skillkiln.store.sql import open_store

def clock():
    return datetime.now(timezone.utc)

def say(*words):
    print(*words, flush=True)

def keep(store, key):
    # One unit of work in four tables: a need, its case, an attempt, two ledger entries.
    case = Case(inputs={"line": key * 50}, expected=key)
    refusal = Refusal(author="agent:a", reason="too few")
    with store.transaction():
        store.needs.save(Need(id=key, gap_id=None, name="a", purpose="p", sealed=(case,)))
        store.attempts.save(Attempt(need_id=key, author="agent:a", number=1, refusal=refusal))
        store.ledger.append("need_built", key)

"""
OPEN = "store = open_store(Path(sys.argv[1]), clock=clock)\n"

STOP_INSIDE = """
with store.transaction():
    keep(store, "half")
    store.blobs.save(b"x" * 3_000_000)
    say("inside")
    sys.stdin.read()
"""

KEEP_FOR_EVER = """
for number in itertools.count():
    key = f"{sys.argv[2]}-{number}"
    keep(store, key)
    say(key)
"""

APPEND = """
for number in range(int(sys.argv[3])):
    store.ledger.append("counted", sys.argv[2], {"n": number})
say("done")
"""

OPEN_TOGETHER = """
for number in range(int(sys.argv[2])):
    say("ready", number)
    sys.stdin.readline()
    store = open_store(Path(sys.argv[1]) / f"{number}.db", clock=clock)
    store.ledger.append("opened", "by one of us")
    store.close()
say("done")
"""

FILL_THE_DISK = """
folder = Path(sys.argv[1]).parent
ballast = folder / "ballast"
ballast.write_bytes(b"x" * 400_000)
kept = []
try:
    for number in range(100_000):
        keep(store, f"k{number}")
        kept.append(f"k{number}")
except StoreError as error:
    failure = [type(error).__name__, str(error)]
else:
    failure = None
seen = [need.id for need in store.needs.load_all()]
entries = store.ledger.check()
ballast.unlink()
keep(store, "after")
store.close()
again = open_store(Path(sys.argv[1]), clock=clock)
say(json.dumps({
    "failure": failure, "kept": sorted(kept), "seen": sorted(seen), "entries": entries,
    "after": again.needs.find("after") is not None, "entries_after": again.ledger.check(),
}))
"""

LIMIT_FILES = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
"""
LIFT_LIMIT = "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"


def _command(script: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", PRELUDE + OPEN + script, *map(str, arguments)]


@contextmanager
def _started(script: str, *arguments: object) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        _command(script, *arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _write_line(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


@contextmanager
def _opened(path: Path) -> Generator[SqlStore]:
    store = open_store(path, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    yield store
    store.close()


def _check_whole(path: Path, acknowledged: set[str]) -> None:
    """Every unit of work is there whole or not at all, and every acknowledged one is there."""
    with _opened(path) as store:
        kept = {need.id for need in store.needs.load_all() if need.sealed}
        assert kept == {need.id for need in store.needs.load_all()}
        assert kept == {attempt.attempt.need_id for attempt in store.attempts.load()}
        assert kept == {entry.subject for entry in store.ledger.load(kind="attempt")}
        assert kept == {entry.subject for entry in store.ledger.load(kind="need_built")}
        assert store.ledger.check() == 2 * len(kept)
        assert acknowledged <= kept
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_writer_killed_inside_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with _started(STOP_INSIDE, path) as writer:
        assert _read_line(writer) == "inside"
        writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
    _check_whole(path, set())
    with _opened(path) as store:
        store.ledger.append("published", "goes on")
        assert store.ledger.check() == 1


@pytest.mark.parametrize("acknowledgements", [1, 2, 7, 30])
def test_a_writer_killed_at_any_time_loses_nothing_acknowledged(
    tmp_path: Path, acknowledgements: int
) -> None:
    path, acknowledged = tmp_path / "s.db", set[str]()
    for round_number in range(3):
        with _started(KEEP_FOR_EVER, path, round_number) as writer:
            for _ in range(acknowledgements):
                acknowledged.add(_read_line(writer))
            writer.send_signal(signal.SIGKILL)
            rest, _ = writer.communicate()
            # The last line may have been cut off by the kill.
            acknowledged.update(line.strip() for line in rest.splitlines(True) if line[-1] == "\n")
        _check_whole(path, acknowledged)
    assert len(acknowledged) >= 3 * acknowledgements


def test_one_writer_killed_does_not_disturb_the_others(tmp_path: Path) -> None:
    path, acknowledged = tmp_path / "s.db", set[str]()
    with (
        _started(KEEP_FOR_EVER, path, "killed") as killed,
        _started(KEEP_FOR_EVER, path, "lives") as lives,
    ):
        for _ in range(10):
            acknowledged.add(_read_line(killed))
            acknowledged.add(_read_line(lives))
        killed.send_signal(signal.SIGKILL)
        for _ in range(10):
            acknowledged.add(_read_line(lives))
    _check_whole(path, acknowledged)
    assert "" not in acknowledged


def test_several_processes_share_one_unbroken_ledger(tmp_path: Path) -> None:
    path, names, each = tmp_path / "s.db", ["a", "b", "c"], 150
    writers = [
        subprocess.Popen(_command(APPEND, path, name, each), stdout=subprocess.PIPE, text=True)
        for name in names
    ]
    assert [writer.communicate()[0] for writer in writers] == ["done\n"] * len(names)
    with _opened(path) as store:
        assert store.ledger.check() == each * len(names)
        for name in names:
            counted = [entry.payload["n"] for entry in store.ledger.load(subject=name)]
            assert counted == list(range(each))


def test_several_processes_may_make_the_store_at_once(tmp_path: Path) -> None:
    rounds, crowd = 8, 4
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", PRELUDE + OPEN_TOGETHER, str(tmp_path), str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(crowd)
    ]
    for number in range(rounds):
        assert [_read_line(opener) for opener in openers] == [f"ready {number}"] * crowd
        for opener in openers:
            _write_line(opener, "go")
    assert [opener.communicate()[0] for opener in openers] == ["done\n"] * crowd
    for number in range(rounds):
        with _opened(tmp_path / f"{number}.db") as store:
            assert store.ledger.check() == crowd


def _check_refused_in_time(said: str, failure: str) -> None:
    result = json.loads(said)
    assert result["failure"] is not None, "the disk was never full"
    assert result["failure"][0] == failure, result["failure"]
    assert result["kept"], "something was kept before"
    assert result["seen"] == result["kept"]
    assert result["entries"] == 2 * len(result["kept"])
    assert result["after"], "with room again it goes on"
    assert result["entries_after"] == 2 * len(result["kept"]) + 2


def test_a_full_disk_loses_nothing_and_goes_on_with_room(tmp_path: Path) -> None:
    """On a real file system of 2 MB, in a mount namespace of its own."""
    jail = ["bwrap", "--dev-bind", "/", "/", "--size", "2000000", "--tmpfs", str(tmp_path)]
    ran = subprocess.run(
        [*jail, *_command(FILL_THE_DISK, tmp_path / "s.db")], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    _check_refused_in_time(ran.stdout, "StoreFullError")


def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    script = LIMIT_FILES + FILL_THE_DISK.replace("ballast.unlink()\n", LIFT_LIMIT)
    ran = subprocess.run(_command(script, tmp_path / "s.db"), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    _check_refused_in_time(ran.stdout, "StoreError")
