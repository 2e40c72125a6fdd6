"""From a learnt program to a candidate: SKILL.md, the contract, and the files together.

SKILL.md says what the skill does and when to use it (the brief's purpose and triggers), its
interface, its limits and a few examples. Purpose, triggers and examples stem from recordings, so
they are made inert: one line, printable, without angle brackets or fences, and of bounded length.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillkiln.records.candidates import Candidate
from skillkiln.records.needs import Brief, Case
from skillkiln.skill.contract import Contract
from skillkiln.skill.folder import SKILL_MD, SKILL_PY, TEST_PY
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import MAX_DESCRIPTION, SkillMd, render_skill_md

FIRST_VERSION = "1.0.0"
TIMEOUT_MS = 2_000
MAX_EXAMPLES = 3
MAX_EXAMPLE_TEXT = 300
"""Characters of an example's input in SKILL.md."""


@dataclass(frozen=True, slots=True)
class WriteUp:
    """A learnt program with what there is to say about it.

    Attributes:
        author: the author's short id.
        skill_py: the text of skill.py.
        test_py: the text of test_skill.py.
        answer: what `run` returns, as one clause.
        limits: what it refuses or does not do, a sentence each.
        explanation: which examples settled it and what it will refuse.
        learned_from: number of visible cases that it was fitted to.
        held_out: number of visible cases kept out of learning.
        surviving_programs: other programs that fit every visible case.
    """

    author: str
    skill_py: str
    test_py: str
    answer: str
    limits: tuple[str, ...]
    explanation: str
    learned_from: int
    held_out: int
    surviving_programs: int = 0


def build_candidate(brief: Brief, write_up: WriteUp) -> Candidate:
    """Put the files and the contract of a candidate together."""
    schemas = derive_schemas(write_up.skill_py)
    contract = Contract(
        name=brief.name,
        version=FIRST_VERSION,
        input_schema=schemas.input_schema,
        output_schema=schemas.output_schema,
        timeout_ms=TIMEOUT_MS,
    )
    return Candidate(
        need_id=brief.need_id,
        author=f"agent:{write_up.author}",
        contract=contract,
        files={
            SKILL_MD: _render_skill_md(brief, write_up),
            SKILL_PY: write_up.skill_py,
            TEST_PY: write_up.test_py,
        },
        explanation=write_up.explanation,
        learned_from=write_up.learned_from,
        held_out=write_up.held_out,
        surviving_programs=write_up.surviving_programs,
    )


def make_inert(text: str, limit: int) -> str:
    """Bring text from a recording to one printable line without markup, cut to a length."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    plain = re.sub(r"[<>`]", "'", re.sub(r"-{2,}", "-", plain))
    plain = re.sub(r"\s+", " ", plain).strip()
    return plain if len(plain) <= limit else plain[: limit - 3].rstrip() + "..."


def build_title(brief: Brief) -> str:
    """Return the purpose as the first line of a docstring, without its full stop."""
    plain = make_inert(brief.purpose, 78).replace("\\", "/").replace('"', "'").rstrip(".")
    title = plain or f"Skill {brief.name}"
    return title[0].upper() + title[1:]


def _sentence(text: str) -> str:
    text = text.rstrip(" .")
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _build_description(brief: Brief, write_up: WriteUp) -> str:
    what = _sentence(make_inert(brief.purpose, 400)) or f"Skill {brief.name}."
    triggers = "; ".join(make_inert(trigger, 120).rstrip(".") for trigger in brief.triggers[:3])
    when = f" Use when: {triggers}." if triggers else " Use for input of the kind shown in it."
    return make_inert(f"{what}{when} Returns {write_up.answer}.", MAX_DESCRIPTION)


def _render_skill_md(brief: Brief, write_up: WriteUp) -> str:
    parameters = _parameters(brief)
    triggers = [f"- {make_inert(trigger, 200)}" for trigger in brief.triggers[:5]]
    body = [
        "",
        f"# {brief.name}",
        "",
        _sentence(make_inert(brief.purpose, 400)) or f"Skill {brief.name}.",
        "",
        "## When to use it",
        "",
        *(triggers or ["- The input looks like the examples below."]),
        "",
        "## Interface",
        "",
        f"`run({', '.join(f'{name}: str' for name in parameters)})` returns {write_up.answer}.",
        "It raises `ValueError` for input outside what it learnt. It has no side effects.",
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in write_up.limits),
        "",
        "## Examples",
        "",
        *_render_examples(brief.cases),
    ]
    return render_skill_md(
        SkillMd(
            name=brief.name,
            description=_build_description(brief, write_up),
            body="\n".join(body) + "\n",
            metadata={"author": f"agent:{write_up.author}", "version": FIRST_VERSION},
        )
    )


def _parameters(brief: Brief) -> tuple[str, ...]:
    return brief.parameters or tuple(brief.cases[0].inputs)


def _render_examples(cases: Sequence[Case]) -> list[str]:
    """Show a few cases as indented JSON, which Markdown takes literally."""
    shown = [c for c in cases if len(json.dumps(c.inputs)) <= MAX_EXAMPLE_TEXT] or cases[:1]
    lines: list[str] = []
    for case in shown[:MAX_EXAMPLES]:
        given = json.dumps(case.inputs)[: MAX_EXAMPLE_TEXT + 20]
        lines += [f"    given   {given}", f"    returns {json.dumps(case.expected)}"[:600], ""]
    return lines
