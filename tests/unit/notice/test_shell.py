"""Command lines taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.notice.shell import MAX_COMMANDS, parse_command

HEREDOC = "cd /x && python3 - a.log <<'EOF' | head -5\nprint(\"$HOME | x\")\nEOF\nls"


def words(text: str) -> list[tuple[str, ...]]:
    return [command.words for command in parse_command(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ls -la", [("ls", "-la")]),
        ("a && b; c || d", [("a",), ("b",), ("c",), ("d",)]),
        ('echo \'a b\' "c\\"d" e\\ f', [("echo", "a b", 'c"d', "e f")]),
        ("echo x # | not a pipe\nls", [("echo", "x"), ("ls",)]),
        ("echo a#b", [("echo", "a#b")]),
        ("FOO=1 env BAR=2 timeout 5 python3 x.py", [("python3", "x.py")]),
        ("uv run python x.py", [("python", "x.py")]),
        ("if true; then ls; fi", [("true",), ("ls",), ("fi",)]),
        ("echo $(date) \"$(cat <<'E'\n|\nE\n)\"", [("echo", "$(date)", "$(cat <<'E'\n|\nE\n)")]),
        ("a 2>&1 | b >> out.txt < in.txt", [("a",), ("b",)]),
        ("echo one \\\n two", [("echo", "one", "two")]),
        ("", []),
        ("''", [("",)]),
    ],
)
def test_words_are_those_that_the_shell_would_see(
    text: str, expected: list[tuple[str, ...]]
) -> None:
    assert words(text) == expected


def test_a_heredoc_belongs_to_its_command_and_the_pipe_goes_on() -> None:
    cd, python, head, ls = parse_command(HEREDOC)
    assert cd.words == ("cd", "/x")
    assert (python.words, python.stdin_text) == (
        ("python3", "-", "a.log"),
        'print("$HOME | x")\n',
    )
    assert (head.words, head.pipeline) == (("head", "-5"), python.pipeline)
    assert (ls.words, ls.stdin_text) == (("ls",), None)


def test_two_heredocs_on_one_line_are_read_in_order() -> None:
    first, second = parse_command("cat <<A; cat <<-B\none\nA\n\ttwo\n\tB\n")
    assert (first.stdin_text, second.stdin_text) == ("one\n", "\ttwo\n")


def test_redirections_are_kept_apart_from_words() -> None:
    (command,) = parse_command("sort < in.txt > out.txt 2> err.txt")
    assert (command.words, command.stdin_path, command.stdout_path) == (
        ("sort",),
        "in.txt",
        "out.txt",
    )
    (command,) = parse_command("wc -l <<< 'some text'")
    assert command.stdin_text == "some text"


@pytest.mark.parametrize(
    "text", ["'never closed", '"never closed', "cat <<EOF\nnever ended", "a |", "((((", "\\", "$("]
)
def test_what_a_shell_would_refuse_still_gives_commands(text: str) -> None:
    assert isinstance(parse_command(text), tuple)


@given(st.text(st.sampled_from("ab \n\t'\"\\$()|&;<>#-=E"), max_size=200))
def test_any_text_is_taken_apart(text: str) -> None:
    for command in parse_command(text):
        assert all("\0" not in word for word in command.words)


def test_a_flood_of_commands_is_cut() -> None:
    assert len(parse_command("ls;" * 30_000)) == MAX_COMMANDS
