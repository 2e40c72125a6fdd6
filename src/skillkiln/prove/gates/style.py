"""Gate `style`: ruff with a chosen rule set, in the sandbox, deaf to configuration in the folder.

What points to a mistake or a knot fails: names that are unused, undefined or shadowed, traps of the
language, invalid escapes, too many decisions in one function. What could merely be said more simply
is counted, for the judge. Blanks and the order of imports are left alone.
"""

import re

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.tool_runs import build_broken_error, find_overload, run_checker
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY, TEST_PY
from skillkiln.skill.reasons import FailureReason

MAX_COMPLEXITY = 10

MISTAKES = ("E7", "E9", "F", "W605", "B", "C90", "invalid-syntax")
"""Rules whose findings fail a candidate, by the beginning of their codes."""
SLIPS = ("E5", "B904", "B905", "SIM", "C4", "UP", "PIE")
"""Rules whose findings are only counted."""

ARGUMENTS = (
    "check",
    "--no-cache",
    "--ignore-noqa",
    "--output-format=concise",
    "--target-version=py311",
    "--line-length=100",
    f"--select={','.join([*MISTAKES[:-1], *SLIPS])}",
    # A test may quote what was seen as it was seen.
    f"--per-file-ignores={','.join(f'{TEST_PY}:{rule}' for rule in SLIPS)}",
    f"--config=lint.mccabe.max-complexity={MAX_COMPLEXITY}",
)

_FOUND = re.compile(r"^\S+\.py:\d+:\d+: (?P<rule>[A-Za-z-]+\d*)", re.MULTILINE)


class StyleGate:
    """Refuses code that a reviewer would hand back."""

    name = "style"
    stage = Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Lint both Python files."""
        run = run_checker(subject, "ruff", ARGUMENTS, paths=(SKILL_PY, TEST_PY))
        if overload := find_overload(self, "ruff", run):
            return overload
        mistakes: list[str] = []
        slips: list[str] = []
        for match in _FOUND.finditer(run.stdout):
            line = run.stdout[match.start() :].partition("\n")[0]
            (mistakes if _is_mistake(match["rule"]) else slips).append(line)
        figures = {"style_mistakes": len(mistakes), "style_slips": len(slips)}
        if run.exit_code and not mistakes + slips:
            raise build_broken_error("ruff", run)
        if mistakes:
            return build_failed(
                self,
                FailureReason.POLICY_VIOLATION,
                mistakes[0],
                detail=run.stdout,
                figures=figures,
            )
        return build_passed(
            self, f"ruff: no mistake, {len(slips)} slips", detail="\n".join(slips), figures=figures
        )


def _is_mistake(rule: str) -> bool:
    # A slip's code may be longer than that of the family of mistakes it comes from.
    return rule.startswith(MISTAKES) and not rule.startswith(SLIPS)
