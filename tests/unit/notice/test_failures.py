"""What failed calls failed of."""

import pytest

from skillkiln.notice.failures import build_signature, find_root_cause, find_telling_line
from skillkiln.records.signals import RootCause


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (
            "Exit code 1\nTraceback (most recent call last):\n  File x\nKeyError: 'a'",
            "KeyError: 'a'",
        ),
        ("Exit code 128\nfatal: not a git repository\nhint: x", "fatal: not a git repository"),
        ("Compiling 3 files\nerror: undefined function f/1\nmore", "error: undefined function f/1"),
        ("<tool_use_error>File does not exist.</tool_use_error>", "File does not exist."),
        ("just words", "just words"),
        ("\x1b[31merror\x1b[0m: red", "error: red"),
        ("", ""),
    ],
)
def test_the_telling_line_is_found(output: str, line: str) -> None:
    assert find_telling_line(output) == line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fatal: branch fix-login has no upstream", "fatal: branch add-search-2 has no upstream"),
        ("KeyError: 'alpha'", 'KeyError: "beta gamma"'),
        ("cannot open /a/b.txt", "cannot open ./c/d/e.csv"),
        ("at 0x7f3a9c2e1d40", "at 0x55d0c8a7b120"),
        ("line 12: expected 3 got 4", "line 977: expected 1 got 0"),
        ("Object deadbeef01 missing", "object cafebabe99 Missing"),
    ],
)
def test_occurrences_of_one_error_have_one_signature(one: str, other: str) -> None:
    assert build_signature(one) == build_signature(other) != ""


def test_different_errors_have_different_signatures() -> None:
    assert build_signature("KeyError: 'a'") != build_signature("ValueError: 'a'")
    assert build_signature("fatal: no upstream") != build_signature("fatal: no commits yet")


@pytest.mark.parametrize(
    ("output", "command", "cause"),
    [
        ("ModuleNotFoundError: No module named 'numpy'", "", RootCause.MISSING_DEPENDENCY),
        ("bash: jq: command not found", "", RootCause.MISSING_DEPENDENCY),
        ("open: Permission denied", "", RootCause.PERMISSION),
        ("curl: (7) Failed to connect: Connection refused", "", RootCause.UNREACHABLE_SERVICE),
        ("HTTP 429 Too Many Requests", "", RootCause.TRANSIENT),
        ("String to replace not found in file.", "", RootCause.WRONG_EDIT),
        ("3 failed, 2 passed", "", RootCause.FAILING_CHECK),
        ("1) handles ids", "mix test a_test.exs", RootCause.FAILING_CHECK),
        ("ls: x: No such file or directory", "", RootCause.WRONG_COMMAND),
        ("git: 'psuh' is not a git command", "", RootCause.WRONG_COMMAND),
        ("something else entirely", "frobnicate", RootCause.UNKNOWN),
    ],
)
def test_the_cause_is_named_or_left_unknown(output: str, command: str, cause: RootCause) -> None:
    assert find_root_cause(find_telling_line(output), output, command) is cause


def test_hostile_lines_come_to_an_end() -> None:
    for text in ("_" * 50_000, "a-" * 25_000, "'" * 50_000, "/" * 50_000, "9" * 50_000):
        build_signature(text)
        find_root_cause(text, text, text)
