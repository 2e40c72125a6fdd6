"""Which scripts are near-equal."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.notice.shape import (
    NEAR_EQUAL,
    Shape,
    ShapeIndex,
    find_pipeline_shape,
    find_python_shape,
    parse_python,
)
from skillkiln.notice.shell import parse_command

PARSE_LOG = """
import json
for line in open("a.log"):
    parts = line.split()
    print(json.dumps({"ip": parts[0], "status": parts[1], "size": parts[2]}))
"""
OTHER_WORDS = """
import json
# the same, in other words
for row in open("/var/b.txt"):
    cells = row.split()
    print(json.dumps({"host": cells[0], "code": cells[3], "bytes": cells[9]}))
"""
OTHER_WORK = """
import urllib.request, hashlib
def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return hashlib.sha256(answer.read()).hexdigest()
print(max(fetch(u) for u in ["a", "b"]))
"""


def shape_of(code: str) -> Shape:
    tree = parse_python(code)
    assert tree is not None
    shape = find_python_shape(tree)
    assert shape is not None
    return shape


def test_names_constants_and_comments_do_not_count() -> None:
    assert shape_of(PARSE_LOG).similarity(shape_of(OTHER_WORDS)) == 1.0
    assert shape_of(PARSE_LOG).fingerprint == shape_of(OTHER_WORDS).fingerprint


def test_what_is_called_counts() -> None:
    assert shape_of(PARSE_LOG).similarity(shape_of(OTHER_WORK)) < 0.3
    upper = shape_of(PARSE_LOG.replace(".split()", ".upper()"))
    assert NEAR_EQUAL < shape_of(PARSE_LOG).similarity(upper) < 1.0


def test_a_one_liner_has_no_shape() -> None:
    tree = parse_python("print(1)")
    assert tree is not None
    assert find_python_shape(tree) is None


@pytest.mark.parametrize(
    "code", ["def f(:", "x" * 60_000, "(" * 5_000, "\0", "-" * 40_000 + "1", "f" + "()" * 20_000]
)
def test_code_that_cannot_be_parsed_is_no_error(code: str) -> None:
    tree = parse_python(code)
    if tree is not None:
        find_python_shape(tree)


def test_code_is_looked_at_and_never_run(tmp_path: object) -> None:
    evil = "import os\n__import__('sys').exit(3)\nraise SystemExit(4)\n" * 5
    assert shape_of(evil).grams


@pytest.mark.parametrize(
    ("pipeline", "is_rework"),
    [
        ("cut -d' ' -f1 a.log | sort | uniq -c | sort -rn", True),
        ("awk '{print $1}' a.log | sed 's/x/y/'", True),
        ("grep -o 'id=[0-9]*' a.log | cut -d= -f2", True),
        ("mix test 2>&1 | tail -5", False),
        ("find . -name '*.ex' | head -20", False),
        ("git log | grep fix | head", False),
        ("cat a | sort", False),
    ],
)
def test_pipelines_that_only_look_are_no_rework(pipeline: str, is_rework: bool) -> None:
    assert (find_pipeline_shape(parse_command(pipeline)) is not None) is is_rework


def test_pipelines_differ_by_what_their_programs_do() -> None:
    one, same, other = (
        find_pipeline_shape(parse_command(text))
        for text in (
            "awk -F, '{print $2, $3}' a.csv | sort -u",
            "awk -F; '{print $2, $3}' other.csv | sort -u".replace(";", ":"),
            "awk -F, '{n[$1]++} END {for (k in n) print k}' a.csv | sort -u",
        )
    )
    assert one
    assert same
    assert other
    assert one.similarity(same) > NEAR_EQUAL > one.similarity(other)


def test_the_index_finds_every_near_equal_shape_and_no_other() -> None:
    source = random.Random(5)
    shapes = [Shape(frozenset(source.sample(range(60), 20))) for _ in range(40)]
    shapes += [
        Shape(frozenset({*sorted(shape.grams)[:17], 100, 101, 102})) for shape in shapes[:20]
    ]
    for query in shapes[20:]:
        index = ShapeIndex()
        others = [shape for shape in shapes if shape is not query]
        for group, shape in enumerate(others):
            index.add(shape, group)
        best = max(query.similarity(shape) for shape in others)
        found = index.find_group(query)
        if best >= NEAR_EQUAL:
            assert found is not None
            assert query.similarity(others[found]) == best
        else:
            assert found is None


@given(
    st.sets(st.integers(0, 30), min_size=1, max_size=25),
    st.sets(st.integers(0, 30), min_size=1, max_size=25),
)
def test_prefix_filtering_misses_nothing(one: set[int], other: set[int]) -> None:
    first, second = Shape(frozenset(one)), Shape(frozenset(other))
    index = ShapeIndex()
    index.add(first, 7)
    is_near = first.similarity(second) >= NEAR_EQUAL
    assert index.find_group(second) == (7 if is_near else None)
