"""A good candidate, ways to spoil it, and a real sandbox to prove it in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from skillkiln.errors import InvalidContractError
from skillkiln.prove.interface import Subject, build_subject
from skillkiln.records.candidates import Candidate
from skillkiln.records.needs import Case, Need
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import Sandbox
from skillkiln.skill.contract import Contract
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import SkillMd, render_skill_md

SKILL = '''"""Turn a person's name round."""

import re

# for example `Ada Lovelace`
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

TESTS = '''"""Names that the skill was not fitted to, and input that it refuses."""

import pytest

from skill import run


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Alan Turing", "Turing, A."), ("Grace Hopper", "Hopper, G."), ("Donald Knuth", "Knuth, D.")],
)
def test_writes_names_last_first(text: str, expected: str) -> None:
    assert run(text) == expected


def test_refuses_nothing() -> None:
    with pytest.raises(ValueError):
        run("")


def test_refuses_what_is_no_name() -> None:
    with pytest.raises(ValueError):
        run("no name; at all 12")


def test_refuses_a_massive_text() -> None:
    with pytest.raises(ValueError):
        run("Ada Lovelace " * 10_000)
'''

BODY = """# Last name first

## When to use
When a list of people has to be sorted or cited by last name.

## Interface
`run(text: str) -> str`: `text` is a first and a last name.

## Limits
Raises ValueError for anything but two words.
"""

DESCRIPTION = "Writes a person's name as last name and initial. Use when citing people."

PEOPLE = (
    ("Ada", "Lovelace"),
    ("Alan", "Turing"),
    ("Grace", "Hopper"),
    ("Barbara", "Liskov"),
    ("Donald", "Knuth"),
    ("Edsger", "Dijkstra"),
    ("Frances", "Allen"),
    ("John", "Backus"),
    ("Kathleen", "Booth"),
    ("Margaret", "Hamilton"),
    ("Niklaus", "Wirth"),
    ("Tony", "Hoare"),
)

CASES = tuple(
    Case(inputs={"text": f"{first} {last}"}, expected=f"{last}, {first[0]}.")
    for first, last in PEOPLE
)

Prepare = Callable[..., Subject]


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return BubblewrapSandbox()


@pytest.fixture
def need() -> Need:
    return Need(
        id="need:names",
        gap_id=None,
        name="last-name-first",
        purpose="Write a person's name as last name and initial.",
        parameters=("text",),
        visible=CASES[:6],
        sealed=CASES[6:],
    )


@pytest.fixture
def prepare(need: Need, sandbox: Sandbox) -> Prepare:
    """Build a subject: the good candidate, with whatever is named put in its place."""

    def build(
        *,
        skill: str = SKILL,
        tests: str = TESTS,
        skill_md: str | None = None,
        more_files: dict[str, str] | None = None,
        contract: Contract | None = None,
        need: Need = need,
        **fields: object,
    ) -> Subject:
        made = SkillMd(name=need.name, description=DESCRIPTION, body=BODY)
        candidate = Candidate(
            need_id=need.id,
            author="agent:test",
            contract=contract or build_contract(skill, need),
            files={
                "SKILL.md": render_skill_md(made) if skill_md is None else skill_md,
                "skill.py": skill,
                "test_skill.py": tests,
                **(more_files or {}),
            },
            learned_from=3,
            held_out=3,
        )
        return build_subject(candidate.model_copy(update=fields), need, sandbox)

    return build


def build_contract(skill: str, need: Need) -> Contract:
    """Derive the contract; a skill that cannot be read gets that of the good one."""
    try:
        schemas = derive_schemas(skill)
    except InvalidContractError:
        schemas = derive_schemas(SKILL)
    return Contract(
        name=need.name,
        version="1.0.0",
        input_schema=schemas.input_schema,
        output_schema=schemas.output_schema,
        timeout_ms=1_000,
    )


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A clock that moves on by a millisecond each time it is read."""
    moments = iter(range(1_000_000))
    began = datetime(2026, 1, 1, tzinfo=UTC)
    return lambda: began + timedelta(milliseconds=next(moments))
