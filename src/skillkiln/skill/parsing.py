"""Parse Python source, one text at a time.

CPython 3.11 counts the recursion of `ast.parse` for all threads together, so two parses that
overlap may end in a `SystemError` (python/cpython#106905). Gates run side by side; hence the lock.
"""

import ast
from threading import Lock

_ONE_AT_A_TIME = Lock()


def parse_statements(source: str) -> ast.Module:
    """Return the syntax tree of a module.

    Raises:
        SyntaxError: the source does not parse.
        ValueError: it holds a null character.
        RecursionError: it is nested too deeply.
        MemoryError: likewise.
    """
    with _ONE_AT_A_TIME:
        return ast.parse(source)


def parse_expression(source: str) -> ast.expr:
    """Return the syntax tree of one expression; raises as `parse_statements` does."""
    with _ONE_AT_A_TIME:
        return ast.parse(source, mode="eval").body
