"""Gate `review_tests`: every test can fail, and none reaches past the skill's own door."""

import ast
from collections.abc import Iterator

from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.gates.capabilities import find_uses
from skillkiln.prove.interface import Subject
from skillkiln.prove.source import SourceText, parse_source
from skillkiln.prove.tests_as_text import (
    KINDS,
    FoundTest,
    calls_skill,
    find_assertions,
    find_kinds,
    find_swallowing,
    find_tests,
)
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import TEST_PY
from skillkiln.skill.reasons import FailureReason

PYTEST_NAMES = frozenset(
    {
        "pytest.raises",
        "pytest.mark",
        "pytest.mark.parametrize",
        "pytest.param",
        "pytest.approx",
        "pytest.fixture",
    }
)
"""What tests may use of pytest; the rest skips, steers the runner, or reaches into it."""

RUNNER_FIXTURES = frozenset(
    {
        "cache",
        "capfd",
        "caplog",
        "capsys",
        "doctest_namespace",
        "monkeypatch",
        "pytestconfig",
        "pytester",
        "recwarn",
        "request",
        "tmp_path",
        "tmp_path_factory",
        "tmpdir",
    }
)
"""Fixtures of the runner: tests of a pure function need none."""


class ReviewTestsGate:
    """Refuses tests that cannot fail, and tests that reach into the machine or the runner."""

    name = "review_tests"
    stage = Stage.LINT

    def check(self, subject: Subject) -> Finding:
        """Read test_skill.py."""
        source = parse_source(subject.test_source, TEST_PY)
        tests = find_tests(source)
        if reaching := list(_find_reaching(source)):
            return build_failed(
                self, FailureReason.POLICY_VIOLATION, reaching[0], detail="\n".join(reaching)
            )
        figures = _measure(tests, source)
        if weak := list(_find_weak(tests, source)):
            return build_failed(
                self,
                FailureReason.WEAK_TESTS,
                weak[0],
                detail="\n".join(weak),
                figures=figures,
            )
        kinds = ", ".join(kind for kind in KINDS if figures[f"kind_{kind}"]) or "none"
        return build_passed(
            self,
            f"{len(tests)} tests, {figures['assertions']:.0f} assertions; kinds: {kinds}",
            figures=figures,
        )


def _measure(tests: list[FoundTest], source: SourceText) -> dict[str, float]:
    kinds = set[str]().union(*(find_kinds(test, source) for test in tests))
    return {
        "test_functions": len(tests),
        "assertions": sum(len(find_assertions(test, source)) for test in tests),
        **{f"kind_{kind}": float(kind in kinds) for kind in KINDS},
    }


def _find_weak(tests: list[FoundTest], source: SourceText) -> Iterator[str]:
    for test in tests:
        place = f"{source.span(test.node)}: `{test.name}`"
        if not calls_skill(test.reach, source):
            yield f"{place} never calls the skill's `run`"
        elif not find_assertions(test, source):
            yield f"{place} cannot fail: it asserts nothing about the answer"
        elif swallowing := find_swallowing(test):
            yield f"{source.span(swallowing)}: `{test.name}` catches what would fail it"
    if not any("ordinary" in find_kinds(test, source) for test in tests):
        yield f"{TEST_PY}: no test compares an answer with what is expected"


def _find_reaching(source: SourceText) -> Iterator[str]:
    """Yield each place where the tests use more than the skill's `run` and plain computing."""
    for use in find_uses(source, known=frozenset({"pytest", "skill"})):
        yield f"{source.span(use.node)}: {use.what}"
    for node, name in source.imports():
        root = name.split(".")[0]
        if root in {"os", "sys"}:
            yield f"{source.span(node)}: imports `{name}`; tests need nothing of the machine"
        if root == "skill" and name not in {"skill", "skill.run"}:
            yield f"{source.span(node)}: imports `{name}`; tests see `skill.run` alone"
        if root == "pytest" and name != "pytest" and name not in PYTEST_NAMES:
            yield f"{source.span(node)}: imports `{name}`"
    for node in source.nodes():
        if problem := _judge_node(node, source):
            yield f"{source.span(node)}: {problem}"


def _judge_node(node: ast.AST, source: SourceText) -> str | None:
    match node:
        case ast.Attribute():
            name = source.dotted_name(node)
            if name.startswith("pytest.") and name not in PYTEST_NAMES:
                return f"uses `{name}`"
            if name.startswith("skill.") and name != "skill.run":
                return f"uses `{name}`; tests see `skill.run` alone"
        case ast.FunctionDef(name=name) if name.startswith("pytest_"):
            return f"`{name}` is a hook of the test runner"
        case ast.Name(id="pytest_plugins" | "pytestmark", ctx=ast.Store()):
            return f"`{node.id}` steers the test runner"
        case ast.arg(arg=name) if name in RUNNER_FIXTURES:
            return f"the fixture `{name}` reaches into the test runner"
        case _:
            return None
    return None
