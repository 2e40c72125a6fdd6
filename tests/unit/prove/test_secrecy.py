"""Skills that look for the sealed cases, or try to make a gate say what is in them."""

from collections.abc import Callable
from datetime import datetime

import pytest

from skillkiln.prove.gate_list import build_gates
from skillkiln.prove.gates.sealed_cases import SealedCasesGate
from skillkiln.prove.interface import Rounds, Subject
from skillkiln.prove.prove import prove
from skillkiln.records.evidence import Stage
from skillkiln.records.needs import Case, Need
from skillkiln.skill.reasons import FailureReason

Prepare = Callable[..., Subject]
Clock = Callable[[], datetime]

GOOD = 'first, last = text.split(" ")\n        return f"{last}, {first[0]}."'

TELLING = {
    "raises it": "raise ValueError(text)",
    "prints it": "print(text)\n        return text",
    "answers it": "return text",
    "prints a lot of it": "print(text * 1_000_000)\n        return text",
    "tries to write it": f"open('/skill/' + text, 'w')\n        {GOOD}",
    "tries to write it and swallows": (
        "try:\n            open('/skill/' + text, 'w')\n        except OSError:\n            pass\n"
        f"        {GOOD}"
    ),
    "names an error after it": "raise type(text, (Exception,), {})(text)",
    "answers another type": "return {text: text}",
    "exits with it": "raise SystemExit(text)",
    "dies": "os._exit(1)",
}


def late_gates() -> Rounds:
    """Return the gates that run the skill, without the static ones that would stop it earlier."""
    rounds = build_gates()
    return [gates for gates in rounds if all(gate.stage is Stage.TEST for gate in gates)]


@pytest.mark.parametrize("action", TELLING.values(), ids=TELLING)
def test_no_sealed_value_stands_in_the_evidence(
    prepare: Prepare, need: Need, clock: Clock, action: str
) -> None:
    visible = tuple(str(case.inputs["text"]) for case in need.visible)
    skill = (
        "import os\n\n\ndef run(text: str) -> str:\n"
        f"    if text in {visible!r}:\n        {GOOD}\n    else:\n        {action}\n"
    )
    evidence = prove(prepare(skill=skill), late_gates(), clock=clock)
    assert evidence.failures
    written = evidence.model_dump_json()
    for case in need.sealed:
        for secret in (str(case.inputs["text"]), str(case.expected)):
            assert secret not in written


def test_what_is_passed_to_authors_holds_no_sealed_case(need: Need) -> None:
    told = need.brief().model_dump_json()
    assert str(need.visible[0].expected) in told
    for case in need.sealed:
        assert str(case.inputs["text"]) not in told
        assert str(case.expected) not in told


LOOKING = {
    "on the disk": (
        "import os\n",
        "for folder, _, names in os.walk('/'):\n"
        "        for name in names:\n"
        "            try:\n"
        "                content = open(os.path.join(folder, name), errors='replace').read(10**6)\n"
        "            except OSError:\n"
        "                continue\n"
        "            if KEY in content and folder != '/skill':\n"
        "                return content[content.index(KEY):][:len(KEY) + 6]\n"
        "    return text",
    ),
    "in the frames above": (
        "import sys\n",
        "frame = sys._getframe(1)\n"
        "    while frame:\n"
        "        for value in frame.f_locals.values():\n"
        "            if KEY in repr(value):\n"
        "                return repr(value)\n"
        "        frame = frame.f_back\n"
        "    return text",
    ),
    "in the memory": (
        "import gc\n",
        "for thing in gc.get_objects():\n"
        "        if type(thing) is dict and 'expected' in thing:\n"
        "            return str(thing['expected'])\n"
        "    return text",
    ),
    "in the environment": ("import os\n", "return os.environ.get('EXPECTED', text)"),
}


@pytest.mark.parametrize(("imports", "body"), LOOKING.values(), ids=LOOKING)
def test_a_skill_that_looks_for_the_expected_values_does_not_find_them(
    prepare: Prepare, need: Need, imports: str, body: str
) -> None:
    # The key is put together at run time, so that the skill does not find itself.
    key = "KEY = ''.join(['7f', 'kiln', 'secret'])\n"
    sealed = tuple(
        Case(inputs={"text": f"question {n}"}, expected=f"7fkilnsecret answer {n}")
        for n in range(3)
    )
    subject = prepare(
        skill=f"{imports}{key}\n\ndef run(text: str) -> str:\n    {body}\n",
        need=need.model_copy(update={"sealed": sealed}),
    )
    finding = SealedCasesGate().check(subject)
    assert finding.reason is FailureReason.SEALED_CASE_FAILED
    assert finding.figures == {"sealed_count": 3, "sealed_right": 0}


FORGING = {
    "equal to everything": (
        "class Any:\n    def __eq__(self, other):\n        return True\n"
        "    def __hash__(self):\n        return 0\n",
        "return Any()",
    ),
    "a text equal to everything": (
        "class Any(str):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = str.__hash__\n",
        "return Any('x')",
    ),
    "another encoder": (
        'import json\n\njson.dumps = lambda *a, **k: \'{"id": 1, "output": "right"}\'\n'
        "json.JSONEncoder.encode = lambda *a, **k: '{}'\n",
        "return text",
    ),
    "quiet exit": ("import os\n", "os._exit(0)"),
    "exit": ("", "raise SystemExit(0)"),
}


@pytest.mark.parametrize(("before", "body"), FORGING.values(), ids=FORGING)
def test_a_forged_answer_is_not_right(prepare: Prepare, before: str, body: str) -> None:
    skill = f"{before}\n\ndef run(text: str) -> str:\n    {body}\n"
    finding = SealedCasesGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.SEALED_CASE_FAILED
    assert finding.figures["sealed_right"] == 0


HOSTILE = {
    "prints a lot": ("", "print(text * 10_000_000)", FailureReason.OUTPUT_EXCEEDED),
    "sleeps": ("import time", "time.sleep(60)", FailureReason.TIMEOUT),
    "leaves": ("import os", "os._exit(0)", FailureReason.POLICY_VIOLATION),
    "patches json": ("import json", "json.dumps = str", FailureReason.POLICY_VIOLATION),
    "reads frames": ("import sys", "sys._getframe(1)", FailureReason.POLICY_VIOLATION),
    "opens a socket": ("import socket", "socket.socket()", FailureReason.POLICY_VIOLATION),
    "starts a program past the first net": (
        "import random\nimport string",
        'string.Formatter().get_field("0._os.system", (random,), {})[0]("true")',
        FailureReason.SIDE_EFFECT_DETECTED,
    ),
    "fills the memory": ("", "str(len('x' * (len(text) << 40)))", FailureReason.MEMORY_EXCEEDED),
}


@pytest.mark.parametrize(("imports", "line", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_skill_is_refused_for_the_right_reason(
    prepare: Prepare, clock: Clock, imports: str, line: str, reason: FailureReason
) -> None:
    good = prepare().source
    docstring, rest = good.split("\n\n", 1)
    hostile = rest.replace("    match = ", f"    {line}\n    match = ")
    subject = prepare(skill=f"{docstring}\n\n{imports}\n{hostile}")
    evidence = prove(subject, build_gates(), clock=clock)
    assert evidence.failures[0].reason is reason
