"""A line of two words and a comma is a table's header only when it is none of the results."""

from skillkiln.notice.align import Alignment, align

NAMES = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Tony Hoare", "Frances Allen"]


def test_swapped_names_are_results_and_not_a_table() -> None:
    printed = "\n".join(f"{last}, {first}" for first, last in map(str.split, NAMES))
    found = align("\n".join(NAMES), printed)
    assert isinstance(found, Alignment)
    assert [example.expected for example in found.examples] == printed.split("\n")


def test_a_header_over_rows_is_a_table() -> None:
    printed = "name,surname\n" + "\n".join(name.replace(" ", ",") for name in NAMES)
    found = align("\n".join(NAMES), printed)
    assert isinstance(found, Alignment)
    assert found.examples[0].expected == {"name": "Ada", "surname": "Lovelace"}


def test_a_header_that_the_input_has_too_is_a_table() -> None:
    rows = ["bolt;12;left", "nut;7;right", "screw;301;left", "pin;4;right"]
    printed = "part,count\n" + "\n".join(",".join(row.split(";")[:2]) for row in rows)
    found = align("part;count;side\n" + "\n".join(rows), printed)
    assert isinstance(found, Alignment)
    assert {"part": "bolt", "count": "12"} in [example.expected for example in found.examples]
