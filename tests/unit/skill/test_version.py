"""Semantic versions order as semver.org says and refuse what it refuses."""

import itertools
import random

import pytest

from skillkiln.errors import InvalidContractError
from skillkiln.skill.version import MAX_VERSION_LENGTH, SemanticVersion, parse_version

# Source: Semantic Versioning 2.0.0, the examples of items 11.2 to 11.4, lowest first.
IN_ORDER = [
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
    "2.1.0",
    "2.1.1",
    "10.0.0",
]


def test_versions_sort_as_the_specification_lists_them() -> None:
    shuffled = [parse_version(text) for text in IN_ORDER]
    random.Random(7).shuffle(shuffled)
    assert [str(version) for version in sorted(shuffled)] == IN_ORDER


@pytest.mark.parametrize(("lower", "higher"), list(itertools.combinations(IN_ORDER, 2)))
def test_every_comparison_agrees_with_the_order(lower: str, higher: str) -> None:
    low, high = parse_version(lower), parse_version(higher)
    assert low < high
    assert low <= high
    assert high > low
    assert high >= low
    assert low != high


def test_numbers_sort_below_words_in_a_prerelease() -> None:
    assert parse_version("1.0.0-999") < parse_version("1.0.0-a")
    assert parse_version("1.0.0-9") < parse_version("1.0.0-10")
    assert parse_version("1.0.0-a-b") > parse_version("1.0.0-a")


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0",
        "1.2.3",
        "10.20.30",
        "1.0.0-0",
        "1.0.0-x.7.z.92",
        "1.0.0-x-y-z",
        "1.0.0--",
        "1.0.0-0a",
    ],
)
def test_a_valid_version_is_given_back_as_it_came(text: str) -> None:
    assert str(parse_version(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.0",
        "1.0.0.0",
        "v1.0.0",
        "01.0.0",
        "1.00.0",
        "1.0.0-",
        "1.0.0-01",
        "1.0.0-a..b",
        "1.0.0-a.",
        "1.0.0-é",
        "1.0.0+build",
        " 1.0.0",
        "1.0.0\n",
        "-1.0.0",
        "\u0661.0.0",
        "1.0.0-" + "a" * MAX_VERSION_LENGTH,
        "9" * 5000 + ".0.0",
        "1.0.0-" + "9" * 5000,
    ],
)
def test_anything_else_is_refused_with_a_short_message(text: str) -> None:
    with pytest.raises(InvalidContractError, match=r"MAJOR\.MINOR\.PATCH") as caught:
        parse_version(text)
    assert len(caught.value.message) < 200


def test_a_bump_resets_what_is_below_and_drops_the_prerelease() -> None:
    version = parse_version("1.4.2-rc.1")
    assert str(version.bump_patch()) == "1.4.3"
    assert str(version.bump_minor()) == "1.5.0"
    assert str(version.bump_major()) == "2.0.0"
    assert version == SemanticVersion(1, 4, 2, ("rc", "1"))
