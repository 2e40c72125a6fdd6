"""Gate `syntax`: both Python files parse, and nest no deeper than a reader or a checker can follow.

Parsing builds a tree and runs nothing, so it is done on the host. The depth limit keeps every later
check, which walks that tree, clear of the interpreter's own recursion limit.
"""

import ast

from skillkiln.errors import InvalidContractError
from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.source import parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY, TEST_PY
from skillkiln.skill.reasons import FailureReason

MAX_DEPTH = 100
"""Nodes from the root of the tree to a leaf; hand-written code stays below 30."""


class SyntaxGate:
    """Refuses source that is not Python."""

    name = "syntax"
    stage = Stage.WRITE

    def check(self, subject: Subject) -> Finding:
        """Parse both files."""
        for path in (SKILL_PY, TEST_PY):
            text = subject.candidate.files[path]
            try:
                source = parse_source(text, path)
            except InvalidContractError as error:
                # The error's own text speaks of skill.py whichever file it was given.
                said = error.message.replace(SKILL_PY, path)
                place = (error.where or path).replace(SKILL_PY, path)
                return build_failed(self, FailureReason.SYNTAX_ERROR, f"{place}: {said}")
            if (depth := measure_depth(source.module)) > MAX_DEPTH:
                return build_failed(
                    self,
                    FailureReason.SYNTAX_ERROR,
                    f"{path} nests {depth} deep, at most {MAX_DEPTH}",
                )
        return build_passed(self, "skill.py and test_skill.py parse")


def measure_depth(root: ast.AST) -> int:
    """Count the nodes on the longest way from a root to a leaf, without recursion."""
    depth = 0
    level = [root]
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth
