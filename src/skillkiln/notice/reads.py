"""Which files a Python script reads, and which texts it carries, judged from its syntax tree.

Rules: the tree is looked at and nothing is run. Names are followed only to plain constants, and
`sys.argv` to the arguments that the run was given. Files that the script also writes are left out:
they hold its results. Whether a path is really an input is settled later, by whether its lines
agree with the recorded output (`notice.align`).
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

MAX_PATHS = 16
MAX_LISTED_TEXTS = 4
MIN_LISTED_LINES = 3

_PATH_LIKE = re.compile(r"[~./\w-][\w./ +@-]*\.[A-Za-z][A-Za-z0-9]{0,7}")
_READING_CALLS = frozenset(
    {"read_csv", "read_table", "read_json", "read_fwf", "read_excel", "loadtxt", "genfromtxt"}
    | {"FileInput", "input", "getlines"}
)
_READING_METHODS = frozenset({"read_text", "read_bytes"})
_WRITING_METHODS = frozenset({"write_text", "write_bytes", "touch", "unlink"})
_WRITING_CALLS = frozenset({"to_csv", "to_json", "to_excel", "savetxt", "savefig"})


@dataclass(frozen=True, slots=True)
class Touched:
    """What a script reads and writes."""

    read: tuple[str, ...]
    """Paths that it seems to read, the surest first."""
    written: frozenset[str]
    """Paths that it seems to write."""
    listed_texts: tuple[str, ...]
    """Texts that stand in it as lists of strings or as many-lined strings."""


def find_touched(tree: ast.Module, arguments: Sequence[str]) -> Touched:
    """Return what a script reads and writes.

    Args:
        tree: the script.
        arguments: what the run was given after the script's name.
    """
    nodes = list(ast.walk(tree))
    search = _Search(arguments)
    search.follow_names(nodes)
    for node in nodes:
        if isinstance(node, ast.Call):
            search.look_at_call(node)
    mentioned = [*arguments, *_list_constants(nodes)]
    candidates = [*search.read, *(text for text in mentioned if is_path_like(text))]
    wanted = dict.fromkeys(path for path in candidates if path not in search.written)
    return Touched(
        read=tuple(islice(wanted, MAX_PATHS)),
        written=frozenset(search.written),
        listed_texts=tuple(islice(_list_texts(nodes), MAX_LISTED_TEXTS)),
    )


def is_path_like(text: str) -> bool:
    """Say whether a text could name a file."""
    return len(text) <= 300 and _PATH_LIKE.fullmatch(text) is not None


def _list_constants(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _list_texts(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.List | ast.Tuple):
            items = [e.value for e in node.elts if isinstance(e, ast.Constant)]
            lines = [item for item in items if isinstance(item, str) and "\n" not in item]
            if len(lines) == len(node.elts) >= MIN_LISTED_LINES:
                yield "\n".join(lines)
    for text in _list_constants(nodes):
        if text.strip().count("\n") + 1 >= MIN_LISTED_LINES:
            yield text


class _Search:
    """Collects what the calls of one script read and write."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._values: dict[str, list[str]] = {}
        self.read: dict[str, None] = {}
        self.written: set[str] = set()

    def follow_names(self, nodes: Sequence[ast.AST]) -> None:
        """Learn the names that stand for constant paths, from assignments and loops."""
        for node in nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found = self._evaluate(value)
                case ast.For(target=ast.Name(id=name), iter=ast.List(elts=items)):
                    found = [text for item in items for text in self._evaluate(item)]
                case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=items)):
                    found = [text for item in items for text in self._evaluate(item)]
                case _:
                    continue
            if found:
                self._values.setdefault(name, []).extend(found[:MAX_PATHS])

    def look_at_call(self, call: ast.Call) -> None:
        """Add what one call reads or writes."""
        first = self._evaluate(call.args[0]) if call.args else []
        match call.func:
            case ast.Name(id="open") | ast.Attribute(value=ast.Name(id="io" | "codecs")):
                self._add(first, is_written=_is_writing(call, mode_at=1))
            case ast.Attribute(value=receiver, attr="open"):
                self._add(self._evaluate(receiver), is_written=_is_writing(call, mode_at=0))
            case ast.Attribute(value=receiver, attr=method) if method in _READING_METHODS:
                self._add(self._evaluate(receiver), is_written=False)
            case ast.Attribute(value=receiver, attr=method) if method in _WRITING_METHODS:
                self._add(self._evaluate(receiver), is_written=True)
            case ast.Attribute(attr=method) | ast.Name(id=method):
                self._look_at_named(method, first)
            case _:
                pass

    def _look_at_named(self, method: str, first: list[str]) -> None:
        if method in _READING_CALLS:
            self._add(first or list(self._arguments), is_written=False)
        elif method in _WRITING_CALLS:
            self._add(first, is_written=True)

    def _add(self, paths: Sequence[str], *, is_written: bool) -> None:
        if is_written:
            self.written.update(paths)
        else:
            self.read.update(dict.fromkeys(paths))

    def _evaluate(self, node: ast.expr) -> list[str]:
        """Return the paths that an expression may stand for."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.Name(id=name):
                return self._values.get(name, [])
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._join([left, right])
            case ast.Call(func=ast.Attribute(attr="join"), args=parts) if len(parts) > 1:
                return self._join(parts)
            case ast.Call(func=ast.Name(id="Path" | "str" | "open"), args=[inner, *_]):
                return self._evaluate(inner)
            case ast.Call(func=ast.Attribute(attr="Path"), args=[inner, *_]):
                return self._evaluate(inner)
            case ast.Subscript(value=ast.Attribute(attr="argv"), slice=ast.Constant(value=int(n))):
                return [self._arguments[n - 1]] if 0 < n <= len(self._arguments) else []
            case _:
                return []

    def _join(self, parts: Sequence[ast.expr]) -> list[str]:
        values = [self._evaluate(part) for part in parts]
        if not all(values):
            return []
        return [str(PurePosixPath(*(choices[0] for choices in values)))]


def _is_writing(call: ast.Call, *, mode_at: int) -> bool:
    modes = call.args[mode_at : mode_at + 1] + [k.value for k in call.keywords if k.arg == "mode"]
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
    return any(isinstance(text, str) and set(text) & set("wax+") for text in texts)
