"""Texts made inert: nothing acts, words stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.sessions.text import count_tokens, cut_text, make_inert, make_inert_line

CHARACTERS = st.text(st.characters(exclude_categories=()), max_size=400)


@pytest.mark.parametrize(
    ("hostile", "inert"),
    [
        ("\x1b[2J\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPdevice\x1b\\after", "after"),
        ("bell\x07 back\x08", "bell\ufffd back\ufffd"),
        ("user\u202egnp.exe", "user\ufffdgnp.exe"),
        ("zero\u200bwidth", "zero\ufffdwidth"),
        ("\U000e0041tagged", "\ufffdtagged"),
        ("half\ud800", "half\ufffd"),
        ("over\rwritten", "over\ufffdwritten"),
        ("two\r\nlines\ttabbed", "two\nlines\ttabbed"),
        ("ordinary: é 漢字 🙂", "ordinary: é 漢字 🙂"),
    ],
)
def test_what_acts_is_gone_and_what_says_stays(hostile: str, inert: str) -> None:
    assert make_inert(hostile) == inert


@given(CHARACTERS)
def test_no_control_character_survives_and_the_rest_can_be_stored(text: str) -> None:
    inert = make_inert(text)
    assert not any(c < " " and c not in "\t\n" for c in inert)
    assert not set(inert) & set("\x1b\x7f\u202e\u200b")
    inert.encode()
    assert make_inert(inert) == inert


@given(CHARACTERS, st.integers(1, 50))
def test_a_line_is_one_line_of_at_most_its_length(text: str, max_chars: int) -> None:
    line = make_inert_line(text, max_chars)
    assert len(line) <= max_chars
    assert len(line.splitlines()) <= 1


@given(CHARACTERS, st.integers(0, 100))
def test_a_cut_text_begins_like_the_whole_and_ends_between_words(text: str, size: int) -> None:
    cut = cut_text(text, size)
    cut.encode()
    whole = cut_text(text, len(text))
    assert whole.startswith(cut)
    if len(text) > size and cut:
        assert cut[-1].isspace()


def test_no_half_of_a_word_is_kept() -> None:
    assert cut_text("the key is AKIAIOSFODNN7EXAMPLE", 20) == "the key is "
    assert cut_text("x" * 50, 20) == ""


def test_tokens_are_estimated_upwards() -> None:
    assert [count_tokens(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]
