"""Is rendered Python the value that was meant, and laid out as the formatter would?"""

import ast
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skillkiln.author.python_text import (
    is_parameter_name,
    render_comment,
    render_compile,
    render_literal,
    render_pattern,
    render_string,
    split_text,
    unused_name,
)

TEXTS = [
    "",
    "plain",
    'say "hi"',
    "it's",
    "both ' and \"",
    "back\\slash",
    "tab\tline\nreturn\r",
    "\x00\x1b[31m",
    "\u202e\u2028\ufeff",
    "\ud800",
    "caf\u00e9 \u65e5\u672c",
    "\\",
    '\\"',
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_string_literal_is_the_text(text: str) -> None:
    rendered = render_string(text)
    assert ast.literal_eval(rendered) == text
    assert rendered.isprintable()


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_pattern_literal_is_the_text(text: str) -> None:
    assert ast.literal_eval(render_pattern(text)) == text


@pytest.mark.parametrize("text", [text * 40 for text in TEXTS if text], ids=lambda t: ascii(t[:9]))
def test_a_long_text_is_cut_into_pieces_that_fit_a_line(text: str) -> None:
    assert "".join(split_text(text)) == text
    assert all(len(render_string(piece)) <= 80 for piece in split_text(text))


def test_a_nested_value_survives_rendering() -> None:
    value = {"a": ["x" * 90, "y"], "b": {"c": None, "d": (1, True)}, "e": "word " * 50}
    assert ast.literal_eval(render_literal(value)) == value


def test_layout_is_the_formatters(tmp_path: Path) -> None:
    chance = random.Random(7)

    def text(low: int, high: int) -> str:
        return "".join(
            chance.choice("ab cd'\"\\xyz/\u00e9") for _ in range(chance.randint(low, high))
        )

    pieces = [r"(?P<a>[^ ]++) ", r"\[(?P<b>\d++)\] ", '"(?P<c>[^"]++)" ', "'(?P<d>[^']++)' "]
    lines: list[str] = ["import re\n"]
    for _ in range(150):
        lines.append(f"start = {render_literal(text(50, 110), before=8)}")
        rows = {"k" * chance.randint(1, 30): text(40, 90), "b": [text(40, 90), text(5, 90)]}
        lines.append(f"known = {render_literal(rows, before=8)}")
        chosen = [chance.choice(pieces) for _ in range(chance.randint(1, 7))]
        lines.append(f"p = {render_compile(chosen, before=4)}")
    path = tmp_path / "layout.py"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(path)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[:2_000]


def test_a_comment_is_one_line_and_no_directive() -> None:
    comment = render_comment("x # type: ignore\n# noqa " + "y" * 200, indent=4)
    assert comment.startswith("    # x ? type: ignore")
    assert len(comment) <= 88
    assert "\n" not in comment


def test_pieces_of_a_pattern_are_never_cut_inside_an_escape() -> None:
    pattern = r"\[" * 200
    rendered = render_compile([pattern])
    strings = re.findall(r'r"(.*)"', rendered)
    assert "".join(strings) == pattern
    assert all(len(part) % 2 == 0 for part in strings)


@pytest.mark.parametrize(
    ("name", "is_usable"),
    [("line", True), ("_x", False), ("class", False), ("two words", False), ("", False)],
)
def test_parameter_names(name: str, *, is_usable: bool) -> None:
    assert is_parameter_name(name) is is_usable


def test_a_name_that_is_taken_gets_another() -> None:
    assert unused_name("match", ["match", "match_"]) == "match__"
