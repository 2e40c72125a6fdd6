"""Gate `documentation`: an agent that reads SKILL.md knows what, when, with what, and up to where.

Refuses what says nothing. How well the rest is said comes out as figures, for the judge.
"""

import ast
import re

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.source import parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_MD, SKILL_PY
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.signature import find_run
from skillkiln.skill.skill_md import parse_skill_md

MIN_DESCRIPTION = 20
MIN_BODY = 40
"""Characters below which a text cannot say what and when."""

_WHEN = re.compile(r"\b(when|whenever|use (it|this|for|to))\b", re.IGNORECASE)
_LIMITS = re.compile(
    r"\b(limits?|raises?|refuses?|does not|cannot|only|outside|unsupported)\b", re.IGNORECASE
)


class DocumentationGate:
    """Refuses a SKILL.md that says nothing; measures what it does say."""

    name = "documentation"
    stage = Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Read SKILL.md and the docstrings of skill.py."""
        skill_md = parse_skill_md(subject.files[SKILL_MD])
        for what, text, least in (
            ("description", skill_md.description, MIN_DESCRIPTION),
            ("body", skill_md.body.strip(), MIN_BODY),
        ):
            if len(text) < least:
                return build_failed(
                    self,
                    FailureReason.POLICY_VIOLATION,
                    f"{SKILL_MD} {what}: expected at least {least} characters, got {len(text)}",
                )
        module = parse_source(subject.source, SKILL_PY).module
        parameters = subject.contract.input_schema.get("properties")
        names = parameters if isinstance(parameters, dict) else {}
        whole = f"{skill_md.description}\n{skill_md.body}"
        figures = {
            "says_when": float(bool(_WHEN.search(whole))),
            "names_parameters": float(all(name in skill_md.body for name in names)),
            "says_limits": float(bool(_LIMITS.search(skill_md.body))),
            "has_docstrings": float(all(map(ast.get_docstring, (module, find_run(module))))),
        }
        said = ", ".join(name.replace("_", " ") for name, is_said in figures.items() if is_said)
        return build_passed(self, f"{SKILL_MD} and docstrings: {said or 'bare'}", figures=figures)
