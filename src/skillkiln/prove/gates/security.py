"""Gate `security`: bandit, in the sandbox, with its own off-switches ignored.

Medium and high findings fail. Low ones (an `assert`, a pseudo-random number) are often right where
they stand; they are counted for the judge.
"""

import json
from typing import Any

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.tool_runs import build_broken_error, find_overload, run_checker
from skillkiln.records.evidence import Finding, Stage
from skillkiln.sandbox.tools import ToolRun
from skillkiln.skill.folder import SKILL_PY
from skillkiln.skill.reasons import FailureReason

ARGUMENTS = ("-q", "--format=json", "--ignore-nosec")


class SecurityGate:
    """Refuses code with a known-dangerous construction."""

    name = "security"
    stage = Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Scan skill.py."""
        run = run_checker(subject, "bandit", ARGUMENTS, paths=(SKILL_PY,))
        if overload := find_overload(self, "bandit", run):
            return overload
        report = _parse_report(run)
        results: list[dict[str, Any]] = report["results"]
        grave = [result for result in results if result["issue_severity"] != "LOW"]
        figures = {"security_grave": len(grave), "security_low": len(results) - len(grave)}
        if grave:
            lines = [_describe(result) for result in grave]
            return build_failed(
                self,
                FailureReason.POLICY_VIOLATION,
                lines[0],
                detail="\n".join(lines),
                figures=figures,
            )
        return build_passed(self, f"bandit: {len(results)} low findings", figures=figures)


def _describe(result: dict[str, Any]) -> str:
    place = f"{SKILL_PY}:{result['line_number']}:{result['col_offset'] + 1}"
    return f"{place}: {result['test_id']} {result['issue_text']}"


def _parse_report(run: ToolRun) -> dict[str, Any]:
    try:
        report = json.loads(run.stdout)
    except ValueError as error:
        raise build_broken_error("bandit", run) from error
    if report["errors"]:  # it could not read the file, and says so with exit code 0
        raise build_broken_error("bandit", run)
    return report
