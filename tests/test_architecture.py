"""The house rules that a machine can check, over every Python module and text file of the clone.

Each rule is a function from a clone's root to the problems it finds. `test_clone` holds ours to
all of them; `test_rule_sees` shows each rule a clone that breaks it, so that none is blind.
What ruff, pyright and import-linter check is in `test_static_checks.py`.
"""

import ast
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE_FOLDERS = ("src", "tests", "benchmarks", "scripts")
RECORDED = ("src/skillkiln/demo/recordings", "tests/assets")
"""Material from elsewhere, kept byte for byte."""
FACES = ("src/skillkiln/cli", "src/skillkiln/demo", "src/skillkiln/mcp_server")
ROOT_INIT = "src/skillkiln/__init__.py"

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_FORGE_LINES = 150
MAX_ROOT_EXPORTS = 15
EMPTY_WORDS = frozenset({"util", "helper", "common", "core", "base", "manager", "misc"})
EMPTY_NAMES = frozenset({"data", "info", "obj", "manager", "handler", "helper"})
MACHINE_PATH = re.compile(
    r"(?<![\w.})>$~*-])/(?:root|work)/|(?<![\w.])/home/[a-z]|/opt/(?:pypi|wheels)"
)
MACHINE_PATHS_WANTED = {
    "tests/test_architecture.py": "the rule and its examples",
}
"""Files that name such a path on purpose, and why."""
UNWRITTEN = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
IGNORE = re.compile(r"#\s*(noqa|pyright:|type:\s*ignore|nosec|pragma:)(.*)")
REASONED_IGNORE = re.compile(
    r"#\s*(?:noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|pyright: ignore\[\w+(?:, \w+)*\]) - \S.{7,}"
)
MEASURED = re.compile(r"\d\s?m?s\b")

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root, and what it says."""

    path: str
    text: str
    tree: ast.Module

    @property
    def words(self) -> list[str]:
        """The words of its path, below the folder it belongs to."""
        return re.split(r"[/_]", self.path.removesuffix(".py"))

    def functions(self) -> Iterator[FunctionNode]:
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode):
                yield node


def files(root: Path) -> Iterator[Path]:
    """Every file of a clone, without what tools made or what was recorded."""
    pending = [root]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            relative = path.relative_to(root).as_posix()
            is_made = path.name.startswith(".") and path.name != ".ci"
            if is_made or path.name in {"__pycache__", "dist", "build"} or relative in RECORDED:
                continue
            if path.is_dir():
                pending.append(path)
            else:
                yield path


@cache
def modules(root: Path, *folders: str) -> tuple[Module, ...]:
    """Every Python module below these folders."""
    found: list[Module] = []
    for path in files(root):
        relative = path.relative_to(root).as_posix()
        if path.suffix == ".py" and relative.startswith(folders):
            text = path.read_text("utf-8")
            found.append(Module(relative, text, ast.parse(text, relative)))
    return tuple(found)


def files_are_short(root: Path) -> Iterator[str]:
    for module in modules(root, *CODE_FOLDERS):
        if (lines := module.text.count("\n")) > MAX_FILE_LINES:
            yield f"{module.path}: {lines} lines, at most {MAX_FILE_LINES}"


def functions_are_short(root: Path) -> Iterator[str]:
    for module in modules(root, *CODE_FOLDERS):
        for function in module.functions():
            assert function.end_lineno is not None
            if (lines := function.end_lineno - function.lineno + 1) > MAX_FUNCTION_LINES:
                yield f"{module.path}:{function.lineno}: `{function.name}` has {lines} lines"


def the_story_is_short(root: Path) -> Iterator[str]:
    story = root / "src/skillkiln/workflows/forge.py"
    if story.exists() and (lines := story.read_text().count("\n")) >= MAX_FORGE_LINES:
        yield f"workflows/forge.py: {lines} lines, fewer than {MAX_FORGE_LINES}"


def modules_say_what_they_are_for(root: Path) -> Iterator[str]:
    for module in modules(root, *CODE_FOLDERS):
        if not ast.get_docstring(module.tree):
            yield f"{module.path}: no docstring"


def modules_have_telling_names(root: Path) -> Iterator[str]:
    for module in modules(root, *CODE_FOLDERS):
        for word in module.words:
            if word in EMPTY_WORDS or word.removesuffix("s") in EMPTY_WORDS:
                yield f"{module.path}: {word!r} says nothing"


def no_module_hides_behind_an_underscore(root: Path) -> Iterator[str]:
    for module in modules(root, *CODE_FOLDERS):
        for part in module.path.removesuffix(".py").split("/"):
            if part.startswith("_") and part not in {"__init__", "__main__"}:
                yield f"{module.path}: floors say what is public, not underscores"


def nothing_is_called_by_an_empty_name(root: Path) -> Iterator[str]:
    for module in modules(root, "src"):
        for node in ast.walk(module.tree):
            match node:
                case ast.FunctionDef(name=name) | ast.arg(arg=name):
                    pass
                case ast.Name(id=name, ctx=ast.Store()):
                    pass
                case ast.ClassDef(name=name):
                    name = re.split(r"(?=[A-Z])", name)[-1].lower()
                case _:
                    continue
            if name in EMPTY_NAMES:
                yield f"{module.path}:{node.lineno}: {name!r} says nothing"


def package_inits_are_one_docstring(root: Path) -> Iterator[str]:
    for module in modules(root, "src"):
        if module.path.endswith("/__init__.py") and module.path != ROOT_INIT:
            is_one_docstring = len(module.tree.body) == 1 and ast.get_docstring(module.tree)
            if not is_one_docstring:
                yield f"{module.path}: expected one docstring and nothing else"


def the_root_exports_little(root: Path) -> Iterator[str]:
    for module in modules(root, ROOT_INIT):
        for node in module.tree.body:
            match node:
                case ast.ImportFrom(names=names):
                    exported = len(names)
                case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                    exported = len(names)
                case _:
                    continue
            if exported > MAX_ROOT_EXPORTS:
                yield f"{module.path}:{node.lineno}: {exported} names, at most {MAX_ROOT_EXPORTS}"


def imports_stand_at_the_top(root: Path) -> Iterator[str]:
    """A face may import late where its comment, on the line or above it, says the time measured."""
    for module in modules(root, "src"):
        lines = module.text.splitlines()
        is_face = module.path.startswith(FACES) or module.path == ROOT_INIT
        for function in module.functions():
            for node in ast.walk(function):
                if not isinstance(node, ast.Import | ast.ImportFrom):
                    continue
                comments = "".join(
                    line.partition("#")[2] for line in lines[function.lineno - 2 : node.lineno]
                )
                if not (is_face and MEASURED.search(comments)):
                    yield f"{module.path}:{node.lineno}: an import below the top"


def ignores_have_a_reason(root: Path) -> Iterator[str]:
    for module in modules(root, *CODE_FOLDERS):
        for token in tokenize.generate_tokens(StringIO(module.text).readline):
            if token.type != tokenize.COMMENT or not IGNORE.match(token.string):
                continue
            if not REASONED_IGNORE.match(token.string):
                yield f"{module.path}:{token.start[0]}: {token.string!r} gives no reason"


def every_test_is_a_function(root: Path) -> Iterator[str]:
    """Because pytest is told to collect no classes: one called Test... would never run."""
    for module in modules(root, "tests"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                yield f"{module.path}:{node.lineno}: `{node.name}` would not be collected"


def nothing_is_left_unwritten(root: Path) -> Iterator[str]:
    for module in modules(root, "src", "benchmarks", "scripts"):
        for token in tokenize.generate_tokens(StringIO(module.text).readline):
            if token.type == tokenize.COMMENT and UNWRITTEN.search(token.string):
                yield f"{module.path}:{token.start[0]}: {token.string!r}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Raise) and "NotImplemented" in ast.unparse(node):
                yield f"{module.path}:{node.lineno}: {ast.unparse(node)}"
        yield from _stubs(module)


def _stubs(module: Module) -> Iterator[str]:
    """Bodies of `...` or `pass`; one that is a docstring alone says that doing nothing is meant."""
    in_protocols = {
        id(item)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(b) for b in node.bases)
        for item in node.body
    }
    for function in module.functions():
        body = function.body[1:] if ast.get_docstring(function) else function.body
        is_empty = body and all(ast.unparse(statement) in {"...", "pass"} for statement in body)
        if is_empty and id(function) not in in_protocols:
            yield f"{module.path}:{function.lineno}: `{function.name}` does nothing"


def no_file_names_a_machine(root: Path) -> Iterator[str]:
    for path in files(root):
        relative = path.relative_to(root).as_posix()
        if relative in MACHINE_PATHS_WANTED or path.suffix == ".lock":
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if found := MACHINE_PATH.search(line):
                yield f"{relative}:{number}: {line[found.start() :][:40]!r} is one machine's path"


Rule = Callable[[Path], Iterator[str]]
BROKEN: list[tuple[Rule, str, str]] = [
    (files_are_short, "src/skillkiln/a.py", "x = 1\n" * 401),
    (functions_are_short, "tests/test_a.py", "def f():\n" + "    x = 1\n" * 60),
    (functions_are_short, "src/skillkiln/a.py", "async def f():\n" + "    x = 1\n" * 60),
    (the_story_is_short, "src/skillkiln/workflows/forge.py", "x = 1\n" * 150),
    (modules_say_what_they_are_for, "src/skillkiln/a.py", "x = 1\n"),
    (modules_say_what_they_are_for, "benchmarks/a.py", "# not a docstring\n"),
    (modules_have_telling_names, "src/skillkiln/utils.py", ""),
    (modules_have_telling_names, "src/skillkiln/core/a.py", ""),
    (modules_have_telling_names, "src/skillkiln/cli/file_helpers.py", ""),
    (no_module_hides_behind_an_underscore, "src/skillkiln/_a.py", ""),
    (no_module_hides_behind_an_underscore, "src/skillkiln/_a/b.py", ""),
    (nothing_is_called_by_an_empty_name, "src/skillkiln/a.py", "def f(data): ...\n"),
    (nothing_is_called_by_an_empty_name, "src/skillkiln/a.py", "class SkillManager: ...\n"),
    (nothing_is_called_by_an_empty_name, "src/skillkiln/a.py", "info: int = 1\n"),
    (package_inits_are_one_docstring, "src/skillkiln/cli/__init__.py", "'A.'\nfrom a import b\n"),
    (package_inits_are_one_docstring, "src/skillkiln/cli/__init__.py", ""),
    (the_root_exports_little, ROOT_INIT, f"__all__ = {[f'n{i}' for i in range(16)]}\n"),
    (imports_stand_at_the_top, "src/skillkiln/skill/a.py", "def f():\n    import b  # 90 ms\n"),
    (imports_stand_at_the_top, "src/skillkiln/cli/a.py", "def f():\n    import b\n"),
    (imports_stand_at_the_top, "src/skillkiln/a.py", "class A:\n  def f():\n    from b import c\n"),
    (ignores_have_a_reason, "src/skillkiln/a.py", "import a  # noqa: F401\n"),
    (ignores_have_a_reason, "tests/test_a.py", "import a  # noqa - because I want it\n"),
    (ignores_have_a_reason, "tests/test_a.py", "import a  # pyright: ignore - it has no stubs\n"),
    (ignores_have_a_reason, "src/skillkiln/a.py", "x = 1  # type: ignore\n"),
    (every_test_is_a_function, "tests/test_a.py", "class TestA:\n    def test_b(self): ...\n"),
    (nothing_is_left_unwritten, "src/skillkiln/a.py", "x = 1  # TODO: the rest\n"),
    (nothing_is_left_unwritten, "src/skillkiln/a.py", "def f():\n    raise NotImplementedError\n"),
    (nothing_is_left_unwritten, "src/skillkiln/a.py", "def f():\n    'Do it.'\n    ...\n"),
    (nothing_is_left_unwritten, "src/skillkiln/a.py", "class A(B):\n    def f(self): pass\n"),
    (no_file_names_a_machine, "docs/a.md", "see /root/notes\n"),
    (no_file_names_a_machine, "src/skillkiln/a.py", "PATH = '/home/somebody'\n"),
    (no_file_names_a_machine, ".ci/run", "cd /" + "work/place\n"),
]
RULES = sorted({rule for rule, _, _ in BROKEN}, key=lambda rule: rule.__name__)

SOUND = {
    "src/skillkiln/__init__.py": '"""A."""\n\n__all__ = ["Skillkiln"]\n',
    "src/skillkiln/a.py": '"""A."""\n\nimport b  # noqa: F401 - it registers itself\n',
    "src/skillkiln/cli/a.py": '"""A."""\n\ndef f() -> None:\n    import b  # 90 ms of start-up\n',
    "src/skillkiln/cli/__init__.py": '"""Commands."""\n',
    "src/skillkiln/b.py": '"""B."""\nclass P(Protocol):\n    def f(self) -> int: ...\n',
    "src/skillkiln/demo/recordings/core.py": "import data # TODO /root/\n",
    "docs/a.md": "docs/work/a.md, {root}/work/, ~/work/, https://example.org/home/\n",
}


def write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_clone(rule: Rule) -> None:
    problems = list(rule(ROOT))
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_allows_what_is_sound(rule: Rule, tmp_path: Path) -> None:
    for path, text in SOUND.items():
        write(tmp_path, path, text)
    assert list(rule(tmp_path)) == []


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_rule_sees(rule: Rule, path: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, path, text)
    assert len(list(rule(tmp_path))) == 1


def test_every_wanted_machine_path_is_still_there() -> None:
    for path in MACHINE_PATHS_WANTED:
        assert MACHINE_PATH.search((ROOT / path).read_text()), f"{path} may leave the list"
