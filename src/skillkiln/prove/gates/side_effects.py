"""Gate `side_effects`: what the cell saw the skill try is what its contract declares.

The cell denies these attempts; that a skill makes them, even swallowing the error, is the finding.
Writing in its own scratch folder is allowed and is not an attempt.
"""

from skillkiln.prove.findings import build_failed, build_not_needed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import call_all
from skillkiln.prove.probes import build_null_inputs
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.contract import SideEffect
from skillkiln.skill.reasons import FailureReason

EFFECT_BY_ATTEMPT = {
    **dict.fromkeys(("socket", "connect", "bind", "resolve"), SideEffect.NETWORK),
    **dict.fromkeys(("execute", "fork"), SideEffect.EXECUTE),
    **dict.fromkeys(
        ("write", "chmod", "link", "mkdir", "remove", "rename", "rmdir", "symlink", "truncate"),
        SideEffect.WRITE_FILES,
    ),
}
"""The declared effect that covers an attempt, by the attempt's first word; others have none."""


class SideEffectsGate:
    """Refuses a skill that tries what it does not declare."""

    name = "side_effects"
    stage = Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Call the skill on all inputs of the need and on empty ones, and count attempts."""
        need = subject.need
        shown = [
            *(case.inputs for case in need.visible),
            *need.unlabelled,
            *build_null_inputs(need, subject.contract),
        ]
        sealed = [case.inputs for case in need.sealed]
        if not shown + sealed:
            return build_not_needed(self, "the need has no input")
        results = call_all(subject, [*shown, *sealed])
        declared = set(subject.contract.side_effects)
        tried = [
            (number, attempt)
            for number, result in enumerate(results)
            for attempt in result.attempts
            if EFFECT_BY_ATTEMPT.get(attempt.split()[0]) not in declared
        ]
        figures = {"calls_watched": len(results), "undeclared_attempts": len(tried)}
        if tried:
            kinds = sorted({attempt.split()[0] for _, attempt in tried})
            # What was tried on a sealed input may quote it, so only the kind of it is told.
            detail = sorted({attempt for number, attempt in tried if number < len(shown)})
            return build_failed(
                self,
                FailureReason.SIDE_EFFECT_DETECTED,
                f"{len(tried)} undeclared attempts in {len(results)} calls: {', '.join(kinds)}",
                detail="\n".join(detail[:20]),
                figures=figures,
            )
        return build_passed(self, f"{len(results)} calls, nothing tried", figures=figures)
