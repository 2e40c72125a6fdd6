"""Gate `types`: mypy, strict, in the sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.tool_runs import build_broken_error, find_overload, run_checker
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY
from skillkiln.skill.reasons import FailureReason

ARGUMENTS = (
    "--strict",
    "--warn-unreachable",
    "--show-column-numbers",
    "--no-color-output",
    "--no-error-summary",
)


@dataclass(frozen=True, slots=True)
class TypesGate:
    """Refuses code whose types do not hold.

    Attributes:
        type_cache: what mypy knows of the standard library, from `sandbox.tools.build_type_cache`
            with `ARGUMENTS`; without it mypy reads that anew each time.
    """

    type_cache: Mapping[str, bytes] | None = None

    @property
    def name(self) -> str:
        """The gate's id."""
        return "types"

    @property
    def stage(self) -> Stage:
        """The stage that it is part of."""
        return Stage.TYPECHECK

    def check(self, subject: Subject) -> Finding:
        """Check skill.py."""
        run = run_checker(subject, "mypy", ARGUMENTS, paths=(SKILL_PY,), type_cache=self.type_cache)
        if overload := find_overload(self, "mypy", run):
            return overload
        errors = [line for line in run.stdout.splitlines() if ": error:" in line]
        if run.exit_code == 0:
            return build_passed(self, "mypy --strict: no error", figures={"type_errors": 0})
        if not errors:  # an uncaught exception ends Python with the code that means "errors found"
            raise build_broken_error("mypy", run)
        return build_failed(
            self,
            FailureReason.TYPE_ERROR,
            errors[0],
            detail=run.stdout,
            figures={"type_errors": len(errors)},
        )
