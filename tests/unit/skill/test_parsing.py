"""Many threads may parse at once."""

from concurrent.futures import ThreadPoolExecutor

from skillkiln.skill.parsing import parse_expression, parse_statements

NESTED = "x = " + "[" * 60 + "]" * 60 + "\n"


def test_threads_that_parse_at_once_all_get_their_tree() -> None:
    with ThreadPoolExecutor(8) as pool:
        trees = list(pool.map(parse_statements, [NESTED * 50] * 64))
    assert all(len(tree.body) == 50 for tree in trees)


def test_an_expression_is_parsed_alone() -> None:
    assert parse_expression("list[int]") is not None
