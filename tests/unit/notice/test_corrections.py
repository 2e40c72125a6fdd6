"""A person's no, and what only looks like one."""

import pytest

from skillkiln.notice.corrections import is_correction, list_topic_words


@pytest.mark.parametrize(
    "text",
    [
        "no, use the staging server",
        "No. That file is generated.",
        "nope, wrong branch",
        "no that's the old one",
        "don't touch the migrations",
        "Don\u2019t add comments",
        "do not rename it",
        "that's wrong, the total is 12",
        "This is not what I asked for",
        "wrong file",
        "stop, you are deleting my work",
        "I said python 3.11",
        "i meant the other test",
        "you forgot the tests",
        "why did you change the lockfile?",
        "wait, no, revert that",
        "ok but don't push",
        "undo that",
    ],
)
def test_a_no_is_heard(text: str) -> None:
    assert is_correction(text)


@pytest.mark.parametrize(
    "text",
    [
        "no problem, go on",
        "no worries",
        "No, that's fine",
        "no need to hurry",
        "don't worry about the warnings",
        "don't forget the tests",
        "nothing else",
        "north is up, not south",
        "did you push?",
        "now do the same for orders",
        "noted",
        "continue",
        "create the beads",
        "mix phx.server doesnt seem to start",
        "Add a check that says don't when the input is wrong",
        "stop the server when the tests are done",
        "is that wrong?",
        "wrongly sorted rows should be fixed by the script",
        "no, " + "and then please do the following steps " * 30,
        "",
    ],
)
def test_what_only_looks_like_a_no_is_none(text: str) -> None:
    assert not is_correction(text)


def test_the_topic_leaves_the_no_out() -> None:
    assert list_topic_words("No, don't use the main branch!") == {"main", "branch"}
