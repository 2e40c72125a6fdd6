"""Tests of null, anomalous and massive input for a string program.

What the program refuses is expected to be refused; what it answers is expected to stay so.
"""

from collections.abc import Sequence

from skillkiln.author.held_out_tests import MASSIVE, ProbeTest
from skillkiln.author.python_text import render_literal, render_string
from skillkiln.author.strings.expressions import Row
from skillkiln.author.strings.programs import StringProgram


def build_probes(program: StringProgram, rows: Sequence[Row]) -> list[ProbeTest]:
    """Choose the tests of unusual input."""
    names = tuple(rows[0])
    shortest = min(rows, key=lambda row: sum(map(len, row.values())))
    unusual: list[tuple[str, tuple[str, ...]]] = [
        ("a_null_input_of_no_text", ("",) * len(names)),
        ("a_null_input_of_blanks", (" \t ",) * len(names)),
        ("an_anomalous_symbol", ("\u2603",) * len(names)),
        ("an_anomalous_input_cut_short", tuple(t[: (len(t) + 1) // 2] for t in shortest.values())),
        (
            "an_anomalous_tail_in_another_script",
            tuple(f"{t} \u65e5\u672c" for t in shortest.values()),
        ),
    ]
    probes = [_probe(program, names, label, texts) for label, texts in unusual]
    for label, unit in (("letters", "x"), ("words", "a "), ("marks", "-")):
        texts = (unit * (MASSIVE // len(unit)),) * len(names)
        argument = f"{render_string(unit)} * {MASSIVE // len(unit):_}"
        name = f"a_massive_input_of_{label}"
        answer = program.find_answer(dict(zip(names, texts, strict=True)))
        check = None if answer is None else f"len(answer) == {len(answer)}"
        probes.append(ProbeTest(_verb(answer) + name, (argument,) * len(names), check))
    return probes


def _probe(
    program: StringProgram, names: Sequence[str], label: str, texts: Sequence[str]
) -> ProbeTest:
    answer = program.find_answer(dict(zip(names, texts, strict=True)))
    arguments = tuple(render_literal(text, indent=12, before=24) for text in texts)
    check = None if answer is None else f"answer == {render_literal(answer, indent=4, before=21)}"
    return ProbeTest(_verb(answer) + label, arguments, check)


def _verb(answer: str | None) -> str:
    return "refuses_" if answer is None else "answers_"
