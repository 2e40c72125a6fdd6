"""What the tests of the authors share: briefs, a budget, and running what was written.

Emitted skills are run in a process of their own, isolated from this one.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import JsonValue

from skillkiln.author.by_example import ByExample
from skillkiln.author.record_fields import RecordFields
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate
from skillkiln.records.needs import Brief, Case

Pairs = Sequence[tuple[JsonValue | tuple[str, ...], JsonValue]]

RUNNER = """
import json, sys
from skill import run
answers = []
for inputs in json.load(sys.stdin):
    try:
        answers.append(run(**inputs))
    except ValueError as error:
        answers.append({"refused": str(error)})
json.dump(answers, sys.stdout)
"""


@pytest.fixture
def budget() -> Budget:
    return Budget(attempts=1, wall_ms=10_000)


@pytest.fixture
def by_example() -> ByExample:
    return ByExample(time.monotonic)


@pytest.fixture
def record_fields() -> RecordFields:
    return RecordFields(time.monotonic)


@pytest.fixture
def make_brief() -> Callable[..., Brief]:
    def make(
        pairs: Pairs,
        *,
        parameters: tuple[str, ...] = ("text",),
        unlabelled: Sequence[str] = (),
        name: str = "a-skill",
        purpose: str = "Do what the examples show.",
        triggers: tuple[str, ...] = ("text like the examples turns up",),
    ) -> Brief:
        cases: list[Case] = []
        for given, expected in pairs:
            values = given if isinstance(given, tuple) else (given,)
            cases.append(Case(inputs=dict(zip(parameters, values, strict=True)), expected=expected))
        return Brief(
            need_id="need-1",
            name=name,
            purpose=purpose,
            triggers=triggers,
            parameters=parameters,
            cases=tuple(cases),
            unlabelled=tuple({parameters[0]: text} for text in unlabelled),
        )

    return make


@pytest.fixture
def run_skill(tmp_path: Path) -> Callable[[Candidate, Sequence[Mapping[str, str]]], JsonValue]:
    """Run an emitted skill on some inputs; a refusal comes back as `{"refused": message}`."""

    def run(candidate: Candidate, inputs: Sequence[Mapping[str, str]]) -> JsonValue:
        (tmp_path / "skill.py").write_text(candidate.files["skill.py"], encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", RUNNER],
            cwd=tmp_path,
            input=json.dumps(list(inputs)),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
        return json.loads(done.stdout)

    return run


@pytest.fixture
def run_own_tests(tmp_path: Path) -> Callable[[Candidate], "subprocess.CompletedProcess[str]"]:
    """Run a candidate's own tests, in a fresh folder and process."""

    def run(candidate: Candidate) -> "subprocess.CompletedProcess[str]":
        folder = tmp_path / "own"
        folder.mkdir(exist_ok=True)
        for path, text in candidate.files.items():
            (folder / path).write_text(text, encoding="utf-8")
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-c",
                "/dev/null",
                ".",
            ],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run
