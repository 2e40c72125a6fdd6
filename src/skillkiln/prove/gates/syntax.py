"""Gate `syntax`: both Python files parse, and a reader or a checker can follow all of them.

Parsing builds a tree and runs nothing, so it is done on the host. The limits on its depth and size
keep every later check, which walks that tree, clear of the interpreter's own recursion limit and
short. A character that acts where a file is shown (an escape sequence, a mark that reverses the
reading order) is refused: a reviewer sees what is there.
"""

import ast
import unicodedata

from skillkiln.errors import InvalidContractError
from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.source import parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_PY, TEST_PY
from skillkiln.skill.reasons import FailureReason

MAX_DEPTH = 100
"""Nodes from the root of the tree to a leaf; hand-written code stays below 30."""
MAX_NODES = 20_000
"""Nodes of a file's tree; 400 lines of code have about 6000."""

_ACTING = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode categories of characters that act instead of being seen."""


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
            if problem := _find_unreadable(text, source.module):
                return build_failed(self, FailureReason.SYNTAX_ERROR, f"{path}{problem}")
        return build_passed(self, "skill.py and test_skill.py parse")


def _find_unreadable(text: str, module: ast.Module) -> str | None:
    """Say what keeps a file from being followed, as the rest of a sentence about it."""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        for character in line:
            if character != "\t" and unicodedata.category(character) in _ACTING:
                return f":{number}: the character {character!a} is refused; write it as an escape"
    if (depth := measure_depth(module)) > MAX_DEPTH:
        return f" nests {depth} deep, at most {MAX_DEPTH}"
    if (size := sum(1 for _ in ast.walk(module))) > MAX_NODES:
        return f" has a tree of {size} nodes, at most {MAX_NODES}"
    return None


def measure_depth(root: ast.AST) -> int:
    """Count the nodes on the longest way from a root to a leaf, without recursion."""
    depth = 0
    level = [root]
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth
