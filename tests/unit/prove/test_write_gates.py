"""The gates that read a candidate before anything is run: files, syntax, contract, dependencies."""

from collections.abc import Callable

import pytest

from skillkiln.prove.gates.contract import ContractGate
from skillkiln.prove.gates.dependencies import DependenciesGate
from skillkiln.prove.gates.files import FilesGate
from skillkiln.prove.gates.syntax import MAX_DEPTH, MAX_NODES, SyntaxGate
from skillkiln.prove.interface import Subject
from skillkiln.records.evidence import Outcome
from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.reasons import FailureReason

Prepare = Callable[..., Subject]

SKILL_MD = '---\nname: "another-name"\ndescription: "Does something else. Use never."\n---\nBody\n'


def test_a_good_candidate_passes_all_of_them(prepare: Prepare) -> None:
    for gate in (FilesGate(), SyntaxGate(), ContractGate(), DependenciesGate()):
        assert gate.check(prepare()).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("conftest.py", "", "steer"),
        ("second.py", "x = 1\n", "other programs"),
        ("../skill.py", "", "plain relative path"),
        ("/etc/passwd.txt", "", "plain relative path"),
        (".hidden.txt", "", "hidden"),
        ("payload.bin", "", "expected one of"),
        ("table.csv", "a\0b", "not UTF-8 text"),
        ("table.csv", "\ud800", "not UTF-8 text"),
        ("skill.json", "{}", "never by an author"),
        ("attestation.jsonl", "{}", "never by an author"),
        ("table.csv", "x" * 600_000, "600000 bytes"),
    ],
)
def test_files_refuses(prepare: Prepare, path: str, text: str, says: str) -> None:
    finding = FilesGate().check(prepare(more_files={path: text}))
    assert finding.reason is FailureReason.POLICY_VIOLATION
    assert says in finding.summary


def test_files_refuses_a_file_that_is_also_a_folder(prepare: Prepare) -> None:
    # No cell could be built from it, which would end the run instead of failing the candidate.
    finding = FilesGate().check(prepare(more_files={"a.txt": "x", "a.txt/b/c.txt": "y"}))
    assert finding.reason is FailureReason.POLICY_VIOLATION
    assert "'a.txt' is a file and a folder" in finding.summary


def test_files_lets_a_table_pass(prepare: Prepare) -> None:
    assert FilesGate().check(prepare(more_files={"table.csv": "a,b\n"})).reason is None


def test_files_names_what_is_missing(prepare: Prepare) -> None:
    subject = prepare(files={"skill.py": "x = 1\n"})
    assert "missing: SKILL.md, test_skill.py" in FilesGate().check(subject).summary


@pytest.mark.parametrize(
    "source",
    [
        "def run(:\n",
        "def run(text: str) -> str:\nreturn text\n",
        "x = " + "(" * 5_000 + ")" * 5_000,
        "x = " + "-" * 20_000 + "1",
        "x = " + "a." * 2_000 + "b",
        "x = 1\0\n",
        "x = " + "9" * 10_000,
        "#" * 600_000,
        "if 1:\n" + "".join(f"{' ' * n}if 1:\n" for n in range(1, 99)) + " " * 99 + "x = 1\n",
    ],
    ids=["colon", "indent", "parens", "minus", "dots", "null-byte", "digits", "huge", "blocks"],
)
def test_syntax_refuses_what_does_not_parse_or_nests_too_deeply(
    prepare: Prepare, source: str
) -> None:
    for files in ({"skill": source}, {"tests": source}):
        assert SyntaxGate().check(prepare(**files)).reason is FailureReason.SYNTAX_ERROR


def test_syntax_names_the_file_and_line(prepare: Prepare) -> None:
    finding = SyntaxGate().check(prepare(tests="def test_x():\n    assert (\n"))
    assert finding.summary.startswith("test_skill.py:2:")


@pytest.mark.parametrize(
    "character",
    ["\x1b", "\x07", "\b", "\x7f", "\x9b", "\r", "\f", "\u200b", "\u202e", "\u2066", "\u2028"],
)
@pytest.mark.parametrize("path", ["skill", "tests"])
def test_syntax_refuses_characters_that_act_where_the_file_is_shown(
    prepare: Prepare, path: str, character: str
) -> None:
    subject = prepare()
    whole = subject.source if path == "skill" else subject.test_source
    finding = SyntaxGate().check(prepare(**{path: f"# a{character}#]0;b\n{whole}"}))
    assert finding.reason is FailureReason.SYNTAX_ERROR
    assert "py:1: the character" in finding.summary
    assert finding.summary.isprintable()


def test_syntax_allows_letters_of_any_language_and_other_line_ends(prepare: Prepare) -> None:
    source = prepare().source.replace("# for example", "#\tzum Beispiel: Ærøskøbing, 東京,")
    assert SyntaxGate().check(prepare(skill=source.replace("\n", "\r\n"))).reason is None


def test_syntax_refuses_a_tree_that_would_keep_the_checks_busy(prepare: Prepare) -> None:
    calls = "    assert run('a b') == 'b, a.'\n" * (MAX_NODES // 5)
    tests = f"from skill import run\n\n\ndef test_names() -> None:\n{calls}"
    finding = SyntaxGate().check(prepare(tests=tests))
    assert finding.reason is FailureReason.SYNTAX_ERROR
    assert f"at most {MAX_NODES}" in finding.summary


def test_syntax_allows_ordinary_depth(prepare: Prepare) -> None:
    source = "x = " + "[" * (MAX_DEPTH // 2) + "]" * (MAX_DEPTH // 2) + "\n"
    assert SyntaxGate().check(prepare(skill=source)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("skill", "says"),
    [
        ("def walk(text: str) -> str:\n    return text\n", "def run"),
        ("def run(text) -> str:\n    return text\n", "no annotation"),
        ("def run(text: str):\n    return text\n", "no return annotation"),
        ("def run(text: str) -> set[str]:\n    return {text}\n", "no type that crosses"),
        ("def run(text: str, much: int) -> str:\n    return text * much\n", "input schema"),
        ("async def run(text: str) -> str:\n    return text\n", "def run"),
    ],
)
def test_contract_refuses_a_signature_that_promises_nothing_usable(
    prepare: Prepare, skill: str, says: str
) -> None:
    finding = ContractGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.CONTRACT_VIOLATION
    assert says in finding.summary


def test_contract_refuses_a_schema_that_the_signature_does_not_say(prepare: Prepare) -> None:
    good = prepare()
    wider = good.contract.model_copy(update={"output_schema": {}})
    finding = ContractGate().check(prepare(contract=wider))
    assert finding.reason is FailureReason.CONTRACT_VIOLATION
    assert finding.summary.startswith("output_schema")


def test_contract_refuses_another_skills_skill_md(prepare: Prepare) -> None:
    finding = ContractGate().check(prepare(skill_md=SKILL_MD))
    assert finding.reason is FailureReason.CONTRACT_VIOLATION
    assert "'another-name'" in finding.summary


def test_contract_refuses_a_skill_md_without_frontmatter(prepare: Prepare) -> None:
    finding = ContractGate().check(prepare(skill_md="# Only a heading\n"))
    assert finding.reason is FailureReason.CONTRACT_VIOLATION


def test_contract_refuses_a_candidate_for_another_need(prepare: Prepare) -> None:
    finding = ContractGate().check(prepare(need_id="need:other"))
    assert finding.reason is FailureReason.CONTRACT_VIOLATION


def test_contract_refuses_kinds_that_these_gates_cannot_prove(prepare: Prepare) -> None:
    hook = prepare().contract.model_copy(update={"kind": ArtefactKind.HOOK})
    assert ContractGate().check(prepare(contract=hook)).reason is FailureReason.CONTRACT_VIOLATION


@pytest.mark.parametrize("line", ["import requests", "from numpy import array", "from . import x"])
def test_dependencies_refuses_what_a_cell_does_not_have(prepare: Prepare, line: str) -> None:
    skill = f"{line}\n\n\ndef run(text: str) -> str:\n    return text\n"
    finding = DependenciesGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.DEPENDENCY_RESOLUTION_FAILED
    assert "skill.py:1:1" in finding.summary


def test_dependencies_refuses_declared_ones(prepare: Prepare) -> None:
    contract = prepare().contract.model_copy(update={"dependencies": ("requests==2.32.0",)})
    finding = DependenciesGate().check(prepare(contract=contract))
    assert finding.reason is FailureReason.DEPENDENCY_RESOLUTION_FAILED
