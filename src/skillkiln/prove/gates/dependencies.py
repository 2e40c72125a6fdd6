"""Gate `dependencies`: whatever a skill imports is there when it is called.

A cell has the standard library and nothing else, so any other import, and any dependency that the
contract declares, cannot be resolved where the skill will run.
"""

import sys

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.source import parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY
from skillkiln.skill.reasons import FailureReason


class DependenciesGate:
    """Refuses imports and dependencies that nothing provides."""

    name = "dependencies"
    stage = Stage.WRITE

    def check(self, subject: Subject) -> Finding:
        """Compare imports and declared dependencies with what a cell has."""
        source = parse_source(subject.source, SKILL_PY)
        roots = {name.split(".")[0]: source.span(node) for node, name in source.imports()}
        missing = {root: at for root, at in roots.items() if root not in sys.stdlib_module_names}
        missing |= dict.fromkeys(subject.contract.dependencies, "contract")
        if missing:
            name, place = min(missing.items())
            return build_failed(
                self,
                FailureReason.DEPENDENCY_RESOLUTION_FAILED,
                f"{place}: {name!r} is not in the standard library, and a cell has no other",
            )
        return build_passed(self, f"{len(roots)} modules, all in the standard library")
