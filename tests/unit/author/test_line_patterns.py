"""Do patterns take what they should, and never go back over a line?"""

import re

import pytest

from skillkiln.author.lines.patterns import (
    Follow,
    escape_literal,
    exclude,
    field_options,
    gap_spots,
)
from skillkiln.author.lines.shapes import find_placements, find_skip, group_shapes, is_alike


@pytest.mark.parametrize("text", ["a.b", "[x]", "1+1", "\\d", "a|b", "(?:", "^$", "{2}", "t\tn\n"])
def test_an_escaped_literal_matches_itself_alone(text: str) -> None:
    assert re.fullmatch(escape_literal(text), text)
    assert not re.fullmatch(escape_literal(text), text + "x")


@pytest.mark.parametrize("characters", [" ", "]", "[", "^", "-", "\\", "a-z", "]^-\\[", "\t"])
def test_an_excluding_class_excludes_exactly_its_characters(characters: str) -> None:
    pattern = re.compile(exclude(characters))
    for code in range(128):
        assert (pattern.fullmatch(chr(code)) is None) == (chr(code) in characters)


@pytest.mark.parametrize(
    ("values", "follow"),
    [
        (["10.0.0.1", "10.0.0.22"], Follow(" ")),
        (["Sun Dec 04", "Mon Jan 11"], Follow(" ")),
        (["a:b", "c"], Follow(": ")),
        (["two words", "one"], Follow(" ", is_before_digit=True)),
        (["12", "345"], Follow("")),
        (["ms", "kb"], Follow("")),
        (["free text", "x"], Follow("", is_end=True)),
        (['a "b" c', "d"], Follow('" "')),
    ],
)
def test_every_option_takes_every_value_whole(values: list[str], follow: Follow) -> None:
    options = field_options(values, follow).options
    assert options
    for option in options:
        assert all(re.fullmatch(option, value) for value in values)


def giving_back(pattern: str) -> list[str]:
    """Return the quantifiers of a pattern that are not possessive."""
    bare = re.sub(r"\\.|\[\^?(?:\\.|[^\]])*\]", "x", pattern)
    return [found for found in re.findall(r"[*+]+|\{\d+,\d*\}", bare) if found not in {"++", "*+"}]


@pytest.mark.parametrize(
    ("values", "follow"),
    [
        (["a b c", "d e f"], Follow(" ")),
        (["a:b", "c"], Follow(": ")),
        (["12", "345"], Follow("")),
        (["free text", "x"], Follow("", is_end=True)),
    ],
)
def test_no_option_can_backtrack(values: list[str], follow: Follow) -> None:
    for option in field_options(values, follow).options:
        assert giving_back(option) == []
    assert giving_back("[^ ]+a*") == ["+", "*"]


@pytest.mark.parametrize(
    "variants", [{" - bob [", " - eve ["}, {" 1 a ", " 22 b "}, {"  ", "   "}, {": "}, {"\t"}]
)
def test_a_gaps_pattern_takes_all_its_variants(variants: set[str]) -> None:
    spots = gap_spots(frozenset(variants))
    loosest = "".join(spot.options[-1] for spot in spots)
    assert all(re.fullmatch(loosest, variant) for variant in variants)
    assert all(giving_back(option) == [] for spot in spots for option in spot.options)


def test_gaps_that_differ_in_words_are_alike_and_others_are_not() -> None:
    assert is_alike(frozenset({" - bob [", " - eve ["}))
    assert not is_alike(frozenset({" - bob [", ": ["}))


def test_skipping_stops_at_the_shortest_end_that_stands_nowhere_before() -> None:
    skip = find_skip(frozenset({' - "GET /a b" ', ' - "PUT /c d e" '}))
    assert skip.start == ' - "'
    assert skip.end == '" '
    assert find_skip(frozenset({" a b ", " c "})).end == ""


def test_placements_prefer_whole_words() -> None:
    placements = find_placements("10 x 1 y", {"count": "1"})
    assert [placement.gaps for placement in placements] == [("10 x ", " y")]


def test_values_stand_in_order() -> None:
    assert find_placements("a b", {"first": "b", "second": "a"}) == []
    assert len(find_placements("a a", {"first": "a", "second": "a"})) == 1


def test_lines_that_agree_on_their_gaps_share_a_shape() -> None:
    rows = [("1: a 1", {"n": "1", "t": "a 1"}), ("2: b", {"n": "2", "t": "b"}), ("x", {"t": "x"})]
    shapes = group_shapes([find_placements(line, fields) for line, fields in rows])
    assert [shape.members for shape in shapes] == [(0, 1), (2,)]


def test_a_line_of_repeats_is_placed_or_given_up_at_once() -> None:
    values = {f"field{n}": "a" for n in range(30)}
    assert find_placements("a " * 29 + "b", {**values, "last": "c"}) == []
    assert len(find_placements("a " * 60, values)) > 1
