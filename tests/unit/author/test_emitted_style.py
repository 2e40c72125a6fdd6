"""Would a reviewer's tools accept what the authors write? Formatter, linter, types, security."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from skillkiln.author.by_example import ByExample
from skillkiln.author.record_fields import RecordFields
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate
from skillkiln.records.needs import Brief

MakeBrief = Callable[..., Brief]
RULES = "E,F,W,B,I,UP,SIM,S,C90,N,D2,RET"


def write_candidates(make_brief: MakeBrief, budget: Budget) -> list[Candidate]:
    """Write one candidate of each kind of layout: short, long, several shapes, odd names."""
    requests = [
        (
            f'10.0.{n}.1 - "GET /a/rather/long/path/of/shelf/{n * 37} HTTP/1.1" '
            f'{200 + n} "agent {n}"',
            {
                "host": f"10.0.{n}.1",
                "request": f"GET /a/rather/long/path/of/shelf/{n * 37} HTTP/1.1",
                "status": str(200 + n),
                "user agent": f"agent {n}",
            },
        )
        for n in range(1, 9)
    ]
    steps = [
        (
            f'step {n}: it\'s "on" \\ {n * 7}' if n % 2 else f"step {n}; off",
            {"step": str(n), "load": str(n * 7) if n % 2 else ""},
        )
        for n in range(1, 13)
    ]
    pairs = [(f"k{n}=v{n * 3}", {"key": f"k{n}", "value": f"v{n * 3}"}) for n in range(1, 9)]
    names = [("Wanda Quill", "Quill, W."), ("Otto Brandt", "Brandt, O."), ("Jun Abe", "Abe, J.")]
    names += [("Mira Low", "Low, M."), ("Elif Demir", "Demir, E.")]
    bills = [
        (f"INV-20{n}-000{n * 7} {word} for {word}s [{n}]", f"{n * 7}/20{n} [{word.upper()}] / {n}")
        for n, word in enumerate(["tea", "pot", "cup", "lid", "urn", "jar"], start=21)
    ]
    kinds = [("box 12", "12 box"), ("jar", "jar?"), ("tin 7", "7 tin"), ("pot", "pot?")]
    kinds += [("cup 30", "30 cup"), ("lid", "lid?"), ("urn 8", "8 urn")]
    tails = [(f"a/{n}/{n * 3}_{n}.log", f"{n * 3}") for n in range(11, 18)]
    lines, strings = RecordFields(time.monotonic), ByExample(time.monotonic)
    written = [
        lines.write(make_brief(requests, parameters=("line",)), budget),
        lines.write(make_brief(steps, parameters=("line",)), budget),
        lines.write(make_brief(pairs, parameters=("a_rather_long_parameter_name",)), budget),
        strings.write(make_brief(names, parameters=("full_name",)), budget),
        strings.write(make_brief(bills), budget),
        strings.write(make_brief(kinds), budget),
        strings.write(make_brief(tails, parameters=("path_of_the_file_in_question",)), budget),
    ]
    assert all(isinstance(item, Candidate) for item in written), written
    return [item for item in written if isinstance(item, Candidate)]


@pytest.fixture
def folder(make_brief: MakeBrief, budget: Budget, tmp_path: Path) -> Path:
    for index, candidate in enumerate(write_candidates(make_brief, budget)):
        home = tmp_path / f"skill_{index}"
        home.mkdir()
        for path, text in candidate.files.items():
            assert "\r" not in text
            (home / path).write_text(text, encoding="utf-8")
        # One type check of all needs names that differ.
        (tmp_path / f"typed_{index}.py").write_text(candidate.files["skill.py"], encoding="utf-8")
    return tmp_path


def run_tool(*arguments: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        cwd=cwd,
    )


def test_the_formatter_would_change_nothing(folder: Path) -> None:
    done = run_tool("ruff", "format", "--isolated", "--diff", folder)
    assert done.returncode == 0, done.stdout


def test_the_linter_objects_to_nothing(folder: Path) -> None:
    ignored = "S101,D203,D212,D213,RET505"
    for home in sorted(folder.glob("skill_*")):
        done = run_tool(
            *("ruff", "check", "--isolated", "--no-cache", "--select", RULES, "--ignore", ignored),
            cwd=home,
        )
        assert done.returncode == 0, done.stdout


def test_the_type_checker_objects_to_nothing(folder: Path) -> None:
    done = run_tool(
        *("mypy", "--strict", "--config-file=", f"--cache-dir={folder / 'cache'}"),
        *sorted(folder.glob("typed_*.py")),
    )
    assert done.returncode == 0, done.stdout


def test_the_security_linter_objects_to_nothing(folder: Path) -> None:
    done = run_tool("bandit", "-q", *sorted(folder.glob("skill_*/skill.py")))
    assert done.returncode == 0, done.stdout
