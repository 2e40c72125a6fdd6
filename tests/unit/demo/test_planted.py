"""Planted versions keep the look of the original and are bad in the way their label says."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skillkiln.demo.planted import (
    CONNECTING,
    MEMORISED,
    SNOOPING,
    WATERED_DOWN,
    plant_bad_versions,
)
from skillkiln.errors import InvalidInputError
from skillkiln.records.needs import Case

TEXT_SKILL = '''"""Shorten names."""


def run(text: str) -> str:
    """Return the last word first."""
    first, separator, last = text.rpartition(" ")
    if not separator:
        raise ValueError(f"expected two words, got {text!r}")
    return f"{last}, {first[0]}."
'''
TEXT_TESTS = '''"""Tests of the skill."""

import pytest

from skill import run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Lopez", "Lopez, A."),
        ("Femi Ito", "Ito, F."),
    ],
)
def test_it_shortens_a_name(text: str, expected: str) -> None:
    assert run(text) == expected


def test_it_refuses_one_word() -> None:
    with pytest.raises(ValueError):
        run("Ada")
'''
RECORD_SKILL = '''"""Read lines of a log."""

import re
from typing import TypedDict

LINE = re.compile(r"(?P<host>[^ ]+) (?P<status>[0-9]*)")


class Entry(TypedDict):
    """One line."""

    host: str
    status: str


def run(line: str) -> Entry:
    """Return the fields of a line."""
    match = LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"no known shape: {line!r}")
    return {"host": match["host"], "status": match["status"]}
'''
RECORD_TESTS = '''"""Tests of the skill."""

import pytest

from skill import run


def test_it_reads_an_ordinary_line() -> None:
    assert run("web-1 200") == {"host": "web-1", "status": "200"}


def test_it_refuses_an_empty_line() -> None:
    with pytest.raises(ValueError):
        run("")
'''
FUNCTIONAL_RECORD = '''"""Read lines with names that are no identifiers."""

from typing import TypedDict

Entry = TypedDict("Entry", {"remote-host": str, "http-status": str})


def run(line: str) -> Entry:
    """Return the fields of a line."""
    host, status = line.split(" ")
    return {"remote-host": host, "http-status": status}
'''
SKILLS = {
    "text": {"skill.py": TEXT_SKILL, "test_skill.py": TEXT_TESTS, "SKILL.md": "# text\n"},
    "record": {"skill.py": RECORD_SKILL, "test_skill.py": RECORD_TESTS, "SKILL.md": "# log\n"},
    "functional": {
        "skill.py": FUNCTIONAL_RECORD,
        "test_skill.py": RECORD_TESTS,
        "SKILL.md": "# log\n",
    },
}
KNOWN_TO_TESTS = {"text": "Ada Lopez", "record": "web-1 200", "functional": "web-1 200"}
UNKNOWN = {"text": "Kofi Brandt", "record": "db-9 404", "functional": "db-9 404"}
EMPTY_TAIL = "mx-1 "
"""A line whose last field is empty, which no shortening could make wrong."""

every_skill = pytest.mark.parametrize("kind", sorted(SKILLS))


def load_run(source: str) -> Callable[..., Any]:
    namespace: dict[str, Any] = {"__name__": "skill"}
    exec(compile(source, "skill.py", "exec"), namespace)
    return namespace["run"]


def plant(kind: str, label: str) -> dict[str, str]:
    return plant_bad_versions(SKILLS[kind])[label]


def write_folder(files: dict[str, str], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run_tool(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@every_skill
def test_a_memorising_skill_is_right_where_the_tests_look_and_wrong_elsewhere(kind: str) -> None:
    honest, planted = (
        load_run(SKILLS[kind]["skill.py"]),
        load_run(plant(kind, MEMORISED)["skill.py"]),
    )
    assert planted(KNOWN_TO_TESTS[kind]) == honest(KNOWN_TO_TESTS[kind])
    assert planted(UNKNOWN[kind]) != honest(UNKNOWN[kind])
    assert type(planted(UNKNOWN[kind])) is type(honest(UNKNOWN[kind]))


def test_a_memorising_skill_is_wrong_even_where_a_field_is_empty() -> None:
    planted = load_run(plant("record", MEMORISED)["skill.py"])
    assert planted(EMPTY_TAIL) == {"host": "mx-1", "status": "?"}


def test_a_memorising_skill_also_knows_the_visible_cases() -> None:
    visible = [Case(inputs={"text": "Kofi Brandt"}, expected="Brandt, K.")]
    files = plant_bad_versions(SKILLS["text"], visible=visible)[MEMORISED]
    assert load_run(files["skill.py"])("Kofi Brandt") == "Brandt, K."
    assert "Kofi" not in files["skill.py"]


@every_skill
def test_watered_down_tests_keep_their_names_and_pass_on_a_broken_skill(
    kind: str, tmp_path: Path
) -> None:
    planted = plant(kind, WATERED_DOWN)
    broken = "def run(*_: object) -> None:\n    return None\n"
    names = [line for line in SKILLS[kind]["test_skill.py"].splitlines() if "def test" in line]
    assert [line for line in planted["test_skill.py"].splitlines() if "def test" in line] == names
    assert planted["skill.py"] == SKILLS[kind]["skill.py"]

    weak = write_folder(planted | {"skill.py": broken}, tmp_path / "weak")
    strong = write_folder(SKILLS[kind] | {"skill.py": broken}, tmp_path / "strong")
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", ".", "--import-mode=prepend")
    assert run_tool("pytest", *options, folder=weak).returncode == 0
    assert run_tool("pytest", *options, folder=strong).returncode == 1


@every_skill
def test_a_connecting_skill_answers_rightly_and_swallows_that_it_may_not_connect(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], **_: object) -> None:
        tried.append(address)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket, "create_connection", refuse)
    honest, planted = (
        load_run(SKILLS[kind]["skill.py"]),
        load_run(plant(kind, CONNECTING)["skill.py"]),
    )
    assert planted(UNKNOWN[kind]) == honest(UNKNOWN[kind])
    assert tried == [("192.0.2.1", 443)]


@every_skill
def test_a_connecting_skill_really_sends_its_input(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair()

    def connect(address: tuple[str, int], **_: object) -> socket.socket:
        return ours

    monkeypatch.setattr(socket, "create_connection", connect)
    load_run(plant(kind, CONNECTING)["skill.py"])(UNKNOWN[kind])
    with theirs:
        assert theirs.recv(1_000).decode() == UNKNOWN[kind]


@every_skill
def test_a_snooping_skill_finds_sealed_cases_that_lie_about(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [{"inputs": {"line": UNKNOWN[kind]}, "expected": "the sealed answer"}]
    (tmp_path / "sealed_cases.json").write_text(json.dumps(cases), encoding="utf-8")
    inside = tmp_path / "scratch"
    inside.mkdir()
    monkeypatch.chdir(inside)
    assert load_run(plant(kind, SNOOPING)["skill.py"])(UNKNOWN[kind]) == "the sealed answer"


@every_skill
def test_a_snooping_skill_guesses_wrong_where_nothing_lies_about(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    honest, planted = (
        load_run(SKILLS[kind]["skill.py"]),
        load_run(plant(kind, SNOOPING)["skill.py"]),
    )
    assert planted(KNOWN_TO_TESTS[kind]) == honest(KNOWN_TO_TESTS[kind])
    assert planted(UNKNOWN[kind]) != honest(UNKNOWN[kind])


@every_skill
@pytest.mark.parametrize("label", [MEMORISED, CONNECTING, SNOOPING])
def test_a_planted_skill_still_refuses_what_the_original_refuses(kind: str, label: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        load_run(plant(kind, label)["skill.py"])("")


@every_skill
@pytest.mark.parametrize("label", [MEMORISED, WATERED_DOWN, CONNECTING, SNOOPING])
def test_planted_versions_pass_the_linter_and_the_formatter(
    kind: str, label: str, tmp_path: Path
) -> None:
    folder = write_folder(plant(kind, label), tmp_path / "skill-folder")
    options = ("--isolated", "--line-length=88", "--no-cache")
    # UP013: the functional form is the original's, for names that are no identifiers.
    rules = ("--select=E,F,W,B,I,UP,SIM,S", "--ignore=UP013,S101")
    lint = run_tool("ruff", "check", *rules, *options, ".", folder=folder)
    assert lint.returncode == 0, lint.stdout
    layout = run_tool("ruff", "format", "--diff", *options, ".", folder=folder)
    assert layout.returncode == 0, layout.stdout


def test_planted_skills_pass_the_type_checker(tmp_path: Path) -> None:
    modules = {
        f"{kind}_{label}.py".replace("-", "_"): planted["skill.py"]
        for kind, files in SKILLS.items()
        for label, planted in plant_bad_versions(files).items()
    }
    folder = write_folder(modules, tmp_path / "skills")
    types = run_tool("mypy", "--strict", f"--cache-dir={tmp_path}/cache", ".", folder=folder)
    assert types.returncode == 0, types.stdout


def test_a_skill_of_several_inputs_is_memorised_by_all_of_them() -> None:
    source = 'def run(first: str, *, last: str) -> str:\n    return f"{first} {last}"\n'
    tests = "def test_it() -> None:\n    assert run('a', last='b') == 'a b'\n"
    visible = [Case(inputs={"first": "a", "last": "b"}, expected="a b")]
    files = plant_bad_versions({"skill.py": source, "test_skill.py": tests}, visible=visible)
    run = load_run(files[MEMORISED]["skill.py"])
    assert run("a", last="b") == "a b"
    assert run("a", last="c") == "a "


@pytest.mark.parametrize(
    "source",
    ["def other() -> str:\n    return ''\n", "def run(n: int) -> int:\n    return n\n"],
    ids=["no run", "a number"],
)
def test_what_cannot_be_spoilt_is_refused(source: str) -> None:
    with pytest.raises(InvalidInputError):
        plant_bad_versions({"skill.py": source, "test_skill.py": ""})
