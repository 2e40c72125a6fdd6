"""The excerpt of real sessions is what ORIGIN.md says: whole lines, unmodified, licensed."""

import hashlib
import json
import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

FOLDER = Path(str(files("skillkiln.demo"))) / "recordings" / "claude-code"
SESSIONS = sorted(FOLDER.glob("*.jsonl"))
LARGEST_EXCERPT_BYTES = 400 * 1024


def read_records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_file_has_the_digest_and_line_count_that_its_origin_states() -> None:
    table = (FOLDER / "ORIGIN.md").read_text(encoding="utf-8")
    stated = {
        name: (lines, digest)
        for name, lines, total, digest in re.findall(
            r"^\| `(\S+)` \| (\S.*?) \| (\d+) \| `([0-9a-f]{64})` \|$", table, re.MULTILINE
        )
        if total
    }
    assert set(stated) == {path.name for path in SESSIONS}
    for path in SESSIONS:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == stated[path.name][1]


def test_the_licence_lies_beside_it() -> None:
    licence = (FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License")
    assert "Copyright (c) 2026 marot" in licence


def test_it_is_small_and_ends_at_whole_lines() -> None:
    assert sum(path.stat().st_size for path in SESSIONS) <= LARGEST_EXCERPT_BYTES
    assert all(path.read_bytes().endswith(b"\n") for path in SESSIONS)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_every_line_is_a_record(path: Path) -> None:
    assert all(record["type"] for record in read_records(path))


def test_a_failure_recurs_in_different_sessions() -> None:
    sessions = defaultdict[str, set[str]](set)
    for path in SESSIONS:
        for line in path.read_text(encoding="utf-8").splitlines():
            for failure in ("Sibling tool call errored", "EISDIR", "File does not exist"):
                if failure in line and '"is_error":true' in line:
                    sessions[failure].add(json.loads(line)["sessionId"])
    assert len(sessions["Sibling tool call errored"]) >= 2
    assert set(sessions) == {"Sibling tool call errored", "EISDIR", "File does not exist"}


def test_it_holds_sub_agents_compaction_and_a_person_who_interrupts() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in SESSIONS)
    assert '"isSidechain":true' in everything
    assert any(path.name.startswith("agent-acompact-") for path in SESSIONS)
    assert "[Request interrupted by user for tool use]" in everything


@pytest.mark.parametrize(
    "secret",
    [
        r"[\w.+-]+@[\w-]+\.[a-z]{2,}",
        r"\bsk-[A-Za-z0-9]{20,}",
        r"\bghp_\w{20,}",
        r"\bAKIA[A-Z0-9]{12,}",
        r"BEGIN [A-Z ]*PRIVATE KEY",
        r"(?i)\b(password|passwd|authorization|api_key)\b[\"\\]*\s*[:=]",
    ],
)
def test_no_secret_and_no_mail_address_is_in_it(secret: str) -> None:
    for path in SESSIONS:
        assert not re.search(secret, path.read_text(encoding="utf-8")), path.name
