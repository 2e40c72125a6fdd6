"""What is left of a script when names and constants are dropped, and which shapes are near-equal.

A shape is the set of 3-grams over the kinds of syntax nodes, in order, with attributes, built-ins
and imported modules kept, because they say what the script does. Two shapes are near-equal when
their Jaccard similarity is at least `NEAR_EQUAL`.

Rules: code is parsed into a syntax tree and never compiled or run. `ShapeIndex` finds every member
that is near enough without comparing all pairs: sets that similar must share one of their few
smallest grams, in any fixed order.

Source: prefix filtering after Bayardo, Ma, Srikant, Scaling Up All Pairs Similarity Search (2007),
section 3. Threshold and gram size: measured on recorded runs of equal and of different tasks, where
0.6 splits them (equal tasks up to 1.0, different tasks at most 0.21).
"""

import ast
import builtins
import hashlib
import math
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from skillkiln.notice.shell import Command
from skillkiln.skill.parsing import parse_statements

NEAR_EQUAL = 0.6
GRAM = 3
MIN_NODES = 25
"""A smaller script is a one-liner that says nothing about reuse."""
MAX_CODE_CHARS = 50_000
MAX_GRAMS = 1_500
MAX_ENTRIES = 256
"""Members remembered for one gram; a gram that so many share tells them apart no more."""
MAX_COMPARED = 200
MIN_FILTERS = 2
"""A pipeline with fewer transforming stages only looks at something."""

_BUILTINS = frozenset(dir(builtins))
_SILENT_NODES = (ast.expr_context, ast.Module, ast.Expr)
_FILTERS = frozenset(
    {"awk", "gawk", "sed", "cut", "sort", "uniq", "tr", "jq", "paste", "join", "comm", "column"}
    | {"xargs", "perl", "rev", "fold", "tac", "nl", "yq", "csvcut", "mlr"}
)
_PROGRAM_TOKEN = re.compile(r"\$\d+|[A-Za-z_]\w*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Shape:
    """The grams of one script."""

    grams: frozenset[int]

    @property
    def fingerprint(self) -> str:
        """Equal for equal shapes, the same on every machine."""
        joined = ",".join(map(str, sorted(self.grams)))
        return hashlib.sha256(joined.encode()).hexdigest()[:16]

    def similarity(self, other: "Shape") -> float:
        """Return the Jaccard similarity, from 0 to 1."""
        shared = len(self.grams & other.grams)
        return shared / (len(self.grams) + len(other.grams) - shared)


def parse_python(code: str) -> ast.Module | None:
    """Return a script's syntax tree, or None when it has none or is too long."""
    if len(code) > MAX_CODE_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse_statements(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def find_python_shape(tree: ast.Module) -> Shape | None:
    """Return the shape of a script, or None when it is too small to say anything."""
    tokens = list(_list_tokens(tree))
    return _build_shape(tokens) if len(tokens) >= MIN_NODES else None


def find_pipeline_shape(commands: Sequence[Command]) -> Shape | None:
    """Return the shape of a pipeline, or None when it transforms too little."""
    if sum(_is_filter(command) for command in commands) < MIN_FILTERS:
        return None
    tokens = [token for command in commands for token in _list_command_tokens(command)]
    return _build_shape(["", *tokens, ""])


def _list_tokens(tree: ast.AST) -> Iterator[str]:
    """Yield the tokens of a tree in source order, without recursion."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if not isinstance(node, _SILENT_NODES):
            yield type(node).__name__
            yield from _list_kept_names(node)
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _list_kept_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute():
            yield node.attr
        case ast.Name() if node.id in _BUILTINS:
            yield node.id
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom():
            yield node.module or "."
        case _:
            return


def _is_filter(command: Command) -> bool:
    only_matches = command.program == "grep" and any(
        "o" in w for w in command.words if w[:1] == "-"
    )
    return command.program in _FILTERS or only_matches


def _list_command_tokens(command: Command) -> Iterator[str]:
    yield "|"
    yield command.program
    for word in command.words[1:]:
        if word.startswith("-"):
            yield re.sub(r"(?<=[A-Za-z-])[^A-Za-z-].*", "", word)
        elif _is_filter(command) and not re.fullmatch(r"[\w./*-]*", word):
            yield from _PROGRAM_TOKEN.findall(re.sub(r"\"[^\"]*\"", '""', word))[:200]


def _build_shape(tokens: Sequence[str]) -> Shape:
    grams = {_hash_gram(tokens[i : i + GRAM]) for i in range(max(1, len(tokens) - GRAM + 1))}
    return Shape(frozenset(sorted(grams)[:MAX_GRAMS]))


def _hash_gram(gram: Iterable[str]) -> int:
    digest = hashlib.blake2b("\0".join(gram).encode("utf-8", "replace"), digest_size=6)
    return int.from_bytes(digest.digest())


class ShapeIndex:
    """Finds the most similar of the shapes put in before."""

    def __init__(self) -> None:
        self._shapes: list[tuple[Shape, int]] = []
        self._entries_by_gram: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, shape: Shape, group: int) -> None:
        """Put a shape in as a member of a group."""
        entry = len(self._shapes)
        self._shapes.append((shape, group))
        for gram in _list_prefix(shape):
            entries = self._entries_by_gram[gram]
            if len(entries) < MAX_ENTRIES:
                entries.append(entry)

    def find_group(self, shape: Shape) -> int | None:
        """Return the group of the most similar shape, or None when none is near-equal."""
        shared: Counter[int] = Counter()
        for gram in _list_prefix(shape):
            shared.update(self._entries_by_gram.get(gram, ()))
        best, best_group = NEAR_EQUAL, None
        for entry, _ in shared.most_common(MAX_COMPARED):
            other, group = self._shapes[entry]
            similarity = shape.similarity(other)
            if similarity > best or (similarity == best and best_group is None):
                best, best_group = similarity, group
        return best_group


def _list_prefix(shape: Shape) -> list[int]:
    """Return the smallest grams, of which a near-equal shape must share one."""
    count = len(shape.grams) - math.ceil(NEAR_EQUAL * len(shape.grams)) + 1
    return sorted(shape.grams)[:count]
