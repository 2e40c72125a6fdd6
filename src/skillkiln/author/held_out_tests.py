"""The text of test_skill.py: what an emitted skill is tested by.

Ordinary tests are made of held-out cases alone: labelled examples that the program was not learnt
from. Around them stand tests of null, anomalous and massive input whose expectation follows from
the skill's own promise (raise `ValueError` outside what was learnt), never from a guess.

The tests import nothing but pytest and `run`, and pass JSON values only, because the skill runs in
another process.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from skillkiln.author.python_text import (
    WIDTH,
    Literal,
    render_call,
    render_literal,
    render_string,
)

MAX_ORDINARY = 16
"""More held-out cases than this would only make the file longer."""
MASSIVE = 100_000
"""Characters of a massive input."""
MAX_TEST_TEXT = 4_000
"""Characters of an input that is spelled out in a test."""


@dataclass(frozen=True, slots=True)
class OrdinaryTest:
    """A held-out case."""

    inputs: tuple[str, ...]
    expected: JsonValue


@dataclass(frozen=True, slots=True)
class ProbeTest:
    """One test of unusual input.

    Attributes:
        name: the sentence that it reads as, as an identifier without `test_`.
        arguments: for each parameter, a Python expression of its value.
        check: what holds for `answer`, as Python; None when `ValueError` is expected.
        setup: statements before the call.
    """

    name: str
    arguments: tuple[str, ...]
    check: str | None = None
    setup: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestPlan:
    """Everything that one test file is made of."""

    skill_name: str
    parameters: tuple[str, ...]
    answer_type: str
    """The annotation of an expected answer, for example `dict[str, str]`."""
    ordinary: tuple[OrdinaryTest, ...]
    probes: tuple[ProbeTest, ...]


def render_tests(plan: TestPlan) -> str:
    """Render test_skill.py."""
    blocks = [_header(plan), _render_ordinary(plan)]
    blocks += [_render_probe(plan, probe) for probe in plan.probes]
    return "\n\n\n".join(blocks) + "\n"


def _header(plan: TestPlan) -> str:
    rows = [
        render_call(
            "pytest.param",
            [
                *(render_literal(text, indent=8, before=8, after=1) for text in test.inputs),
                render_literal(_as_literal(test.expected), indent=8, before=8, after=1),
                f"id={render_string(test_id)}",
            ],
            indent=4,
            before=4,
            after=1,
        )
        for test, test_id in zip(plan.ordinary, name_ids(plan.ordinary), strict=True)
    ]
    return "\n".join(
        [
            f'"""Tests of {plan.skill_name}: labelled examples that it was not learnt from."""',
            "",
            "import pytest",
            "",
            "from skill import run",
            "",
            "HELD_OUT = [",
            *(f"    {row}," for row in rows),
            "]",
        ]
    )


def _render_ordinary(plan: TestPlan) -> str:
    names = ", ".join(f'"{name}"' for name in (*plan.parameters, "expected"))
    typed = [f"{name}: str" for name in plan.parameters] + [f"expected: {plan.answer_type}"]
    call = ", ".join(f"{name}={name}" for name in plan.parameters)
    return "\n".join(
        [
            f"@pytest.mark.parametrize(({names}), HELD_OUT)",
            _render_def("test_answers_an_ordinary_held_out_case", typed),
            f"    assert run({call}) == expected",
        ]
    )


def _render_def(name: str, typed: Sequence[str]) -> str:
    flat = f"def {name}({', '.join(typed)}) -> None:"
    if len(flat) <= WIDTH:
        return flat
    middle = f"    {', '.join(typed)}"
    if len(middle) <= WIDTH:
        return "\n".join([f"def {name}(", middle, ") -> None:"])
    return "\n".join([f"def {name}(", *(f"    {item}," for item in typed), ") -> None:"])


def _render_probe(plan: TestPlan, probe: ProbeTest) -> str:
    pairs = [
        f"{name}={argument}"
        for name, argument in zip(plan.parameters, probe.arguments, strict=True)
    ]
    lines = [f"def test_{probe.name}() -> None:", *(f"    {line}" for line in probe.setup)]
    if probe.check is None:
        lines += [
            "    with pytest.raises(ValueError):",
            f"        {render_call('run', pairs, indent=8, before=8)}",
        ]
    else:
        lines += [
            f"    answer = {render_call('run', pairs, indent=4, before=13)}",
            f"    assert {probe.check}",
        ]
    return "\n".join(lines)


def _as_literal(value: JsonValue) -> Literal:
    if isinstance(value, dict):
        return {key: _as_literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_literal(item) for item in value]
    assert value is None or isinstance(value, (str, int))
    return value


def name_ids(tests: Sequence[OrdinaryTest]) -> list[str]:
    """Name each test after the text that it gives in, all different."""
    ids: list[str] = []
    for test in tests:
        words = re.findall(r"[a-z0-9]+", " ".join(test.inputs).lower())
        stem = "-".join(words)[:32].strip("-") or "text"
        same = sum(other == stem or other.startswith(f"{stem}--") for other in ids)
        ids.append(f"{stem}--{same + 1}" if same else stem)
    return ids


def choose_ordinary(tests: Sequence[OrdinaryTest]) -> tuple[OrdinaryTest, ...]:
    """Choose which held-out cases become tests: at most `MAX_ORDINARY`, spread over all."""
    short = [test for test in tests if sum(map(len, test.inputs)) <= MAX_TEST_TEXT]
    if len(short) <= MAX_ORDINARY:
        return tuple(short)
    step = len(short) / MAX_ORDINARY
    return tuple(short[int(index * step)] for index in range(MAX_ORDINARY))
