"""Gate `visible_cases`: the candidate still gives every result that its author was shown."""

import json

from skillkiln.prove.findings import build_failed, build_not_needed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import try_cases
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.reasons import FailureReason


class VisibleCasesGate:
    """Refuses a candidate that is wrong on what it could see."""

    name = "visible_cases"
    stage = Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Call the skill on every visible case."""
        cases = subject.need.visible
        if not cases:
            return build_not_needed(self, "the need has no visible case")
        tally = try_cases(subject, cases)
        figures = {"visible_count": tally.count, "visible_right": tally.right}
        summary = f"{tally.right} of {tally.count} visible cases right"
        if tally.wrong:
            shown = [json.dumps(case.inputs, ensure_ascii=False) for case in tally.wrong[:5]]
            return build_failed(
                self,
                tally.first_failure or FailureReason.TEST_ASSERTION_FAILED,
                summary,
                detail="wrong on:\n" + "\n".join(shown),
                figures=figures,
            )
        return build_passed(self, summary, figures=figures)
