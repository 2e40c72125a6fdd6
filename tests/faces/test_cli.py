"""Every command, typed as a person or a program would, and what it exits with."""

import json
import shlex
import signal
import sqlite3
import stat
import subprocess
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import skills_ref  # pyright: ignore[reportMissingTypeStubs] - it ships none

from skillkiln.cli.main import COMMANDS
from skillkiln.demo.recorder import record_sessions

RECORDINGS = Path(__file__).parents[2] / "src/skillkiln/demo/recordings"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shell: Any, command: str) -> None:
    typed = shell.type(command, "--help")
    assert typed.code == 0
    assert "Usage: " in typed.out


def test_without_a_command_it_shows_the_way(shell: Any) -> None:
    assert "skillkiln demo" in shell.type().err


def test_an_unknown_command_is_the_users_error(shell: Any) -> None:
    typed = shell.type("frobnicate")
    assert typed.code == 2
    assert "frobnicate" in typed.err


def test_init_makes_a_private_key_once_and_never_shows_it(shell: Any) -> None:
    first, second = shell.type("init", "--json"), shell.type("init", "--json")
    assert (first.code, second.code) == (0, 0)
    assert first.json()["is_new"]
    assert not second.json()["is_new"]
    assert first.json()["key_id"] == second.json()["key_id"]
    (key,) = (shell.folder / ".skillkiln/keys").glob("*.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = key.read_text().splitlines()[1]
    assert secret not in first.out + first.err + second.out


def test_doctor_says_that_this_machine_can_isolate(shell: Any) -> None:
    typed = shell.type("doctor", "--json")
    assert typed.code == 0
    assert typed.json()["is_usable"]


def test_a_missing_workspace_says_how_to_make_one(shell: Any) -> None:
    typed = shell.type("skills")
    assert typed.code == 2
    assert "skillkiln init" in typed.err


@pytest.mark.parametrize("command", ["skills", "gaps", "audit"])
def test_an_empty_workspace_is_no_error(shell: Any, command: str) -> None:
    shell.type("init")
    assert shell.type(command).code == 0


def test_scan_ranks_gaps_with_evidence_that_points_at_lines(shell: Any) -> None:
    typed = shell.type("scan", RECORDINGS, "--json")
    assert typed.code == 0
    report = typed.json()
    assert report["sessions"] >= 3
    assert report["cost"]
    for gap in report["gaps"]:
        for seen in gap["signals"]:
            assert Path(seen["pointer"]["path"]).is_file()
            assert seen["pointer"]["line"] >= 1
    listed = shell.type("gaps", "--json").json()
    assert [gap["id"] for gap in listed] == [gap["id"] for gap in report["gaps"]]


def test_scan_asks_before_it_reads_the_hosts_sessions(shell: Any) -> None:
    place = shell.folder / ".claude/projects/-work"
    place.mkdir(parents=True)
    (place / "one.jsonl").write_text('{"type":"user","sessionId":"s"}\n')
    typed = shell.type("scan")
    assert typed.code == 2
    assert "--yes" in typed.err
    assert shell.type("scan", "--yes").code == 0


def test_scan_of_nothing_says_so(shell: Any) -> None:
    assert shell.type("scan", "no/such/place").code == 2


def test_forge_needs_one_source(shell: Any) -> None:
    shell.type("init")
    assert shell.type("forge").code == 2
    assert shell.type("forge", "abc", "--from", "x.csv").code == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "header"),
        ("only one column\na\nb\n", "header"),
        ("a,b\n1\n", "expected 2 columns"),
        ("a,b\n" + "x,1\nx,2\n" * 20, "two results"),
        ("a,b\n1,2\n3,4\n", "at least"),
    ],
)
def test_forge_explains_what_is_wrong_with_a_table(shell: Any, text: str, says: str) -> None:
    shell.write("rows.csv", text)
    typed = shell.type("forge", "--from", "rows.csv")
    assert typed.code == 2
    assert says in typed.err


def test_forge_refuses_bytes_that_are_no_text(shell: Any) -> None:
    (shell.folder / "rows.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    typed = shell.type("forge", "--from", "rows.csv")
    assert typed.code == 2
    assert "UTF-8" in typed.err


def test_forge_exits_1_with_the_reason_when_no_author_can(shell: Any) -> None:
    words = ["quay", "fjord", "lynx", "vow", "zinc", "jump", "oak", "pith", "gnu", "wisp", "cwm"]
    rows = "".join(f"{w},{zlib.crc32(w.encode()) % 99991}\n" for w in words)
    shell.write("rows.csv", "word,number\n" + rows)
    typed = shell.type("forge", "--from", "rows.csv", "--json")
    assert typed.code == 1
    outcome = typed.json()
    assert outcome["release"] is None
    assert outcome["reason"]
    assert all(stage["outcome"] != "passed" for stage in outcome["stages"])


def test_a_forged_skill_is_live_found_shown_and_called(forged: Any) -> None:
    (release,) = forged.type("skills", "--json").json()
    assert release["status"] == "live"
    assert release["path"]
    assert (forged.folder / ".skillkiln" / release["path"] / "skill.py").is_file()
    assert skills_ref.validate(forged.folder / ".skillkiln" / release["path"]) == []
    (card,) = forged.type("find", "short name", "--json").json()
    assert "run" not in json.dumps(card)
    sheet = forged.type("show", "name-to-short", "--json").json()
    assert sheet["attempt"]["verdict"]["score"] >= 9.6
    assert forged.type("show", "name-to-short").code == 0
    typed = forged.type("invoke", "name-to-short", "name=Radia Perlman")
    assert (typed.code, json.loads(typed.out)) == (0, "Perlman, R.")
    as_object = forged.type("invoke", "name-to-short", "-", stdin='{"name": "Radia Perlman"}')
    assert json.loads(as_object.out) == "Perlman, R."


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["name-to-short"], 1, "contract_violation"),
        (["name-to-short", "name=x", "extra=1"], 1, "contract_violation"),
        (["name-to-short", '{"name": 7}'], 1, "contract_violation"),
        (["name-to-short", "loose"], 2, "NAME=VALUE"),
        (["name-to-short", "{broken"], 2, "JSON"),
        (["name-to-shorts", "name=x"], 2, "name-to-short"),
        (["name-to-short", "name=A B", "--version", "9.9.9"], 2, "9.9.9"),
    ],
)
def test_a_bad_call_says_why(forged: Any, words: list[str], code: int, says: str) -> None:
    typed = forged.type("invoke", *words)
    assert typed.code == code
    assert says in typed.err


def test_find_exits_1_when_nothing_fits(forged: Any) -> None:
    assert forged.type("find", "orbital mechanics").code == 1


def test_rolling_back_the_only_version_leaves_none(forged: Any) -> None:
    typed = forged.type("rollback", "name-to-short", "--json")
    assert (typed.code, typed.json()["live"]) == (0, None)
    assert forged.type("invoke", "name-to-short", "name=A B").code == 2
    assert forged.type("audit").code == 0


def test_retiring_keeps_the_history(forged: Any) -> None:
    assert forged.type("retire", "name-to-short", "--reason", "not needed").code == 0
    (release,) = forged.type("skills", "--json").json()
    assert release["status"] == "retired"
    assert "not needed" in forged.type("show", "name-to-short").out


def test_audit_names_a_changed_ledger_entry(forged: Any) -> None:
    change_store(
        forged,
        "UPDATE ledger SET payload = replace(payload, '1.0.0', '9.0.0') WHERE kind = 'published'",
    )
    typed = forged.type("audit")
    assert typed.code == 3
    assert "ledger entry" in typed.out


def test_audit_sees_that_the_ledger_was_cut_short(forged: Any) -> None:
    change_store(forged, "DELETE FROM ledger WHERE seq >= 2")
    typed = forged.type("audit")
    assert typed.code == 3
    assert "ledger" in typed.out


def test_a_changed_file_is_never_run_and_quarantines(forged: Any) -> None:
    change_store(
        forged, "UPDATE blobs SET content = CAST(replace(content, 'split', 'strip') AS BLOB)"
    )
    typed = forged.type("invoke", "name-to-short", "name=Radia Perlman")
    assert typed.code == 3
    (release,) = forged.type("skills", "--json").json()
    assert release["status"] == "quarantined"
    assert forged.type("audit").code == 3
    assert forged.type("show", "name-to-short").code == 0


def test_a_rotated_key_still_vouches_and_a_revoked_one_does_not(forged: Any) -> None:
    assert forged.type("keys", "--rotate").code == 0
    assert forged.type("invoke", "name-to-short", "name=A B").code == 0
    old, new = forged.type("keys", "--json").json()["keys"]
    assert (old["status"], new["status"]) == ("retired", "active")
    first_line = forged.type("keys").out.splitlines()[0]
    assert forged.type("keys", "--revoke", first_line[:8]).code == 2
    revoked = forged.type("keys", "--revoke", first_line[:8], "--reason", "laptop stolen")
    assert revoked.code == 0
    assert "laptop stolen" in revoked.out
    assert forged.type("invoke", "name-to-short", "name=A B").code == 3
    assert forged.type("audit").code == 3


def change_store(shell: Any, statement: str) -> None:
    """Change the store behind our back, as somebody with the file could."""
    with sqlite3.connect(shell.folder / ".skillkiln/skillkiln.db") as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (name,) in triggers.fetchall():
            if "fts" not in name:
                connection.execute(f'DROP TRIGGER "{name}"')
        assert connection.execute(statement).rowcount >= 1
    connection.close()


def test_a_damaged_store_is_an_error_and_not_a_crash(forged: Any) -> None:
    path = forged.folder / ".skillkiln/skillkiln.db"
    content = bytearray(path.read_bytes())
    content[100:4096] = bytes(3996)
    path.write_bytes(content)
    typed = forged.type("skills")
    assert typed.code == 7
    assert "Traceback" not in typed.err


def test_forget_removes_what_came_from_a_session(shell: Any) -> None:
    recorded = record_sessions(shell.folder, seed=1, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    report = shell.type("scan", recorded.sessions, "--json").json()
    session = report["gaps"][0]["signals"][0]["pointer"]["session_id"]
    assert shell.type("forget", session).code == 0
    assert session not in shell.type("gaps", "--json").out
    shell.type("scan", recorded.sessions)
    assert session not in shell.type("gaps", "--json").out


def test_two_forges_at_once_on_one_store(
    make_shell: Callable[[str], Any], names_table: str
) -> None:
    shell = make_shell("both")
    shell.type("init")
    shell.write("names.csv", names_table)
    shell.write("upper.csv", names_table.replace("short", "brief"))
    runs = [
        subprocess.Popen(
            shell.argv("forge", "--from", f"{table}.csv", "--name", table, "--json"),
            cwd=shell.folder,
            env=shell.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for table in ("names", "upper")
    ]
    ended = [(*run.communicate(timeout=180), run.returncode) for run in runs]
    releases = {release["name"] for release in shell.type("skills", "--json").json()}
    assert releases == {json.loads(out)["release"]["name"] for out, _, code in ended if code == 0}
    assert releases, ended
    assert shell.type("audit").code == 0


def test_ctrl_c_leaves_a_consistent_store(shell: Any, names_table: str) -> None:
    shell.type("init")
    shell.write("names.csv", names_table)
    for delay_s in (0.6, 1.5, 3.0):
        run = subprocess.Popen(
            shell.argv("forge", "--from", "names.csv"),
            cwd=shell.folder,
            env=shell.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A test run in the background ignores interrupts, and would pass that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        time.sleep(delay_s)
        run.send_signal(signal.SIGINT)
        code = run.wait(timeout=60)
        assert code in {130, 0, -signal.SIGINT}, code
        assert shell.type("audit").code == 0
    assert shell.type("forge", "--from", "names.csv").code == 0


def test_a_full_disk_is_said_and_nothing_is_half_written(shell: Any) -> None:
    disk = shell.folder / "disk"
    disk.mkdir()
    command = shlex.join(map(str, shell.argv("scan", RECORDINGS, "-w", disk / "kiln")))
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
         f"mount -t tmpfs -o size=200k tmpfs {shlex.quote(str(disk))} && {command}"],
        cwd=shell.folder,
        env=shell.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    assert "store_full" in done.stderr
    assert "Traceback" not in done.stderr


def test_output_can_be_piped_into_a_reader_that_stops(forged: Any) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(forged.argv('show', 'name-to-short'))} | head -n 1"],
        cwd=forged.folder,
        env=forged.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_a_skill_of_a_person_goes_through_the_same_gates(forged: Any, names_table: str) -> None:
    source = forged.folder / ".skillkiln/skills/name-to-short/1.0.0/name-to-short"
    mine = forged.folder / "initials"
    mine.mkdir()
    for name in ("SKILL.md", "skill.py", "test_skill.py"):
        text = (source / name).read_text().replace("name-to-short", "initials")
        (mine / name).write_text(text)
    forged.type("retire", "name-to-short")
    without = forged.type("adopt", mine, "--json")
    assert without.code == 1
    assert "sealed" in without.json()["reason"]
    forged.write("cases.csv", names_table)
    adopted = forged.type("adopt", mine, "--cases", "cases.csv", "--author", "ada", "--json")
    assert adopted.code == 0, adopted.out + adopted.err
    assert adopted.json()["release"]["created_by"] == "human:ada"
    (mine / "skill.py").write_text("import socket\n" + (mine / "skill.py").read_text())
    bad = forged.type("adopt", mine, "--cases", "cases.csv", "--json")
    assert bad.code == 1
