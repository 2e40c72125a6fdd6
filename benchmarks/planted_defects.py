"""Ways to spoil a good candidate, each with what it has to be refused for.

`DEFECTS` break a rule that a gate guards; `WEAKNESSES` break none, pass every gate, and are left to
the judge. Each is applied to every family that it makes sense for, as a change of text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from candidate_families import Draft
from skillkiln.skill.reasons import FailureReason

Change = Callable[[Draft], Draft]

HIDDEN_CALL = 'string.Formatter().get_field("0._os.{call}", (random,), {{}})[0]({arguments})'
"""Reaches `os` by a name put together at run time, so that only the sandbox can see it."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A way to spoil a candidate."""

    name: str
    reason: FailureReason
    change: Change


def first(*lines: str, imports: str = "") -> Change:
    """Put lines at the beginning of the body of `run`."""

    def change(draft: Draft) -> Draft:
        docstring, module = draft.skill.split("\n\n", 1)
        head, body = module.rsplit('    """\n', 1)
        added = "".join(f"    {line}\n" for line in lines)
        text = f'{docstring}\n\n{imports}{head}    """\n{added}{body}'
        return replace(draft, skill=text.replace("PARAMETER", _parameter(draft)))

    return change


def hidden(call: str, arguments: str, *, is_swallowed: bool) -> Change:
    """Try something of the machine that cannot be read from the text."""
    line = HIDDEN_CALL.format(call=call, arguments=arguments)
    lines = ("try:", f"    {line}", "except OSError:", "    pass") if is_swallowed else (line,)
    return first(*lines, imports="import random\nimport string\n")


def in_skill(old: str, new: str) -> Change:
    """Replace a text in skill.py by another, by regular expression, once."""
    return lambda draft: replace(draft, skill=re.sub(old, lambda _: new, draft.skill, count=1))


def with_test(kind: str, text: str) -> Change:
    """Put a test in place of those of a kind, or beside them."""
    return lambda draft: replace(draft, tests={**draft.tests, kind: f"\n{text}"})


def only(*kinds: str) -> Change:
    """Leave only the tests of some kinds."""
    return lambda draft: replace(draft, tests={kind: draft.tests[kind] for kind in kinds})


def without(*kinds: str) -> Change:
    """Leave out the tests of some kinds."""
    return lambda draft: replace(
        draft, tests={kind: text for kind, text in draft.tests.items() if kind not in kinds}
    )


def after_run(text: str) -> Change:
    """Add code below `run`."""
    return lambda draft: replace(draft, skill=f"{draft.skill}{text}")


def answer_the_same(draft: Draft) -> Draft:
    """Answer everything with the first answer that was seen."""
    kept = draft.skill.rsplit("    return ", 1)[0]
    return replace(draft, skill=f"{kept}    return {draft.visible[0].expected!r}\n")


def refuse_the_unseen(draft: Draft) -> Draft:
    """Answer only what was seen."""
    head, body = draft.skill.rsplit('    """\n', 1)
    seen = sorted(str(case.inputs[_parameter(draft)]) for case in draft.visible)
    rows = "".join(f"        {text!r},\n" for text in seen)
    look = f"    if str({_parameter(draft)}) not in known:\n        raise ValueError\n"
    return replace(draft, skill=f'{head}    """\n    known = {{\n{rows}    }}\n{look}{body}')


def expect_a_refusal(draft: Draft) -> Draft:
    """Add a test that the skill does not pass."""
    call = f"run(**{draft.visible[0].inputs!r})"
    test = f"\ndef test_more():\n    with pytest.raises(ValueError):\n        {call}\n"
    return replace(draft, tests={**draft.tests, "more": test})


def _parameter(draft: Draft) -> str:
    return draft.call.split("=")[0]


def know_some(draft: Draft) -> Draft:
    """Answer the visible cases from a table, and the others by the rule."""
    head, body = draft.skill.rsplit('    """\n', 1)
    parameter = _parameter(draft)
    look = f"    if str({parameter}) in known:\n        return known[str({parameter})]\n"
    return replace(draft, skill=f'{head}    """\n{_write_table(draft)}{look}{body}')


def _write_table(draft: Draft) -> str:
    answer = draft.signature.rsplit("-> ", 1)[1]
    parameter = _parameter(draft)
    rows = "".join(
        f"        {str(case.inputs[parameter])!r}: {case.expected!r},\n" for case in draft.visible
    )
    return f"    known: dict[str, {answer}] = {{\n{rows}    }}\n"


def tangle(draft: Draft) -> Draft:
    """Wrap the rule in conditions that decide nothing, just below the cap on complexity."""
    inner = draft.skill.replace("def run(", "def convert(")
    parameter = _parameter(draft)
    lines = [f"    size = len({parameter})", "    kept = size"]
    for depth in range(1, 6):
        also = " or kept == 0" if depth < 3 else ""
        lines.append(f"{'    ' * depth}if size > {depth}{also}:")
        lines.append(f"{'    ' * (depth + 1)}kept -= {depth}")
    lines += [
        "    if kept > size:",
        "        raise ValueError",
        f"    return convert({draft.call})",
    ]
    body = "\n".join(lines)
    outer = f'\n\ndef run{draft.signature}:\n    """Convert one value."""\n{body}\n'
    return replace(draft, skill=f"{inner}{outer}")


def pad(draft: Draft) -> Draft:
    """Make it long with a table that is of no use."""
    rows = "    None,\n" * 190
    return replace(draft, skill=f"{draft.skill}\n\nSTEPS = (\n{rows})\n")


def say_nothing(draft: Draft) -> Draft:
    """Write documents without when, interface or limits."""
    bare = "A skill that converts values of a well-known kind into other values."
    return replace(draft, description=bare, body=bare)


UNUSED = (
    "\n\ndef measure(values: list[str]) -> int:\n"
    '    """Add up lengths."""\n    size = 0\n    for value in values:\n'
    "        size += len(value)\n    return size\n"
)
CATCHING = (
    "def test_a():\n    try:\n        assert run(1) == 1\n    except Exception:\n        return\n"
)
NEVER_FAILS = "def test_{}():\n    run({})\n    assert True\n"

REASON = FailureReason
DEFECTS = (
    Planted("cut off", REASON.SYNTAX_ERROR, in_skill(r"raise ValueError\([^)]*\)\n", "raise (\n")),
    Planted("tests cut off", REASON.SYNTAX_ERROR, with_test("more", "def test_more(:\n")),
    Planted("one answer for all", REASON.TEST_ASSERTION_FAILED, answer_the_same),
    Planted("fails its own test", REASON.TEST_ASSERTION_FAILED, expect_a_refusal),
    Planted("memorised", REASON.SEALED_CASE_FAILED, refuse_the_unseen),
    Planted("hangs", REASON.TIMEOUT, first("while len(str(PARAMETER)) > 500:", "    pass")),
    Planted("sleeps", REASON.TIMEOUT, first("time.sleep(5)", imports="import time\n")),
    Planted(
        "denied",
        REASON.PERMISSION_DENIED,
        hidden("mkdir", '"/skill/made"', is_swallowed=False),
    ),
    Planted(
        "needs a package", REASON.DEPENDENCY_RESOLUTION_FAILED, first(imports="import requests\n")
    ),
    Planted(
        "swallowed write",
        REASON.SIDE_EFFECT_DETECTED,
        hidden("mkdir", '"/skill/made"', is_swallowed=True),
    ),
    Planted(
        "swallowed start",
        REASON.SIDE_EFFECT_DETECTED,
        hidden("system", '"true"', is_swallowed=True),
    ),
    Planted(
        "other schema",
        REASON.CONTRACT_VIOLATION,
        lambda draft: replace(draft, output_schema={"type": "boolean"}),
    ),
    Planted("no signature", REASON.CONTRACT_VIOLATION, in_skill(r"def run\(", "def walk(")),
    Planted(
        "swells",
        REASON.MEMORY_EXCEEDED,
        first("held = [0] * (len(str(PARAMETER)) << 40)", "del held"),
    ),
    Planted("floods", REASON.OUTPUT_EXCEEDED, first('print("x" * 20_000_000)')),
    Planted("wrong type", REASON.TYPE_ERROR, in_skill(r"    return ", "    return 1.5 or ")),
    Planted("untyped", REASON.TYPE_ERROR, after_run("\n\ndef more(value):\n    return value\n")),
    Planted(
        "falls over", REASON.RUNTIME_ERROR, first("assert len(str(PARAMETER)) < 500, 'too long'")
    ),
    Planted("asserts nothing", REASON.WEAK_TESTS, with_test("null", NEVER_FAILS.format("a", "1"))),
    Planted(
        "catches its failures",
        REASON.WEAK_TESTS,
        with_test("null", CATCHING),
    ),
    Planted("one test", REASON.WEAK_TESTS, only("null")),
    Planted("only refusals", REASON.WEAK_TESTS, without("ordinary")),
    Planted(
        "swayed by the clock",
        REASON.NON_DETERMINISTIC_OUTPUT,
        first("if time.time() % 2e9 < 1:", "    raise ValueError", imports="import time\n"),
    ),
    Planted(
        "connects", REASON.POLICY_VIOLATION, first("socket.socket()", imports="import socket\n")
    ),
    Planted("evaluates", REASON.POLICY_VIOLATION, first("eval(str(PARAMETER))")),
    Planted("silences a check", REASON.POLICY_VIOLATION, after_run("\n\nX = 1  # noqa\n")),
    Planted(
        "brings a conftest",
        REASON.POLICY_VIOLATION,
        lambda draft: replace(draft, more_files=(("conftest.py", "x = 1\n"),)),
    ),
    Planted("tests read the disk", REASON.POLICY_VIOLATION, with_test("more", "import os\n")),
    Planted("known already", REASON.DUPLICATE, lambda draft: replace(draft, is_known=True)),
)
"""Refused by a gate, for the named reason."""

JUDGED = FailureReason.JUDGE_REJECTED
WEAKNESSES = (
    Planted("no null test", JUDGED, without("null")),
    Planted("no anomalous test", JUDGED, without("anomalous")),
    Planted("no massive test", JUDGED, without("massive")),
    Planted("ordinary and null tests only", JUDGED, only("ordinary", "null")),
    Planted("convoluted", JUDGED, tangle),
    Planted("padded", JUDGED, pad),
    Planted("half memorised", JUDGED, know_some),
    Planted("ambiguous", JUDGED, lambda draft: replace(draft, surviving_programs=6)),
    Planted("nothing held out", JUDGED, lambda draft: replace(draft, held_out=0)),
    Planted("two sealed cases", JUDGED, lambda draft: replace(draft, sealed=2)),
    Planted("undocumented", JUDGED, say_nothing),
    Planted("code no test reaches", JUDGED, after_run(UNUSED)),
)
"""Passes every gate; refused by the judge."""
