"""Gate `types`: mypy, strict, in the sandbox."""

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.tool_runs import find_overload, run_checker
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY
from skillkiln.skill.reasons import FailureReason

ARGUMENTS = (
    "--strict",
    "--warn-unreachable",
    "--config-file=",  # nothing in the folder may soften it
    "--cache-dir=/dev/null",
    "--show-column-numbers",
    "--no-color-output",
    "--no-error-summary",
)


class TypesGate:
    """Refuses code whose types do not hold."""

    name = "types"
    stage = Stage.TYPECHECK

    def check(self, subject: Subject) -> Finding:
        """Check skill.py."""
        run = run_checker(subject, "mypy", ARGUMENTS, paths=(SKILL_PY,))
        if overload := find_overload(self, "mypy", run):
            return overload
        errors = [line for line in run.stdout.splitlines() if ": error:" in line]
        if run.exit_code == 0 and not errors:
            return build_passed(self, "mypy --strict: no error", figures={"type_errors": 0})
        return build_failed(
            self,
            FailureReason.TYPE_ERROR,
            errors[0] if errors else "mypy refuses the file",
            detail=run.stdout,
            figures={"type_errors": len(errors)},
        )
