"""What a skill, a log or a session says can neither steer the terminal nor dress up as ours."""

import json

import pytest
from rich.text import Text

from skillkiln.cli.screen import print_json, safe

HOSTILE = "\x1b[2J\x9b1mred\x07\u202etxt.exe\u200b\x7f\r\n[bold]markup[/]"


def test_safe_text_is_printable_and_no_markup() -> None:
    shown = safe(HOSTILE)
    assert shown.isprintable()
    assert r"\[bold]" in shown


@pytest.mark.parametrize(
    "text",
    [r"\[(\d+)\]", r"[a-z]\[b]", "[bold]x[/]", r"\\[", r"(?P<pid>[^\]]++)\]", "[/]", r"\[red]"],
)
def test_safe_text_is_shown_letter_by_letter(text: str) -> None:
    assert Text.from_markup(safe(text)).plain == text


def test_safe_text_is_cut() -> None:
    assert len(safe("x" * 10_000, limit=50)) == 50


def test_printed_json_escapes_what_cannot_be_printed_and_reads_back_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"answer": HOSTILE, "letters": "é日😀"})
    printed = capsys.readouterr().out
    assert all(c.isprintable() or c == "\n" for c in printed)
    assert "é日😀" in printed
    assert json.loads(printed)["answer"] == HOSTILE
