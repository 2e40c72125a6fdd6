"""Untrusted Python read as syntax: never imported, never run.

`SourceText` is a parsed file that knows where each name comes from, so that `from os import system
as s; s("id")` is seen to call `os.system`. It sees what is written, not what is computed: a name
that is built at run time passes here and meets the sandbox.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from skillkiln.skill.signature import parse_module


@dataclass(frozen=True, slots=True)
class SourceText:
    """A parsed file: its path for messages, its text, its tree, and its imported names."""

    path: str
    text: str
    module: ast.Module
    origins: dict[str, str]
    """Dotted origin by local name: `{"s": "os.system"}`."""

    def dotted_name(self, node: ast.expr) -> str:
        """Return the dotted origin of a name or attribute chain; empty when it has none.

        A local name that was not imported stands for itself, so a call of the builtin is `open`.
        """
        match node:
            case ast.Name(id=name):
                return self.origins.get(name, name)
            case ast.Attribute(value=value, attr=attr):
                owner = self.dotted_name(value)
                return f"{owner}.{attr}" if owner else ""
            case _:
                return ""

    def span(self, node: ast.AST) -> str:
        """Return `path:line:column` of a node, both from 1."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return f"{self.path}:{line}:{column + 1}"

    def nodes(self) -> Iterator[ast.AST]:
        """Yield every node of the file."""
        return ast.walk(self.module)

    def imports(self) -> Iterator[tuple[ast.AST, str]]:
        """Yield each imported dotted name with the statement that imports it."""
        for node in ast.walk(self.module):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node, f"{_package(node)}.{alias.name}") for alias in node.names)

    def comments(self) -> Iterator[tuple[int, str]]:
        """Yield each comment with its line, from 1."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        for token in tokens:
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def parse_source(text: str, path: str) -> SourceText:
    """Parse a file.

    Raises:
        InvalidContractError: it does not parse, is too large, or nests too deeply.
    """
    module = parse_module(text)
    origins = {name: origin for node in ast.walk(module) for name, origin in _bindings(node)}
    return SourceText(path=path, text=text, module=module, origins=origins)


def _bindings(node: ast.AST) -> list[tuple[str, str]]:
    """Return (local name, dotted origin) for each name that a statement imports."""
    match node:
        case ast.Import(names=names):
            # `import os.path` binds `os`; only `import os.path as p` binds the inner module.
            roots = [(alias, alias.name.split(".")[0]) for alias in names]
            return [(a.asname, a.name) if a.asname else (root, root) for a, root in roots]
        case ast.ImportFrom(names=names):
            package = _package(node)
            return [(a.asname or a.name, f"{package}.{a.name}") for a in names]
        case _:
            return []


def _package(node: ast.ImportFrom) -> str:
    return "." * node.level + (node.module or "")


def find_docstrings(module: ast.Module) -> set[int]:
    """Return the ids of the nodes that are docstrings."""
    return {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
