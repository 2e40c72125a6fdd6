"""Which files a script reads, judged from its text."""

import pytest

from skillkiln.notice.reads import Touched, find_touched
from skillkiln.notice.shape import parse_python


def touched(code: str, *arguments: str) -> Touched:
    tree = parse_python(code)
    assert tree is not None
    return find_touched(tree, arguments)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("open('rows')", "rows"),
        ("open('rows', 'rb')", "rows"),
        ("import io; io.open('rows', encoding='utf-8')", "rows"),
        ("PATH = 'rows'\nwith open(PATH) as f: pass", "rows"),
        ("from pathlib import Path\nPath('rows').read_text()", "rows"),
        (
            "from pathlib import Path\nPath('logs') / 'x'\n(Path('logs') / 'rows').open()",
            "logs/rows",
        ),
        ("import os\nopen(os.path.join('logs', 'rows'))", "logs/rows"),
        ("import pandas as pd\npd.read_csv('rows')", "rows"),
        ("import csv\ncsv.reader(open('rows'))", "rows"),
        ("for name in ['one', 'rows']:\n    open(name)", "rows"),
        ("files = 'a.log'\nprocess(files)", "a.log"),
        ("import sys\nopen(sys.argv[1])", "given.txt"),
        ("import fileinput\nfor line in fileinput.input(): pass", "given.txt"),
    ],
)
def test_what_is_read_is_found(code: str, path: str) -> None:
    assert path in touched(code, "given.txt").read


@pytest.mark.parametrize(
    "code",
    [
        "open('out.json', 'w')",
        "open('out.json', mode='a')",
        "from pathlib import Path\nPath('out.json').write_text('x')",
        "from pathlib import Path\nPath('out.json').open('w')",
        "frame.to_csv('out.json')",
        "name = 'out.json'\nopen(name, 'x')\nopen(name)",
    ],
)
def test_what_is_written_holds_results_and_is_no_input(code: str) -> None:
    found = touched(code)
    assert found.written == {"out.json"}
    assert found.read == ()


def test_surer_paths_come_first_and_prose_is_no_path() -> None:
    code = "x = 'maybe.txt'\nprint('see the file.')\nopen('sure.txt')"
    assert touched(code).read == ("sure.txt", "maybe.txt")


def test_lists_and_long_texts_in_a_script_are_found() -> None:
    found = touched(
        "names = ['a b', 'c d', 'e f']\ntext = '''one\ntwo\nthree\n'''\nfew = ['x', 'y']"
    )
    assert found.listed_texts == ("a b\nc d\ne f", "one\ntwo\nthree\n")
