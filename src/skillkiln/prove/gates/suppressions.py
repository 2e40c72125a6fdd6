"""Gate `suppressions`: no comment that tells a checker to look away."""

import re
import tokenize

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.source import parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY, TEST_PY
from skillkiln.skill.reasons import FailureReason

_SILENCING = re.compile(
    r"#\s*(type:\s*ignore|mypy:|pyright:|pyre-|noqa|ruff:|flake8|nosec|pragma:?\s*no)",
    re.IGNORECASE,
)


class SuppressionsGate:
    """Refuses source that silences its own checks."""

    name = "suppressions"
    stage = Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Read the comments of both files."""
        count = 0
        for path in (SKILL_PY, TEST_PY):
            source = parse_source(subject.candidate.files[path], path)
            try:
                comments = list(source.comments())
            except (tokenize.TokenError, SyntaxError) as error:
                return build_failed(
                    self, FailureReason.SYNTAX_ERROR, f"{path}: {type(error).__name__}: {error}"
                )
            count += len(comments)
            for line, comment in comments:
                if _SILENCING.search(comment):
                    return build_failed(
                        self,
                        FailureReason.POLICY_VIOLATION,
                        f"{path}:{line}: `{comment:.60}` silences a check",
                    )
        return build_passed(self, f"{count} comments, none silences a check")
