"""What the text of one function needs around it: patterns, small functions, local names.

Expressions render themselves into a `Scope`, which collects the compiled patterns and the runtime
functions that they use, and names an intermediate text that is used more than once. So an emitted
file holds exactly what its `run` uses.
"""

from dataclasses import dataclass, field

from skillkiln.author.python_text import unused_name

RUNTIME = {
    "nth_match": '''\
def nth_match(pattern: re.Pattern[str], text: str, index: int) -> re.Match[str]:
    """Return the match at an index, counted from the end when negative."""
    matches = list(pattern.finditer(text))
    if not -len(matches) <= index < len(matches):
        raise ValueError(f"expected more of {pattern.pattern!r} in {text[:80]!r}")
    return matches[index]
''',
    "nth_piece": '''\
def nth_piece(text: str, separator: str, index: int) -> str:
    """Return the piece at an index of a text cut at every separator."""
    pieces = text.split(separator)
    if not -len(pieces) <= index < len(pieces):
        raise ValueError(f"expected more of {separator!r} in {text[:80]!r}")
    return pieces[index]
''',
    "find_mark": '''\
def find_mark(text: str, mark: str) -> int:
    """Return where a mark stands first."""
    if mark not in text:
        raise ValueError(f"expected {mark!r} in {text[:80]!r}")
    return text.index(mark)
''',
    "find_last_mark": '''\
def find_last_mark(text: str, mark: str) -> int:
    """Return where a mark stands last."""
    if mark not in text:
        raise ValueError(f"expected {mark!r} in {text[:80]!r}")
    return text.rindex(mark)
''',
}
"""Source text of the functions that emitted skills may use, by name."""


@dataclass(slots=True)
class Scope:
    """Collects what one rendered function needs."""

    taken: list[str]
    """Names that are in use: the parameters, and what is added here."""
    patterns: dict[str, str] = field(default_factory=dict[str, str])
    """Pattern by constant name."""
    runtime: list[str] = field(default_factory=list[str])
    """Names of runtime functions, in the order of first use."""
    imports: list[str] = field(default_factory=list[str])
    """Import statements beside `import re`."""
    columns: list[str] = field(default_factory=list[str])
    """The parameters that are used."""
    locals: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Name and expression of each intermediate text, in order."""

    def use_import(self, statement: str) -> None:
        """Ask for an import."""
        if statement not in self.imports:
            self.imports.append(statement)

    def use_column(self, name: str) -> str:
        """Note that a parameter is used; return its name."""
        if name not in self.columns:
            self.columns.append(name)
        return name

    def use_pattern(self, name: str, pattern: str) -> str:
        """Ask for a compiled pattern; return its constant's name."""
        self.patterns[name] = pattern
        return name

    def use_runtime(self, name: str) -> str:
        """Ask for a runtime function; return its name."""
        if name not in self.runtime:
            self.runtime.append(name)
        return name

    def name_text(self, wanted: str, expression: str) -> str:
        """Name an intermediate text, once for equal expressions; return the name."""
        for name, known in self.locals:
            if known == expression:
                return name
        name = unused_name(wanted, self.taken)
        self.taken.append(name)
        self.locals.append((name, expression))
        return name

    @property
    def uses_re(self) -> bool:
        """Whether the module needs `import re`."""
        return bool(self.patterns) or "nth_match" in self.runtime
