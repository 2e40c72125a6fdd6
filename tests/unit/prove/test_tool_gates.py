"""mypy, ruff and bandit on planted defects, in real cells; and what happens when they break."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from skillkiln.errors import SandboxFailedError
from skillkiln.prove.gates.documentation import DocumentationGate
from skillkiln.prove.gates.security import SecurityGate
from skillkiln.prove.gates.structure import StructureGate
from skillkiln.prove.gates.style import StyleGate
from skillkiln.prove.gates.suppressions import SuppressionsGate
from skillkiln.prove.gates.types import ARGUMENTS, TypesGate
from skillkiln.prove.interface import Subject
from skillkiln.prove.tool_runs import run_checker
from skillkiln.records.evidence import Outcome
from skillkiln.sandbox.interface import Cell, Policy, Probe, Program, Sandbox
from skillkiln.sandbox.tools import build_type_cache
from skillkiln.skill.reasons import FailureReason

Prepare = Callable[..., Subject]

RUN = "def run(text: str) -> str:\n"


def test_a_good_candidate_passes_all_of_them(prepare: Prepare) -> None:
    for gate in (TypesGate(), StyleGate(), SecurityGate(), SuppressionsGate(), StructureGate()):
        finding = gate.check(prepare())
        assert (finding.gate, finding.outcome) == (gate.name, Outcome.PASSED)


@pytest.mark.parametrize(
    "skill",
    [
        f"{RUN}    return len(text)\n",
        f"{RUN}    return text.uper()\n",
        f"def widen(text):\n    return text\n\n\n{RUN}    return str(widen(text))\n",
        f"{RUN}    if text:\n        return text\n",
    ],
    ids=["wrong type", "no such method", "untyped function", "a path without answer"],
)
def test_types_refuses(prepare: Prepare, skill: str) -> None:
    finding = TypesGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.TYPE_ERROR
    assert finding.summary.startswith("skill.py:")


def test_types_says_the_same_with_a_warm_cache(prepare: Prepare) -> None:
    good, bad = prepare(), prepare(skill=f"{RUN}    return len(text)\n")
    warm = TypesGate(build_type_cache(good.sandbox, ARGUMENTS, good.policy))
    for subject in (good, bad):
        cold = TypesGate().check(subject)
        assert warm.check(subject) == cold


def test_types_is_not_softened_by_a_configuration_in_the_folder(prepare: Prepare) -> None:
    lax = {"mypy.ini": "[mypy]\nignore_errors = True\n"}
    subject = prepare(skill=f"{RUN}    return 1\n", more_files=lax)
    assert TypesGate().check(subject).reason is FailureReason.TYPE_ERROR


@pytest.mark.parametrize(
    "line",
    [
        "return 1  # type: ignore",
        "return text  # noqa",
        "return eval(text)  # nosec",
        "return text  # pragma: no cover",
        "return text  # mypy: ignore-errors",
        "return text  #pyright:basic",
        "return text  # RUFF: NOQA",
    ],
)
def test_suppressions_are_refused_in_both_files(prepare: Prepare, line: str) -> None:
    for path in ("skill", "tests"):
        finding = SuppressionsGate().check(prepare(**{path: f"{RUN}    {line}\n"}))
        assert finding.reason is FailureReason.POLICY_VIOLATION
        assert finding.summary.startswith("skill.py:2" if path == "skill" else "test_skill.py:2")


def test_a_text_that_looks_like_a_suppression_is_none(prepare: Prepare) -> None:
    subject = prepare(skill=f"{RUN}    return text + '# noqa'\n")
    assert SuppressionsGate().check(subject).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "skill",
    [
        f"import json\n\n\n{RUN}    return text\n",
        f"{RUN}    unused = 1\n    return text\n",
        f"{RUN}    return f'same'\n",
        RUN
        + "".join(f"    if text == '{n}':\n        return '{n}'\n" for n in range(12))
        + "    return text\n",
        "def run(text: str, seen: list[str] = []) -> str:\n    return text + str(seen)\n",
    ],
    ids=["unused import", "unused name", "empty f-string", "knot", "shared default"],
)
def test_style_refuses(prepare: Prepare, skill: str) -> None:
    assert StyleGate().check(prepare(skill=skill)).reason is FailureReason.POLICY_VIOLATION


@pytest.mark.parametrize(
    "skill",
    [
        f"{RUN}    x = [{'1, ' * 60}]\n    return text + str(x)\n",
        f"{RUN}    if text:\n        if len(text) > 1:\n            return text\n    return ''\n",
        f"from typing import List\n\n\n{RUN}    x: List[str] = [text]\n    return x[0]\n",
        RUN
        + "    try:\n        int(text)\n    except ValueError:\n        pass\n    return text\n",
    ],
)
def test_style_counts_slips(prepare: Prepare, skill: str) -> None:
    finding = StyleGate().check(prepare(skill=skill))
    assert finding.outcome is Outcome.PASSED
    assert finding.figures["style_slips"] >= 1


def test_style_is_deaf_to_configuration_and_switches(prepare: Prepare) -> None:
    subject = prepare(
        skill=f"# ruff: noqa\nimport json  # noqa\n\n\n{RUN}    return text\n",
        more_files={"ruff.toml": "exclude = ['*.py']\n", "pyproject.toml": "[tool.ruff]\n"},
    )
    assert StyleGate().check(subject).reason is FailureReason.POLICY_VIOLATION


@pytest.mark.parametrize(
    ("imports", "line"),
    [
        ("import subprocess", "subprocess.run(text, shell=True, check=False)"),
        ("", "exec(text)"),
        ("import pickle", "pickle.loads(text.encode())"),
        ("import hashlib", "hashlib.md5(text.encode())"),
        ("", "eval(text)  # nosec"),
    ],
)
def test_security_refuses(prepare: Prepare, imports: str, line: str) -> None:
    skill = f"{imports}\n\n\n{RUN}    {line}\n    return text\n"
    finding = SecurityGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.POLICY_VIOLATION
    assert finding.summary.startswith("skill.py:")


def test_security_counts_what_is_low(prepare: Prepare) -> None:
    finding = SecurityGate().check(prepare(skill=f"{RUN}    assert text\n    return text\n"))
    assert finding.outcome is Outcome.PASSED
    assert finding.figures["security_low"] == 1


def test_a_checker_that_breaks_is_an_error_and_no_pass(prepare: Prepare) -> None:
    with pytest.raises(SandboxFailedError, match="ended with exit code 2"):
        run_checker(prepare(), "ruff", ("check", "--no-such-option"), paths=("skill.py",))


class HurriedSandbox:
    """The real sandbox, giving every cell less time than a checker takes."""

    def __init__(self, inner: Sandbox) -> None:
        self._inner = inner
        self.tier = inner.tier

    def probe(self) -> Probe:
        return self._inner.probe()

    def open_cell(self, program: Program, policy: Policy) -> Cell:
        return self._inner.open_cell(program, replace(policy, wall_ms=5))


@pytest.mark.parametrize("gate", [TypesGate(), StyleGate(), SecurityGate()])
def test_a_checker_that_outgrows_its_limits_fails_the_candidate(
    prepare: Prepare, gate: TypesGate | StyleGate | SecurityGate
) -> None:
    subject = prepare()
    finding = gate.check(replace(subject, sandbox=HurriedSandbox(subject.sandbox)))
    assert finding.reason is FailureReason.TIMEOUT


@pytest.mark.parametrize(
    ("skill", "says"),
    [
        (RUN + "    text = text + 'x'\n" * 500 + "    return text\n", "code_lines 502"),
        (
            RUN
            + "".join(f"{' ' * 4 * n}if text:\n" for n in range(1, 9))
            + f"{' ' * 36}return text\n    return ''\n",
            "max_nesting 9",
        ),
    ],
    ids=["long", "nested"],
)
def test_structure_refuses_what_nobody_could_review(
    prepare: Prepare, skill: str, says: str
) -> None:
    finding = StructureGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.POLICY_VIOLATION
    assert says in finding.summary


def test_structure_sees_examples_written_down_again(prepare: Prepare) -> None:
    table = {"Ada Lovelace": "Lovelace, A.", "Alan Turing": "Turing, A."}
    subject = prepare(skill=f"NAMES = {table!r}\n\n\n{RUN}    return NAMES[text]\n")
    assert StructureGate().check(subject).figures["copied_share"] == pytest.approx(2 / 6)


def test_structure_does_not_count_examples_in_docstrings_and_comments(prepare: Prepare) -> None:
    skill = (
        f'"""Ada Lovelace"""\n\n# Alan Turing\n\n\n{RUN}    """Ada Lovelace"""\n    return text\n'
    )
    assert StructureGate().check(prepare(skill=skill)).figures["copied_share"] == 0


def test_documentation_measures_what_is_said(prepare: Prepare) -> None:
    assert DocumentationGate().check(prepare()).figures == {
        "says_when": 1,
        "names_parameters": 1,
        "says_limits": 1,
        "has_docstrings": 1,
    }
    bare = '---\nname: "last-name-first"\ndescription: "Names, turned round, all of them."\n---\n'
    subject = prepare(
        skill_md=f"{bare}{'A skill about people. ' * 3}\n", skill=f"{RUN}    return ''\n"
    )
    finding = DocumentationGate().check(subject)
    assert finding.outcome is Outcome.PASSED
    assert not any(finding.figures.values())


@pytest.mark.parametrize(
    ("description", "body"), [("Names.", "x" * 80), ("Turns names round when asked to.", "Run it.")]
)
def test_documentation_refuses_what_says_nothing(
    prepare: Prepare, description: str, body: str
) -> None:
    text = f'---\nname: "last-name-first"\ndescription: "{description}"\n---\n{body}\n'
    finding = DocumentationGate().check(prepare(skill_md=text))
    assert finding.reason is FailureReason.POLICY_VIOLATION
