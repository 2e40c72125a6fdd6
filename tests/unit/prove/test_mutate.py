"""Planted changes: real ones, the same ones every time, and none where they could not show."""

import ast
from collections.abc import Callable

from skillkiln.prove.interface import Subject
from skillkiln.prove.mutate import build_mutants
from skillkiln.prove.source import parse_source

Prepare = Callable[..., Subject]

SOURCE = '''"""A text that is not changed."""

LIMIT = 3


def run(text: str) -> str:
    """Nor is this one."""
    if len(text) > LIMIT:
        raise ValueError("too long")
    return text + "!"
'''


def test_each_mutant_is_valid_and_differs_in_one_place() -> None:
    source = parse_source(SOURCE, "skill.py")
    original = ast.unparse(source.module).splitlines()
    mutants = build_mutants(source, 100)
    assert len({mutant.text for mutant in mutants}) == len(mutants)
    for mutant in mutants[1:]:
        changed = ast.unparse(ast.parse(mutant.text)).splitlines()
        assert sum(a != b for a, b in zip(original, changed, strict=True)) == 1


def test_every_kind_of_change_is_made_and_no_silent_one() -> None:
    changes = [mutant.change for mutant in build_mutants(parse_source(SOURCE, "skill.py"), 100)]
    said = "\n".join(changes)
    for kind in ("answers nothing", "3 became 4", "turned round", "another error", "swallowed"):
        assert kind in said
    assert "'!' changed" in said
    for silent in ("A text", "Nor is", "too long", "str"):
        assert silent not in said


def test_a_cap_keeps_the_first_and_spreads_the_rest() -> None:
    source = parse_source(SOURCE, "skill.py")
    few = build_mutants(source, 3)
    assert len(few) == 3
    assert "answers nothing" in few[0].change
    assert build_mutants(source, 3) == few


def test_looking_for_places_to_change_copies_no_part_of_the_tree_twice() -> None:
    class Uncopied(str):
        def __deepcopy__(self, memo: object) -> str:
            nonlocal copies
            copies += 1
            return str(self)

    copies = 0
    source = parse_source(SOURCE, "skill.py")
    texts = [node for node in source.nodes() if isinstance(node, ast.Constant)]
    texts[-1].value = Uncopied("!")
    assert len(build_mutants(source, 1)) == 1
    assert copies == 1  # for the mutant itself
