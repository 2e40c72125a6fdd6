"""What becomes of a release when a run is killed, when a name is taken, and when records are cut.

The whole loop, on a skill that a person wrote: nothing of ours is replaced, and a killed run is a
process that ends itself with SIGKILL at the named place.
"""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from skillkiln.app import STORE_FILE, Skillkiln
from skillkiln.notice.tables import Table, read_table
from skillkiln.settings import Settings
from skillkiln.skill.status import Status
from skillkiln.workflows.interface import ForgeResult

SKILL = '''"""Turn a person's name round."""

import re

NAME = re.compile(r"(\\w+) (\\w+)")


def run(text: str) -> str:
    """Write a name as `Last, F.`.

    Raises:
        ValueError: the text is not a first and a last name.
    """
    match = NAME.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a first and a last name, got {text[:40]!r}")
    first, last = match.groups()
    return f"{last}, {first[0]}."
'''

TESTS = '''"""Names that are turned round, and input that is refused."""

import pytest

from skill import run


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Ann Turing", "Turing, A."), ("Bo Hopper", "Hopper, B."), ("Cy Knuth", "Knuth, C.")],
)
def test_turns_names_round(text: str, expected: str) -> None:
    assert run(text) == expected


def test_refuses_nothing() -> None:
    with pytest.raises(ValueError):
        run("")


def test_refuses_what_is_no_name() -> None:
    with pytest.raises(ValueError):
        run("no name; at all 12")


def test_refuses_a_massive_text() -> None:
    with pytest.raises(ValueError):
        run("Ann Turing " * 10_000)


def test_refuses_another_alphabet_with_a_comma() -> None:
    with pytest.raises(ValueError):
        run("東京, 大阪")
'''

SKILL_MD = """---
name: turn-name-round
description: "Turns a person's name round. Use it when a list of people is sorted by last name."
---
# Names, last one first

`run(text: str) -> str`: `text` is a first and a last name. Raises ValueError for anything else.
"""

FIRST_NAMES = ("Ada", "Alan", "Edsger", "Frances")
LAST_NAMES = ("Allen", "Backus", "Dijkstra", "Lovelace")
PEOPLE = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]

KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from skillkiln.app import Skillkiln
from skillkiln.notice.tables import read_table
from skillkiln.settings import Settings
from skillkiln.registry.registry import Registry
from skillkiln.store.releases import SqlReleases

workspace, folder, cases, owner, place = sys.argv[1:]
owners = {"registry": Registry, "store": SqlReleases}
setattr(owners[owner], place, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
with Skillkiln.open(Settings(workspace=Path(workspace))) as kiln:
    kiln.adopt(Path(folder), read_table(Path(cases)), "ada")
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(workspace=tmp_path / "workspace")
    Skillkiln.create(settings)
    return settings


@pytest.fixture
def kiln(settings: Settings) -> Iterator[Skillkiln]:
    with Skillkiln.open(settings) as kiln:
        yield kiln


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = [f'{first} {last},"{last}, {first[0]}."' for first, last in PEOPLE]
    path.write_text("\n".join(["text,wanted", *rows, ""]))
    return path


def write_folder(place: Path, skill: str = SKILL, tests: str = TESTS) -> Path:
    place.mkdir()
    for name, text in (("skill.py", skill), ("test_skill.py", tests), ("SKILL.md", SKILL_MD)):
        (place / name).write_text(text)
    return place


def adopt(kiln: Skillkiln, folder: Path, cases: Path | Table) -> ForgeResult:
    table = read_table(cases) if isinstance(cases, Path) else cases
    return kiln.adopt(folder, table, "ada")


@pytest.mark.parametrize(
    ("owner", "place"),
    [("registry", "export"), ("registry", "make_live"), ("store", "point_live")],
    ids=["before the folder is written", "after shadow", "in the middle of going live"],
)
def test_a_killed_run_is_taken_up_where_it_was(
    settings: Settings, tmp_path: Path, cases: Path, owner: str, place: str
) -> None:
    folder = write_folder(tmp_path / "skill")
    arguments = [str(settings.workspace), str(folder), str(cases), owner, place]
    killed = subprocess.run([sys.executable, "-c", KILLED_RUN, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL

    with Skillkiln.open(settings) as kiln:
        (left,) = kiln.inventory()
        assert left.status is Status.SHADOW
        shutil.rmtree(settings.workspace / left.path, ignore_errors=True)
        result = adopt(kiln, folder, cases)
        assert result.release is not None
        assert result.release.digest == left.digest
        assert [release.status for release in kiln.inventory()] == [Status.LIVE]
        assert (settings.workspace / left.path).is_dir()
        assert kiln.audit().is_sound


def test_a_name_keeps_its_answers(kiln: Skillkiln, tmp_path: Path, cases: Path) -> None:
    good = adopt(kiln, write_folder(tmp_path / "good"), cases)
    assert good.release is not None

    # The same name and form, proved on cases of its own, and every answer is another.
    twisted = write_folder(
        tmp_path / "twisted",
        SKILL.replace("{last}, {first[0]}.", "{last} {first}"),
        TESTS.replace("Turing, A.", "Turing Ann")
        .replace("Hopper, B.", "Hopper Bo")
        .replace("Knuth, C.", "Knuth Cy"),
    )
    others = tuple((f"{first} {last}", f"{last} {first}") for first, last in PEOPLE)
    refused = adopt(kiln, twisted, Table(("text", "wanted"), others, "others.csv"))
    assert refused.release is None
    assert "cases that the live turn-name-round 1.0.0 was proved on" in refused.reason
    assert not any(first in refused.reason for first in FIRST_NAMES)
    called = kiln.invoke("turn-name-round", {"text": "Ada Lovelace"}, caller="test")
    assert called.output == "Lovelace, A."

    # Once a person retired it, the name is free for something else.
    kiln.retire("turn-name-round", "another skill gets the name")
    assert adopt(kiln, twisted, Table(("text", "wanted"), others, "others.csv")).release is not None


def test_each_version_shows_its_own_evidence_and_a_ledger_cut_short_is_noticed(
    kiln: Skillkiln, settings: Settings, tmp_path: Path, cases: Path
) -> None:
    folder = write_folder(tmp_path / "skill")
    for version in ("1.0.0", "1.0.1"):
        result = adopt(kiln, folder, cases)
        assert result.release is not None, result.reason
        assert result.release.version == version
    for release in kiln.inventory():
        sheet = kiln.show(release.digest)
        assert sheet.attempt is not None
        assert sheet.attempt.evidence is not None
        assert sheet.statement is not None
        assert sheet.attempt.evidence.began_at == sheet.statement.claim.began_at
    assert kiln.audit().is_sound

    with sqlite3.connect(settings.workspace / STORE_FILE) as connection:
        connection.execute("DROP TRIGGER ledger_refuses_delete")
        connection.execute("DELETE FROM ledger WHERE seq > 2")
    connection.close()
    report = kiln.audit()
    assert not report.is_sound
    assert report.ledger_problem is not None
