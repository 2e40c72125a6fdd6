"""What the pages tell a reader to type is typed; what they claim of the program is compared."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from skillkiln.demo.mcp_client import visit
from skillkiln.demo.recorder import record_sessions
from skillkiln.sandbox.self_check import ATTACKS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "guides").glob("*.md"))
RUN_PAGES = [DOCS / "tutorial.md", *GUIDES, DOCS / "concepts" / "isolation.md"]
"""The tutorial comes first: the others go on where it ended."""

NOT_RUN = {
    "git clone": "needs the network",
    "./run demo": "the tutorial runs the demo, tests/test_set_up.py runs `./run`",
    "./run test": "would run these tests again",
    "skillkiln mcp": "waits for an agent; started below, as the guide says",
}
"""Commands of the README that are not run here, by how they begin, and why."""
ANSWERED = {"skillkiln scan": "--yes"}
"""Commands that ask, and the option that answers: there is nobody to ask."""
ROWS = "name,initials\n" + "".join(
    f"{first} {last},{first[0]}{last[0]}\n"
    for first, last in [
        ("Ada", "Lovelace"),
        ("Grace", "Hopper"),
        ("Alan", "Turing"),
        ("Edsger", "Dijkstra"),
        ("Barbara", "Liskov"),
        ("Donald", "Knuth"),
        ("Tony", "Hoare"),
        ("John", "Backus"),
        ("Frances", "Allen"),
        ("Niklaus", "Wirth"),
        ("Dennis", "Ritchie"),
        ("Ken", "Thompson"),
        ("Leslie", "Lamport"),
        ("Robin", "Milner"),
    ]
)
ELSEWHERE = """
import platform, sys
import skillkiln.sandbox.capabilities as capabilities
from skillkiln.cli.main import run

capabilities.is_linux = lambda: False
platform.system = lambda: "Darwin"
run()
"""


def fences(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def run_transcripts(*pages: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "transcripts.py", *pages],
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_tutorial_and_the_guides_show_what_their_commands_print() -> None:
    ran = run_transcripts(*RUN_PAGES)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("$ echo one\ntwo\n", "+ one"),
        ("$ echo one; echo two\none\n", "+ two"),
        ("$ echo one; echo two\ntwo\n…\n", "+ one"),
        ("$ false\n$ echo on\non\n", "ended with 1, unsaid"),
        ("$ false\n", "ended with 1, unsaid"),
        ("$ echo 2026-01-02\nsoon\n", "+ 2026-01-02"),
    ],
)
def test_a_page_that_shows_what_is_not_so_is_noticed(
    block: str, complaint: str, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n```console\n{block}```\n")
    ran = run_transcripts(page)
    assert ran.returncode == 1
    assert complaint in ran.stdout


def test_ids_dates_and_what_is_left_out_may_differ(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Save this as `made.txt`:\n\n"
        "```text\n0123456789ab on 2026-01-02 in 3 ms\nmore\nlast\n```\n\n"
        "```console\n$ cat made.txt\nffffffffffff on 1999-12-31 in 0.5 s\n…\nlast\n"
        "$ echo ffff\n0123\n$ false\n$ echo $?\n1\n```\n\n"
        "<!-- not run: it would fail -->\n```console\n$ exit 9\n```\n"
    )
    ran = run_transcripts(page)
    assert ran.returncode == 0, ran.stdout


def readme_commands() -> list[str]:
    readme = ROOT / "README.md"
    lines = [line for block in fences(readme, "console") for line in block.splitlines()]
    return [" ".join(shlex.split(line[2:], comments=True)) for line in lines]


def test_every_reason_not_to_run_a_command_of_the_readme_is_needed() -> None:
    for beginning in [*NOT_RUN, *ANSWERED]:
        assert any(command.startswith(beginning) for command in readme_commands())


@pytest.mark.slow
def test_the_commands_of_the_readme_run_in_their_order(tmp_path: Path) -> None:
    recorded = record_sessions(tmp_path, seed=1, clock=lambda: datetime(2026, 3, 4, tzinfo=UTC))
    shutil.copytree(recorded.sessions, tmp_path / ".claude" / "projects")
    (tmp_path / "examples.csv").write_text(ROWS, encoding="utf-8")
    gap_id = ""
    for command in readme_commands():
        if command.startswith(tuple(NOT_RUN)):
            continue
        program, *words = shlex.split(command.replace("GAP", gap_id))
        assert program == "skillkiln"
        words += [option for asks, option in ANSWERED.items() if command == asks]
        ran = type_in(tmp_path, *words)
        assert ran.returncode == 0, f"$ {command}\n{ran.stdout}{ran.stderr}"
        if command == "skillkiln scan":
            gap_id = json.loads(type_in(tmp_path, "gaps", "--json").stdout)[0]["id"][:4]
    inventory = json.loads(type_in(tmp_path, "skills", "--json").stdout)
    assert [release["status"] for release in inventory] == ["live", "live"]


def type_in(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}  # noqa: TID251 - the machine's tools
    return subprocess.run(
        [sys.executable, "-m", "skillkiln", *words],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_the_settings_for_hosts_start_a_server_with_the_tools_of_the_table(tmp_path: Path) -> None:
    page = DOCS / "guides" / "serve-over-mcp.md"
    settings = [json.loads(block) for block in fences(page, "json")]
    settings += [tomllib.loads(block) for block in fences(page, "toml")]
    servers = [each for top in settings for group in top.values() for each in group.values()]
    commands = [[server["command"], *server["args"]] for server in servers]
    assert len(commands) == 3
    assert type_in(tmp_path, "init", "-w", "kept").returncode == 0
    told = re.findall(r"^\| `(\w+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    for program, *arguments in commands:
        assert program == "skillkiln"
        assert arguments == ["mcp", "--workspace", "/path/to/.skillkiln"]
        workspace = [a.replace("/path/to/.skillkiln", str(tmp_path / "kept")) for a in arguments]
        seen = visit(
            [sys.executable, "-m", "skillkiln", *workspace],
            {"HOME": str(tmp_path)},
            query="anything",
            skill="none",
            inputs=[],
            cwd=tmp_path,
        )
        assert list(seen.tools) == told


def test_elsewhere_doctor_says_what_the_page_says_and_nothing_is_run(tmp_path: Path) -> None:
    page = DOCS / "guides" / "other-systems.md"
    (told,) = fences(page, "text")
    doctor = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, "doctor"], capture_output=True, text=True
    )
    assert doctor.returncode == 1
    assert doctor.stdout.startswith(told)
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    forge = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, "forge", "--from", "rows.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert forge.returncode == 5
    assert "macOS has no namespaces" in forge.stderr


def test_every_attack_stands_in_the_page_on_isolation_with_its_claim() -> None:
    text = (DOCS / "concepts" / "isolation.md").read_text(encoding="utf-8")
    section = text.partition("## The attacks\n")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))
    assert told == {attack.name: attack.claim for attack in ATTACKS}
    assert "Fifty attacks" in text
    assert len(ATTACKS) == 50


def test_every_page_is_reached_from_the_index() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        if page.name != "index.md":
            assert f"({page.relative_to(DOCS).as_posix()})" in index


def test_every_decision_is_listed_under_its_own_title() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    decisions = sorted((DOCS / "adr").glob("*.md"))
    assert decisions
    for decision in decisions:
        first_line = decision.read_text(encoding="utf-8").partition("\n")[0]
        heading = re.fullmatch(r"# (?P<number>\d+)\. (?P<title>.+)", first_line)
        assert heading, first_line
        assert f"{heading['number']}. [{heading['title']}](adr/{decision.name})" in index


def test_the_picture_is_drawn_and_names_no_machine() -> None:
    text = (DOCS / "demo.svg").read_text(encoding="utf-8")
    shown = [piece.text or "" for piece in ElementTree.fromstring(text).iter() if piece.text]
    assert any("skillkiln demo" in piece for piece in shown)
    assert not re.search(r"/(?:tmp|root|home|work)\b|https?://(?!www\.w3\.org)", text)
