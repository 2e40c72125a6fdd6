"""The judge on evidence from the real gates: clean accepted, weak or tangled not."""

from datetime import UTC, datetime

import pytest

from skillkiln.judge.launch_gates import arbitrate
from skillkiln.judge.score import score
from skillkiln.prove.gate_list import build_gates
from skillkiln.prove.interface import build_subject
from skillkiln.prove.prove import prove
from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence
from skillkiln.records.needs import Case, Need
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.skill.contract import Contract
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import SkillMd, render_skill_md

SKILL = '''"""Bring a part number to its normal form."""

import re

# for example `ab-0012`
PART = re.compile(r"([A-Za-z]{2})-(\\d{1,12})")


def run(text: str) -> str:
    """Write the letters large and the number without leading zeros.

    Raises:
        ValueError: the text is not two letters, a hyphen and a number.
    """
    match = PART.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a part number, got {text[:40]!r}")
    return f"{match[1].upper()}-{int(match[2])}"
'''

TANGLED = SKILL.replace(
    '    return f"{match[1]',
    """    number = 0
    for digit in match[2]:
        if digit == "0":
            if number:
                number *= 10
            else:
                continue
        elif digit in "13579":
            if number or digit:
                number = number * 10 + int(digit)
        elif number or digit:
            number = number * 10 + int(digit)
    return f"{match[1]""",
).replace("int(match[2])", "number")

ORDINARY = '''"""Part numbers."""

import pytest

from skill import run


@pytest.mark.parametrize(
    ("text", "expected"), [("ab-1", "AB-1"), ("Xy-0420", "XY-420"), ("zz-0907", "ZZ-907")]
)
def test_ordinary(text: str, expected: str) -> None:
    assert run(text) == expected


def test_massive() -> None:
    with pytest.raises(ValueError):
        run("ab-1" * 50_000)
'''

NULL_AND_ANOMALOUS = """

def test_null() -> None:
    with pytest.raises(ValueError):
        run("")


def test_anomalous() -> None:
    with pytest.raises(ValueError):
        run("abc-1")
"""

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def need() -> Need:
    cases = tuple(
        Case(inputs={"text": f"{letters}-{n:05d}"}, expected=f"{letters.upper()}-{n}")
        for n, letters in enumerate(("ab", "Cd", "eF", "GH", "ij", "kl", "mn", "op", "qr", "st"))
    )
    return Need(
        id="need:parts",
        gap_id=None,
        name="part-number",
        purpose="Bring a part number to its normal form.",
        visible=cases[:5],
        sealed=cases[5:],
    )


def prove_text(skill: str, tests: str, need: Need) -> tuple[Candidate, Evidence]:
    schemas = derive_schemas(SKILL)
    document = SkillMd(
        name=need.name,
        description=f"{need.purpose} Use when part numbers are compared.",
        body="## Interface\n`run(text: str) -> str`\n\n## Limits\nRaises ValueError otherwise.\n",
    )
    candidate = Candidate(
        need_id=need.id,
        author="human:tester",
        contract=Contract(
            name=need.name,
            version="1.0.0",
            input_schema=schemas.input_schema,
            output_schema=schemas.output_schema,
        ),
        files={
            "SKILL.md": render_skill_md(document),
            "skill.py": skill,
            "test_skill.py": tests,
        },
    )
    with BubblewrapSandbox() as sandbox:
        subject = build_subject(candidate, need, sandbox)
        return candidate, prove(subject, build_gates(), clock=lambda: NOON)


def test_a_clean_and_well_tested_candidate_is_accepted_and_may_launch(need: Need) -> None:
    candidate, evidence = prove_text(SKILL, ORDINARY + NULL_AND_ANOMALOUS, need)
    verdict = score(candidate, evidence)
    assert verdict.is_accepted, verdict.reason
    assert arbitrate(candidate, need, evidence, verdict) == ()


@pytest.mark.parametrize(
    ("skill", "tests", "lost_by"),
    [
        (SKILL, ORDINARY, "kinds of input tested"),
        (TANGLED, ORDINARY + NULL_AND_ANOMALOUS, "simple control flow"),
    ],
    ids=["weakly tested", "tangled"],
)
def test_a_weak_candidate_that_passes_every_gate_is_not_accepted(
    need: Need, skill: str, tests: str, lost_by: str
) -> None:
    candidate, evidence = prove_text(skill, tests, need)
    assert evidence.failures == ()
    verdict = score(candidate, evidence)
    assert verdict.score < 9.6
    assert not verdict.is_accepted
    assert lost_by in verdict.reason
    assert arbitrate(candidate, need, evidence, verdict)
