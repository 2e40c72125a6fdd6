"""Skill names keep to the Agent Skills specification, and other spellings are brought to it."""

import pytest

from skillkiln.errors import InvalidSkillError
from skillkiln.skill.name import MAX_NAME_LENGTH, check_name, is_name, normalise_name


@pytest.mark.parametrize("text", ["a", "7", "a1", "parse-access-log", "1-2-3", "a" * 64])
def test_a_name_of_the_specification_is_valid(text: str) -> None:
    assert is_name(text)
    check_name(text)


@pytest.mark.parametrize(
    "text",
    ["", "-", "A", "a_b", "-a", "a-", "a--b", "a b", "a.b", "a/b", "..", "a\n", "é", "¹", "a" * 65],
)
def test_every_other_text_is_refused_with_one_that_would_do(text: str) -> None:
    assert not is_name(text)
    with pytest.raises(InvalidSkillError) as caught:
        check_name(text)
    assert caught.value.hint is not None
    assert is_name(caught.value.hint.split("`")[1])


def test_a_huge_name_makes_a_short_message() -> None:
    with pytest.raises(InvalidSkillError) as caught:
        check_name("x" * 1_000_000)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("parse_private_log_v1", "parse-private-log"),
        ("Parse Access Log", "parse-access-log"),
        ("csv2json", "csv2json"),
        ("to.csv v12", "to-csv"),
        ("ipv6", "ipv6"),
        ("v2", "v2"),
        ("__init__", "init"),
        ("a -- b", "a-b"),
        ("Überschrift", "berschrift"),
        ("日本", "skill"),
        ("_v1", "skill"),
        ("", "skill"),
        ("x" * 63 + "-y", "x" * 63),
        ("already-good", "already-good"),
    ],
)
def test_other_spellings_are_brought_to_a_name(text: str, name: str) -> None:
    assert normalise_name(text) == name
    assert is_name(name)
    assert len(name) <= MAX_NAME_LENGTH
