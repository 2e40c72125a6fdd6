"""Outputs laid beside inputs: what fits, what is refused, and that nothing is guessed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.notice.align import Alignment, Misfit, align

LOG = "h1 GET /a 200\nh2 PUT /b 404\nh3 GET /c 500"
ROWS = [("h1", "GET", "200"), ("h2", "PUT", "404"), ("h3", "GET", "500")]
RECORDS = [{"host": host, "verb": verb, "code": code} for host, verb, code in ROWS]
NAMES = "Ada Lovelace\nGrace Hopper\nAlan Turing\nEdsger Dijkstra"


def fitted(text: str, output: str) -> Alignment:
    found = align(text, output)
    assert isinstance(found, Alignment), found
    return found


def refused(text: str, output: str) -> str:
    found = align(text, output)
    assert isinstance(found, Misfit), found
    return found.reason


@pytest.mark.parametrize(
    "output",
    [
        "\n".join(map(json.dumps, RECORDS)),
        json.dumps(RECORDS, indent=2),
        "\n".join(map(repr, RECORDS)),
        "host,verb,code\nh1,GET,200\nh2,PUT,404\nh3,GET,500",
        "host\tverb\tcode\nh1\tGET\t200\nh2\tPUT\t404\nh3\tGET\t500",
        "\n".join(json.dumps({**r, "code": int(r["code"])}) for r in RECORDS),
        "\n".join(json.dumps({"code": r["code"], **r}) for r in RECORDS),
    ],
    ids=["json lines", "json list", "dicts", "csv", "tsv", "numbers", "other order"],
)
def test_records_in_any_form_belong_to_their_lines(output: str) -> None:
    found = fitted(LOG, output)
    assert found.layout == "records"
    assert [(e.line, e.expected) for e in found.examples] == list(
        zip(LOG.splitlines(), RECORDS, strict=True)
    )


def test_fields_come_in_the_order_of_the_line() -> None:
    output = "\n".join(json.dumps(dict(reversed(r.items()))) for r in RECORDS)
    expected = fitted(LOG, output).examples[0].expected
    assert isinstance(expected, dict)
    assert list(expected) == ["host", "verb", "code"]


def test_headers_blank_and_skipped_lines_are_passed_over() -> None:
    text = "# log of today\r\n\r\n" + LOG.replace("\n", "\r\n# comment\r\n")
    found = fitted(text, "\n".join(map(json.dumps, RECORDS)))
    assert [e.line for e in found.examples] == LOG.splitlines()
    assert [e.line_number for e in found.examples] == [3, 5, 7]
    assert found.unlabelled == ()


def test_a_record_that_fits_several_lines_is_no_example() -> None:
    text = "\n".join(f"{n} x{n} ok" for n in range(1, 30))
    assert "come from one line" in refused(text, '{"n": "1"}\n{"n": "2"}\n{"n": "1"}')


def test_records_with_computed_values_are_refused() -> None:
    output = "\n".join(json.dumps({**r, "total": "99887"}) for r in RECORDS)
    assert "0 of 3 records" in refused(LOG, output)


def test_numbers_stay_as_they_were_printed() -> None:
    text = "a 0.50\nb 1.00\nc 7.25"
    output = '{"n": "a", "v": 0.50}\n{"n": "b", "v": 1.00}\n{"n": "c", "v": 7.25}'
    assert [e.expected for e in fitted(text, output).examples] == [
        {"n": "a", "v": "0.50"},
        {"n": "b", "v": "1.00"},
        {"n": "c", "v": "7.25"},
    ]


def test_missing_values_are_empty() -> None:
    output = '{"a": "h1", "b": null}\n{"a": "h2", "b": "404"}\n{"a": "h3", "b": "500"}'
    assert fitted(LOG, output).examples[0].expected == {"a": "h1", "b": ""}


def test_the_first_results_of_a_longer_file_are_enough() -> None:
    text = "\n".join(f"10:{n:02} host{n} up" for n in range(60))
    output = "\n".join(json.dumps({"at": f"10:{n:02}", "h": f"host{n}"}) for n in range(20))
    found = fitted(text, output)
    assert len(found.examples) == 20
    assert found.unlabelled == tuple(text.splitlines()[20:])


@pytest.mark.parametrize("separator", ["\t", " -> ", " => ", ": ", ","])
def test_pairs_name_their_input(separator: str) -> None:
    output = "\n".join(f"{n}{separator}{n.split()[1]}" for n in NAMES.splitlines())
    found = fitted(NAMES, output)
    assert found.layout == "pairs"
    assert [(e.line, e.expected) for e in found.examples][:2] == [
        ("Ada Lovelace", "Lovelace"),
        ("Grace Hopper", "Hopper"),
    ]


def test_quoted_pairs_are_unquoted() -> None:
    output = "\n".join(f"{n!r} -> {n.upper()!r}" for n in NAMES.splitlines())
    assert fitted(NAMES, output).examples[0].expected == "ADA LOVELACE"


def test_one_result_for_each_line_is_an_example_each() -> None:
    output = "\n".join(f"{n.split()[1]}, {n[0]}." for n in NAMES.splitlines())
    found = fitted(NAMES, output)
    assert found.layout == "lines"
    assert found.examples[3].expected == "Dijkstra, E."
    assert len(fitted("name\n" + NAMES, output).examples) == 4


def test_lines_in_another_order_are_refused() -> None:
    output = "\n".join(n.split()[1] for n in reversed(NAMES.splitlines()))
    assert "in their order" in refused(NAMES, output)


def test_sorted_lines_that_look_alike_are_refused() -> None:
    items = [f"item {n * 37 % 101} of {n * 53 % 97}" for n in range(1, 30)]
    assert "in their order" in refused("\n".join(items), "\n".join(sorted(items)).upper())


def test_results_that_are_not_made_of_their_lines_are_refused() -> None:
    assert "in their order" in refused("Rome\nOslo\nLima\nBonn", "IT\nNO\nPE\nDE")


@pytest.mark.parametrize("output", ["", "7", "one\ntwo", "a\nb\nc\nd\ne\nf"])
def test_other_counts_of_lines_are_refused(output: str) -> None:
    refused(NAMES, output)


def test_hostile_literals_are_no_records_and_never_evaluated() -> None:
    for hostile in (
        "{'a': __import__('os').system('exit 3')}\n" * 3,
        "{" * 9_000 + "\n" + "{" * 9_000,
        ('{"a": ' * 2_000 + "1" + "}" * 2_000 + "\n") * 2,
        '{"a": 1e999999999}\n{"a": -Infinity}',
        "{" + "'a': 1," * 5_000 + "}\n{}",
    ):
        align(LOG, hostile)


LINES = st.lists(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12),
    min_size=2,
    max_size=12,
)


@given(LINES, LINES)
def test_any_input_and_output_come_to_an_end(lines: list[str], printed: list[str]) -> None:
    found = align("\n".join(lines), "\n".join(printed))
    if isinstance(found, Alignment):
        assert all(e.line.strip() in {line.strip() for line in lines} for e in found.examples)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.from_regex("[a-z]{3,9}", fullmatch=True))))
def test_unambiguous_records_are_always_recovered(rows: list[tuple[int, str]]) -> None:
    text = "\n".join(f"{n};[{at}] {word}" for n, (at, word) in enumerate(rows))
    records = [{"n": str(n), "at": str(at), "w": word} for n, (at, word) in enumerate(rows)]
    found = align(text, "\n".join(map(json.dumps, records)))
    if len(rows) >= 2 and isinstance(found, Alignment):
        assert all(e.expected == records[e.line_number - 1] for e in found.examples)
