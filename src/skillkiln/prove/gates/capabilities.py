"""Gate `capabilities`: what skill.py could do, read from its text, is what its contract declares.

A first net that names the line. It reads what is written; what is put together at run time is
stopped by the sandbox and seen by the gate `side_effects`.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.gates.capability_tables import (
    ATTRIBUTE_READERS,
    DEEP_ATTRIBUTES,
    EFFECT_MODULES,
    FORBIDDEN_BUILTINS,
    FORBIDDEN_NAMES,
    OPENERS,
    OS_STARTERS,
    OS_WRITERS,
    PATH_READERS,
    PATH_WRITERS,
    PLAIN_DUNDERS,
    PURE_MODULES,
    PURE_OS_NAMES,
    PURE_PATH_FUNCTIONS,
    PURE_SYS_NAMES,
)
from skillkiln.prove.interface import Subject
from skillkiln.prove.source import SourceText, parse_source
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.contract import SideEffect
from skillkiln.skill.folder import SKILL_PY
from skillkiln.skill.reasons import FailureReason


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a source reaches beyond computing."""

    node: ast.AST
    what: str
    effect: SideEffect | None = None
    """The effect that a contract could declare it as; None for what no contract may."""


class CapabilitiesGate:
    """Refuses code that reaches for more than its contract declares."""

    name = "capabilities"
    stage = Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Look for undeclared uses in skill.py."""
        source = parse_source(subject.source, SKILL_PY)
        declared = set(subject.contract.side_effects)
        uses = [use for use in find_uses(source) if use.effect not in declared]
        if uses:
            lines = [f"{source.span(use.node)}: {_describe(use)}" for use in uses]
            return build_failed(
                self,
                FailureReason.POLICY_VIOLATION,
                lines[0],
                detail="\n".join(lines),
                figures={"undeclared_uses": len(uses)},
            )
        effects = ", ".join(sorted(declared)) or "none"
        return build_passed(self, f"no undeclared effects (declared: {effects})")


def _describe(use: Use) -> str:
    if use.effect is None:
        return use.what
    return f"{use.what}, and the contract does not declare `{use.effect}`"


def find_uses(source: SourceText, known: frozenset[str] = frozenset()) -> Iterator[Use]:
    """Yield every use of something beyond computing, imports first.

    Args:
        source: the file to read.
        known: roots of modules that are not judged here.
    """
    own_files = _find_own_file_names(source)
    finders: tuple[Callable[[SourceText, ast.AST], Use | None], ...] = (
        _find_name_use,
        _find_attribute_use,
        _find_rebinding,
        _find_computed_attribute,
        lambda text, node: _find_file_use(text, node, own_files),
    )
    for node, name in source.imports():
        if name.split(".")[0] not in known and (use := _judge_import(node, name)):
            yield use
    for node in source.nodes():
        for find in finders:
            if use := find(source, node):
                yield use


def _judge_import(node: ast.AST, name: str) -> Use | None:
    """Judge one imported dotted name; names in `os` and `sys` are judged where they are used."""
    package = name.rpartition(".")[0]
    if name.endswith(".*"):
        return Use(node, f"`from {package} import *` hides what is used")
    for dotted in (name, package, name.split(".")[0]):
        if dotted in PURE_MODULES or dotted in {"os", "sys", "os.path"}:
            return None
        if dotted in EFFECT_MODULES:
            return Use(node, f"imports `{dotted}`", EFFECT_MODULES[dotted])
    return Use(node, f"imports `{name}`, which is not among the modules that only compute")


def _find_name_use(source: SourceText, node: ast.AST) -> Use | None:
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return None
    name = source.dotted_name(node)
    owner, _, last = name.rpartition(".")
    if name in FORBIDDEN_BUILTINS or name in FORBIDDEN_NAMES:
        return Use(node, f"uses `{name}`")
    if owner == "sys" and last not in PURE_SYS_NAMES:
        return Use(node, f"reaches into the interpreter with `{name}`")
    if owner in {"os.path", "posixpath"} and last not in PURE_PATH_FUNCTIONS:
        return Use(node, f"looks at the file system with `{name}`")
    if owner == "os" and last not in PURE_OS_NAMES:
        return Use(node, f"uses `{name}`", _effect_of_os(last))
    return None


def _effect_of_os(function: str) -> SideEffect | None:
    if function.startswith(tuple(OS_STARTERS)):
        return SideEffect.EXECUTE
    if function.startswith(tuple(OS_WRITERS)):
        return SideEffect.WRITE_FILES
    return None


def _find_attribute_use(source: SourceText, node: ast.AST) -> Use | None:
    if isinstance(node, ast.Name) and _is_deep_dunder(node.id):
        return Use(node, f"uses `{node.id}`")
    if not isinstance(node, ast.Attribute):
        return None
    if node.attr in DEEP_ATTRIBUTES or _is_deep_dunder(node.attr):
        return Use(node, f"reaches into the interpreter with `.{node.attr}`")
    owner = node.value
    is_of_module = isinstance(owner, ast.Name) and owner.id in source.origins
    if is_of_module and node.attr.startswith("_") and node.attr not in PLAIN_DUNDERS:
        return Use(node, f"uses `{ast.unparse(node)}`, which is private to its module")
    return None


def _is_deep_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in PLAIN_DUNDERS


def _find_rebinding(source: SourceText, node: ast.AST) -> Use | None:
    """Find an assignment to an attribute of something imported: it changes other people's code."""
    match node:
        case ast.Assign(targets=targets):
            pass
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            targets = [target]
        case ast.Delete(targets=targets):
            pass
        case _:
            return None
    for target in targets:
        root = target
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        if root is not target and isinstance(root, ast.Name) and root.id in source.origins:
            return Use(target, f"changes `{ast.unparse(target)}`, which is not its own")
    return None


def _find_computed_attribute(source: SourceText, node: ast.AST) -> Use | None:
    """Find attributes read by a name that is computed, or that is not public."""
    if not isinstance(node, ast.Call):
        return None
    name = source.dotted_name(node.func)
    if name not in ATTRIBUTE_READERS:
        return None
    asked = node.args if name.startswith("operator.") else node.args[1:2]
    for argument in asked:
        match argument:
            case ast.Constant(value=str(text)) if not any(
                part.startswith("_") for part in text.split(".")
            ):
                pass
            case _:
                return Use(node, f"reads an attribute by a computed or private name with `{name}`")
    return None


def _find_own_file_names(source: SourceText) -> frozenset[str]:
    """Return the module-level names that lead to the skill's own files, through `__file__`."""
    own = {"__file__"}
    for node in source.module.body:
        if isinstance(node, ast.Assign) and _mentions(node.value, own):
            own |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(own)


def _mentions(node: ast.AST, names: frozenset[str] | set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def _find_file_use(source: SourceText, node: ast.AST, own: frozenset[str]) -> Use | None:
    if not isinstance(node, ast.Call):
        return None
    name = source.dotted_name(node.func)
    if name in OPENERS:
        if _opens_for_writing(node):
            return Use(node, f"opens a file for writing with `{name}`", SideEffect.WRITE_FILES)
        if not (node.args and _mentions(node.args[0], own)):
            return Use(node, f"opens a file that is not its own with `{name}`")
    knows_paths = any(origin.split(".")[0] == "pathlib" for origin in source.origins.values())
    if knows_paths and isinstance(node.func, ast.Attribute):
        return _judge_path_method(node.func, own)
    return None


def _judge_path_method(method: ast.Attribute, own: frozenset[str]) -> Use | None:
    if method.attr in PATH_WRITERS:
        return Use(method, f"writes a file with `.{method.attr}`", SideEffect.WRITE_FILES)
    if method.attr == "open" and not _mentions(method.value, own):
        return Use(method, "opens a file that is not its own with `.open`", SideEffect.WRITE_FILES)
    if method.attr in PATH_READERS and not _mentions(method.value, own):
        return Use(method, f"reads a file that is not its own with `.{method.attr}`")
    return None


def _opens_for_writing(call: ast.Call) -> bool:
    """Say whether a call of `open` may write; a mode that is no literal may."""
    modes = [word.value for word in call.keywords if word.arg == "mode"] + call.args[1:2]
    if any(word.arg is None for word in call.keywords):
        return True
    return any(
        not (isinstance(mode, ast.Constant) and isinstance(mode.value, str))
        or bool(set(mode.value) & set("wax+"))
        for mode in modes
    )
