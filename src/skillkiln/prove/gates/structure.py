"""Gate `structure`: small enough to be reviewed; and the figures that the judge scores it by."""

from dataclasses import dataclass

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.measure import (
    count_branches,
    count_code_lines,
    count_loose_types,
    measure_complexity,
    measure_copied_share,
    measure_nesting,
)
from skillkiln.prove.source import parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY
from skillkiln.skill.reasons import FailureReason


@dataclass(frozen=True, slots=True)
class StructureGate:
    """Refuses programs that no reviewer could read."""

    max_code_lines: int = 400
    max_nesting: int = 7

    @property
    def name(self) -> str:
        """The gate's id."""
        return "structure"

    @property
    def stage(self) -> Stage:
        """The stage that it is part of."""
        return Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Measure skill.py."""
        source = parse_source(subject.source, SKILL_PY)
        figures = {
            "code_lines": count_code_lines(source),
            "max_complexity": measure_complexity(source),
            "max_nesting": measure_nesting(source.module),
            "branches": count_branches(source),
            "copied_share": measure_copied_share(source, subject.need.visible),
            "loose_types": count_loose_types(source),
        }
        summary = (
            f"{figures['code_lines']} lines of code, complexity {figures['max_complexity']}, "
            f"{figures['copied_share']:.0%} of the examples copied"
        )
        limits = {"code_lines": self.max_code_lines, "max_nesting": self.max_nesting}
        broken = [
            f"{name} {figures[name]}, at most {top}"
            for name, top in limits.items()
            if figures[name] > top
        ]
        if broken:
            return build_failed(
                self, FailureReason.POLICY_VIOLATION, "; ".join(broken), figures=figures
            )
        return build_passed(self, summary, figures=figures)
