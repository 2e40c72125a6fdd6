"""The pages say what is there: every command, setting, error, status, reason and floor."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from skillkiln import errors
from skillkiln.cli.main import COMMANDS, load_command
from skillkiln.errors import SkillkilnError
from skillkiln.settings import Settings
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.status import TRANSITIONS, Status

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
EXPECTED = [
    "docs/reference/cli.md",
    "docs/reference/settings.md",
    "docs/reference/errors.md",
    "docs/reference/file-formats.md",
    "docs/concepts/architecture.md",
    "docs/concepts/glossary.md",
    "docs/concepts/life-of-a-skill.md",
    "docs/concepts/trust-model.md",
    "docs/concepts/isolation.md",
]
FENCE = re.compile(r"```.*?```", re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
CALL = re.compile(r"(?:^\s*\$ |`)(?:\./run|skillkiln) (?P<words>[^`#\n]+)", re.MULTILINE)
RUN_ONLY = {"test"}
"""What `./run` does itself, without the command line."""


def words_on(page: str) -> set[str]:
    """The words that a page shows as code."""
    return set(re.findall(r"`([^`\n]+)`", (ROOT / page).read_text(encoding="utf-8")))


def leaves(parent: type[SkillkilnError]) -> list[type[SkillkilnError]]:
    below = [leaf for child in parent.__subclasses__() for leaf in leaves(child)]
    return below or [parent]


def options_of(command: str) -> set[str]:
    loaded: Any = load_command(command)
    spellings = {text for parameter in loaded.params for text in parameter.opts}
    return {text for text in spellings if text.startswith("-")} | {"--help", "-h"}


@pytest.mark.parametrize("page", EXPECTED)
def test_the_page_is_there(page: str) -> None:
    assert (ROOT / page).is_file()


def test_what_is_written_from_the_code_is_up_to_date() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts/reference.py", "--check"], capture_output=True, text=True
    )
    assert ran.returncode == 0, f"run `python scripts/reference.py`:\n{ran.stdout}{ran.stderr}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_section_with_all_its_options(command: str) -> None:
    page = (DOCS / "reference/cli.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## skillkiln {command}\n")[2].partition("\n## ")[0]
    assert COMMANDS[command] in page
    for option in options_of(command) - {"--help", "-h"}:
        assert option in section


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_documented(setting: str) -> None:
    assert {setting, f"SKILLKILN_{setting.upper()}"} <= words_on("docs/reference/settings.md")


@pytest.mark.parametrize("error", leaves(SkillkilnError), ids=lambda error: error.__name__)
def test_every_error_is_documented(error: type[SkillkilnError]) -> None:
    assert error.__module__ == errors.__name__
    assert {error.code, error.__name__} <= words_on("docs/reference/errors.md")


def test_every_failure_reason_is_explained_in_the_glossary() -> None:
    section = (
        (DOCS / "concepts/glossary.md")
        .read_text(encoding="utf-8")
        .partition("## Failure reasons")[2]
    )
    explained = set(re.findall(r"^\| `(\w+)` \| \S", section, re.MULTILINE))
    assert explained == {str(reason) for reason in FailureReason}


def test_the_life_of_a_skill_tells_the_status_machine_as_it_is() -> None:
    section = (
        (DOCS / "concepts/life-of-a-skill.md")
        .read_text(encoding="utf-8")
        .partition("## Statuses")[2]
    )
    rows = re.findall(r"^\| `(\w+)` \| .+? \| (.+) \|$", section, re.MULTILINE)
    told = {status: set(re.findall(r"`(\w+)`", followers)) for status, followers in rows}
    assert told == {
        str(status): {str(follower) for follower in TRANSITIONS[status]} for status in Status
    }


def test_the_drawn_floors_are_those_that_import_linter_holds() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    held = [set(layer.split(" | ")) for layer in layers if layer != "__main__"]
    tree = (
        (DOCS / "concepts/architecture.md")
        .read_text(encoding="utf-8")
        .partition("src/skillkiln/\n")[2]
    )
    drawn = [
        re.sub(r"/|\.py$", "", name)
        for line in tree.partition("```")[0].splitlines()
        for name in line.strip().partition("  ")[0].split()
    ]
    for floor in held:
        assert set(drawn[: len(floor)]) == floor
        drawn = drawn[len(floor) :]
    assert not drawn


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for match in LINK.finditer(text):
        target, _, anchor = match["target"].partition("#")
        if "://" in target:
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{match.group()} leads nowhere"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), f"{match.group()}: no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors that a renderer gives to a page's headings."""
    headings = re.findall(
        r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE
    )
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for match in CALL.finditer(page.read_text(encoding="utf-8")):
        words = match["words"].split()
        if words[0] in RUN_ONLY or not re.fullmatch(r"[a-z][a-z-]*", words[0]):
            continue
        assert words[0] in COMMANDS, f"{match.group()!r}: no such command"
        for word in words[1:]:
            if word.startswith("-"):
                option = word.partition("=")[0].rstrip(",.;:)")
                assert option in options_of(words[0]), f"{match.group()!r}: no option {option}"


def test_the_readme_shows_the_two_commands_that_a_clone_has() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\n$ ./run demo" in readme
    assert "\n$ ./run test" in readme
    assert (ROOT / "run").stat().st_mode & 0o111
