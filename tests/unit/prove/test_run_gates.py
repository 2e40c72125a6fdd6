"""The gates that run the candidate, in real cells: each on a planted defect and on a good one."""

from collections.abc import Callable

import pytest

from skillkiln.prove.gates.determinism import DeterminismGate
from skillkiln.prove.gates.duplicate import DuplicateGate, Rival
from skillkiln.prove.gates.limits import LimitsGate
from skillkiln.prove.gates.mutants import MutantsGate
from skillkiln.prove.gates.output_schema import OutputSchemaGate
from skillkiln.prove.gates.own_tests import OwnTestsGate
from skillkiln.prove.gates.sealed_cases import SealedCasesGate
from skillkiln.prove.gates.side_effects import SideEffectsGate
from skillkiln.prove.gates.visible_cases import VisibleCasesGate
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import find_failing
from skillkiln.records.evidence import Outcome
from skillkiln.records.needs import Case, Need
from skillkiln.skill.reasons import FailureReason

Prepare = Callable[..., Subject]

HEAD = "import pytest\nfrom skill import run\n\n\n"


def write_skill(*lines: str, imports: str = "", before: str = "") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"{imports}\n{before}\n\n\ndef run(text: str) -> str:\n{body}"


TURN_ROUND = 'first, last = text.split(" ")'
ANSWER = 'return f"{last}, {first[0]}."'


def test_a_good_candidate_passes_all_of_them(prepare: Prepare) -> None:
    gates = (
        DeterminismGate(),
        LimitsGate(),
        MutantsGate(),
        OutputSchemaGate(),
        OwnTestsGate(),
        SealedCasesGate(),
        SideEffectsGate(),
        VisibleCasesGate(),
    )
    for gate in gates:
        finding = gate.check(prepare())
        assert (finding.gate, finding.outcome) == (gate.name, Outcome.PASSED)


def test_own_tests_refuses_failing_ones_and_names_them(prepare: Prepare) -> None:
    finding = OwnTestsGate().check(prepare(skill=write_skill("return text")))
    assert finding.reason is FailureReason.TEST_ASSERTION_FAILED
    assert "test_writes_names_last_first" in finding.detail


@pytest.mark.parametrize(
    ("tests", "says"),
    [
        ("def test_a():\n    assert run('Ada Lovelace')\n", "at least 2 tests"),
        ("x = 1\n", "no test"),
        (
            "def test_a():\n    assert run('Ada Lovelace')\n\n\n"
            "def test_b():\n    pytest.skip('later')\n",
            "skipped",
        ),
    ],
)
def test_own_tests_refuses_too_few(prepare: Prepare, tests: str, says: str) -> None:
    finding = OwnTestsGate().check(prepare(tests=HEAD + tests))
    assert finding.reason is FailureReason.WEAK_TESTS
    assert says in finding.summary


def test_own_tests_refuses_tests_that_reach_little(prepare: Prepare) -> None:
    skill = write_skill("if text:", *(f"    text += '{n}'" for n in range(9)), "return text")
    tests = HEAD + "\n\n".join(f"def test_{n}():\n    assert run('') == ''\n" for n in (1, 2))
    finding = OwnTestsGate().check(prepare(skill=skill, tests=tests))
    assert finding.reason is FailureReason.WEAK_TESTS
    assert "of skill.py reached" in finding.summary


def test_own_tests_that_end_their_process_are_no_pass(prepare: Prepare) -> None:
    tests = "import os\nfrom skill import run\n\n\ndef test_a():\n    run('a b')\n    os._exit(0)\n"
    assert OwnTestsGate().check(prepare(tests=tests)).outcome is Outcome.FAILED


def test_mutants_refuses_tests_that_accept_anything(prepare: Prepare) -> None:
    tests = f"{HEAD}def test_a():\n    assert run('Ada Lovelace') != 'Ada'\n"
    finding = MutantsGate().check(prepare(tests=tests))
    assert finding.reason is FailureReason.WEAK_TESTS
    assert "not noticed: skill.py:" in finding.detail


def test_sealed_cases_refuses_a_wrong_answer(prepare: Prepare) -> None:
    skill = write_skill(TURN_ROUND, 'return f"{last}, {first[0]}." if last < "I" else text')
    finding = SealedCasesGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.SEALED_CASE_FAILED
    assert finding.figures["sealed_right"] < finding.figures["sealed_count"]


def test_sealed_cases_refuses_what_cannot_be_proved(prepare: Prepare, need: Need) -> None:
    unproved = need.model_copy(update={"sealed": ()})
    finding = SealedCasesGate().check(prepare(need=unproved))
    assert finding.reason is FailureReason.SEALED_CASE_FAILED


def test_visible_cases_names_the_reason_and_the_inputs(prepare: Prepare) -> None:
    wrong = VisibleCasesGate().check(prepare(skill=write_skill("return text")))
    assert wrong.reason is FailureReason.TEST_ASSERTION_FAILED
    assert "Ada Lovelace" in wrong.detail
    raising = VisibleCasesGate().check(prepare(skill=write_skill("return text[1000]")))
    assert raising.reason is FailureReason.RUNTIME_ERROR


def test_visible_cases_of_a_need_without_any_are_not_needed(prepare: Prepare, need: Need) -> None:
    bare = need.model_copy(update={"visible": ()})
    assert VisibleCasesGate().check(prepare(need=bare)).outcome is Outcome.NOT_NEEDED


def test_find_failing_returns_exactly_the_wrong_visible_cases(prepare: Prepare, need: Need) -> None:
    skill = write_skill(TURN_ROUND, 'return text if first == "Alan" else f"{last}, {first[0]}."')
    wrong = find_failing(prepare(skill=skill))
    assert wrong == tuple(case for case in need.visible if "Alan" in str(case.inputs))


UNSTEADY = {
    "hash seed": write_skill("return f'{text}{hash(text)}'"),
    "clock": write_skill("return f'{text}{time.time()}'", imports="import time"),
    "date": write_skill("return f'{date.today()}'", imports="from datetime import date"),
    "chance": write_skill("return f'{random.random()}'", imports="import random"),
    "unique id": write_skill("return str(uuid.uuid4())", imports="import uuid"),
    "order of a set": write_skill("return ''.join(set(text))"),
    "kept state": write_skill("seen.append(text)", "return str(len(seen))", before="seen = []"),
    "address": write_skill("return str(id(object()))"),
    "now and then an error": write_skill(
        "if hash(text) % 2:", "    raise ValueError", "return text"
    ),
}


@pytest.mark.parametrize("skill", UNSTEADY.values(), ids=UNSTEADY)
def test_determinism_refuses(prepare: Prepare, skill: str) -> None:
    finding = DeterminismGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.NON_DETERMINISTIC_OUTPUT


@pytest.mark.parametrize(
    "answer",
    ["None", "1", "b'x'", "{text}", "float('nan')", "float('inf')", "{1: text}", "object()"],
)
def test_output_schema_refuses(prepare: Prepare, answer: str) -> None:
    finding = OutputSchemaGate().check(prepare(skill=write_skill(f"return {answer}")))
    assert finding.reason is FailureReason.CONTRACT_VIOLATION


def test_output_schema_refuses_extra_fields(prepare: Prepare) -> None:
    skill = (
        "from typing import TypedDict\n\n\nclass Entry(TypedDict):\n    name: str\n\n\n"
        "def run(text: str) -> Entry:\n    return {'name': text, 'more': 1}\n"
    )
    finding = OutputSchemaGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.CONTRACT_VIOLATION


TRYING = {
    "socket": ("import socket", "socket.socket()"),
    "resolve": ("import socket", "socket.getaddrinfo('example.org', 80)"),
    "run": ("import subprocess", "subprocess.run(['true'])"),
    "system": ("import os", "os.system('true')"),
    "fork": ("import os", "os.fork()"),
    "write": ("", "open('/skill/out.txt', 'w')"),
    "write home": ("", "open('/etc/passwd', 'a')"),
    "remove": ("import os", "os.remove('/skill/skill.py')"),
    "native": ("import ctypes", "ctypes.CDLL(None)"),
}


@pytest.mark.parametrize(("imports", "line"), TRYING.values(), ids=TRYING)
def test_side_effects_refuses_even_swallowed_attempts(
    prepare: Prepare, imports: str, line: str
) -> None:
    skill = write_skill(
        "try:", f"    {line}", "except BaseException:", "    pass", "return text", imports=imports
    )
    finding = SideEffectsGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.SIDE_EFFECT_DETECTED


def test_side_effects_sees_attempts_while_loading(prepare: Prepare) -> None:
    before = "try:\n    open('/skill/x', 'w')\nexcept OSError:\n    pass"
    finding = SideEffectsGate().check(prepare(skill=write_skill("return text", before=before)))
    assert finding.reason is FailureReason.SIDE_EFFECT_DETECTED


def test_side_effects_sees_what_only_happens_on_empty_input(prepare: Prepare) -> None:
    skill = write_skill(
        "if not text:", "    socket.socket()", "return text", imports="import socket"
    )
    assert (
        SideEffectsGate().check(prepare(skill=skill)).reason is FailureReason.SIDE_EFFECT_DETECTED
    )


def test_side_effects_allows_scratch(prepare: Prepare) -> None:
    skill = write_skill("with open('/tmp/x', 'w') as file:", "    file.write(text)", "return text")
    assert SideEffectsGate().check(prepare(skill=skill)).outcome is Outcome.PASSED


OUTGROWING = {
    "hang": (("while True:", "    pass"), FailureReason.TIMEOUT),
    "hang on massive": (
        ("while len(text) > 1000:", "    pass", "return text"),
        FailureReason.TIMEOUT,
    ),
    "backtracking": (
        ("re.fullmatch(r'(\\w+\\s?)*;', text)", "return text"),
        FailureReason.TIMEOUT,
    ),
    "memory": (("return str(len('x' * (len(text) << 28)))",), FailureReason.MEMORY_EXCEEDED),
    "print": (("print('x' * 50_000_000)", "return text"), FailureReason.OUTPUT_EXCEEDED),
    "answer": (("return text * 5_000_000",), FailureReason.OUTPUT_EXCEEDED),
    "recursion": (("return run(text[1:]) if text else ''",), FailureReason.RUNTIME_ERROR),
    "exit": (("raise SystemExit(0)",), FailureReason.RUNTIME_ERROR),
    "quiet exit": (("os._exit(0)",), FailureReason.RUNTIME_ERROR),
    "kill": (("os.abort()",), FailureReason.RUNTIME_ERROR),
}


@pytest.mark.parametrize(("lines", "reason"), OUTGROWING.values(), ids=OUTGROWING)
def test_limits_refuses(prepare: Prepare, lines: tuple[str, ...], reason: FailureReason) -> None:
    subject = prepare(skill=write_skill(*lines, imports="import os\nimport re"))
    assert LimitsGate().check(subject).reason is reason


def test_limits_allows_a_refusal_by_a_kind_of_value_error(prepare: Prepare) -> None:
    skill = write_skill(
        "if len(text) > 100:",
        "    raise TooLong(text[:9])",
        "return text",
        before="class TooLong(ValueError):\n    pass",
    )
    assert LimitsGate().check(prepare(skill=skill)).outcome is Outcome.PASSED


def test_limits_gives_up_early_on_a_skill_that_always_hangs(prepare: Prepare, need: Need) -> None:
    many = tuple(Case(inputs={"text": f"a {n}"}, expected="") for n in range(500))
    subject = prepare(
        skill=write_skill("while True:", "    pass"), need=need.model_copy(update={"visible": many})
    )
    assert LimitsGate().check(subject).reason is FailureReason.TIMEOUT


def test_duplicate_refuses_what_a_release_already_does(prepare: Prepare) -> None:
    subject = prepare()
    other = subject.contract.model_copy(update={"name": "names-turned-round"})
    finding = DuplicateGate((Rival(other, subject.files),)).check(subject)
    assert finding.reason is FailureReason.DUPLICATE
    assert "`names-turned-round`" in finding.summary


def test_duplicate_lets_a_successor_and_a_different_skill_pass(prepare: Prepare) -> None:
    subject = prepare()
    predecessor = Rival(subject.contract, subject.files)
    assert DuplicateGate((predecessor,)).check(subject).outcome is Outcome.NOT_NEEDED
    other = subject.contract.model_copy(update={"name": "same-text"})
    rival = Rival(other, {"skill.py": write_skill("return text").encode()})
    assert DuplicateGate((rival,)).check(subject).outcome is Outcome.PASSED
