"""Gate `style`: ruff with a chosen rule set, in the sandbox, deaf to configuration in the folder.

The rules that find mistakes and knots: pyflakes, pycodestyle, bugbear, simplify, comprehensions,
pyupgrade, and a cap on cyclomatic complexity. Taste, such as the order of imports, is left alone.
"""

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.tool_runs import find_overload, run_checker
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY, TEST_PY
from skillkiln.skill.reasons import FailureReason

MAX_COMPLEXITY = 10

ARGUMENTS = (
    "check",
    "--isolated",
    "--no-cache",
    "--ignore-noqa",
    "--output-format=concise",
    "--target-version=py311",
    "--line-length=100",
    "--select=E,F,W,B,SIM,C4,C90,UP,PIE",
    # The order of nested conditionals is taste; a test may quote a long line as it was seen.
    "--ignore=SIM108",
    f"--per-file-ignores={TEST_PY}:E501,{TEST_PY}:W605",
    f"--config=lint.mccabe.max-complexity={MAX_COMPLEXITY}",
)


class StyleGate:
    """Refuses code that a reviewer would hand back."""

    name = "style"
    stage = Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Lint both Python files."""
        run = run_checker(subject, "ruff", ARGUMENTS, paths=(SKILL_PY, TEST_PY))
        if overload := find_overload(self, "ruff", run):
            return overload
        found = [line for line in run.stdout.splitlines() if ".py:" in line]
        if run.exit_code == 0:
            return build_passed(self, "ruff: nothing found", figures={"style_findings": 0})
        return build_failed(
            self,
            FailureReason.POLICY_VIOLATION,
            found[0] if found else "ruff refuses the files",
            detail=run.stdout,
            figures={"style_findings": len(found)},
        )
