"""Tests of null, anomalous and massive lines that a line parser's promise decides.

Each is checked against the parser before it is chosen, so that a parser whose last field takes
anything is not accused of failing to refuse.
"""

from collections.abc import Sequence

from skillkiln.author.held_out_tests import MASSIVE, ProbeTest
from skillkiln.author.lines.parser import LabelledLine, LineParser
from skillkiln.author.python_text import render_literal, render_string


def build_probes(parser: LineParser, labelled: Sequence[LabelledLine]) -> list[ProbeTest]:
    """Choose the tests of unusual lines."""
    probes: list[ProbeTest] = []
    if parser.find_fields("") is None:
        probes.append(ProbeTest("refuses_the_null_input_of_an_empty_line", ('""',)))
    if parser.find_fields("   \t ") is None:
        probes.append(ProbeTest("refuses_a_null_line_of_blanks_only", (render_string("   \t "),)))
    probes += _refused_probes(parser, labelled)
    probes += _unicode_probe(parser, labelled)
    probes += _massive_probes(parser, labelled)
    return probes


def _refused_probes(parser: LineParser, labelled: Sequence[LabelledLine]) -> list[ProbeTest]:
    shortest = min((item.line for item in labelled), key=len)
    lines = {
        "refuses_an_anomalous_line_of_no_learnt_shape": "no-such-shape",
        "refuses_an_anomalous_line_cut_short": shortest[: len(shortest) // 2],
        "refuses_an_anomalous_pair_of_lines": f"{shortest}\n{shortest}",
        "refuses_an_anomalous_line_in_another_script": "\u65e5\u672c\u8a9e \u2603",
        "refuses_an_anomalous_tail_of_junk": f"{shortest.rstrip()} \u2603 junk \u2603",
    }
    return [
        ProbeTest(name, (render_literal(line, indent=12, before=17),))
        for name, line in lines.items()
        if parser.find_fields(line) is None
    ]


def _unicode_probe(parser: LineParser, labelled: Sequence[LabelledLine]) -> list[ProbeTest]:
    """Expect text in another script to be kept where the last field takes free text."""
    tail = " caf\u00e9 \u2603"
    for item in sorted(labelled, key=lambda item: len(item.line)):
        last = _last_field(parser, item)
        longer = {**item.fields, last: item.fields[last] + tail}
        if parser.find_fields(item.line.rstrip() + tail) == longer:
            return [
                ProbeTest(
                    "keeps_anomalous_unicode_in_the_last_field",
                    (render_literal(item.line.rstrip() + tail, indent=8, before=13),),
                    f"answer == {render_literal(longer, indent=4, before=21)}",
                )
            ]
    return []


def _massive_probes(parser: LineParser, labelled: Sequence[LabelledLine]) -> list[ProbeTest]:
    shortest = min(labelled, key=lambda item: len(item.line))
    last = _last_field(parser, shortest)
    probes: list[ProbeTest] = []
    massive = shortest.line.rstrip() + "x" * MASSIVE
    longer = {**shortest.fields, last: shortest.fields[last] + "x" * MASSIVE}
    if parser.find_fields(massive) == longer:
        start = render_literal(shortest.line.rstrip(), indent=4, before=12)
        known = render_literal(dict(shortest.fields), indent=4, before=12)
        key = render_string(last)
        probes.append(
            ProbeTest(
                "reads_a_massive_last_field_whole",
                ("start + junk",),
                f"answer == {{**known, {key}: known[{key}] + junk}}",
                (f"start = {start}", f"known = {known}", f'junk = "x" * {MASSIVE:_}'),
            )
        )
    for name, unit in (("blanks", " "), ("brackets", "["), ("words", "a ")):
        if parser.find_fields(unit * MASSIVE) is None:
            argument = f"{render_string(unit)} * {MASSIVE:_}"
            probes.append(ProbeTest(f"refuses_a_massive_line_of_{name}", (argument,)))
    return probes


def _last_field(parser: LineParser, item: LabelledLine) -> str:
    """Return the field that ends a labelled line."""
    pattern = parser.find_pattern(item.line)
    assert pattern is not None  # the parser reads every labelled line
    return pattern.shape.fields[-1]
