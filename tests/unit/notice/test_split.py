"""Cases split into visible, sealed and held back."""

from hypothesis import given
from hypothesis import strategies as st

from skillkiln.notice.split import MAX_VISIBLE, MIN_CASES, name_shape, split_cases
from skillkiln.records.needs import Case


def cases(texts: list[str]) -> list[Case]:
    return [Case(inputs={"line": text}, expected=text.upper()) for text in texts]


@given(st.sets(st.text(max_size=8), min_size=MIN_CASES, max_size=120), st.integers())
def test_the_three_sets_share_no_input_and_lose_none(texts: set[str], seed: int) -> None:
    split = split_cases(cases(sorted(texts)), seed)
    parts = [split.visible, split.sealed, split.held_back]
    inputs = [str(case.inputs["line"]) for part in parts for case in part]
    assert len(inputs) == len(set(inputs)) == len(texts)
    assert all(parts)
    assert len(split.visible) <= MAX_VISIBLE
    assert abs(len(split.sealed) - len(split.held_back)) <= 1


def test_the_aim_is_forty_thirty_thirty() -> None:
    split = split_cases(cases([f"line {n}" for n in range(50)]), 1)
    assert tuple(map(len, (split.visible, split.sealed, split.held_back))) == (20, 15, 15)


def test_of_equal_inputs_one_is_kept() -> None:
    split = split_cases(cases(["same"] * 30 + [f"line {n}" for n in range(20)]), 1)
    assert sum(map(len, (split.visible, split.sealed, split.held_back))) == 21


def test_the_least_that_is_split_gives_every_set_enough() -> None:
    split = split_cases(cases([f"line {n}" for n in range(MIN_CASES)]), 1)
    assert tuple(map(len, (split.visible, split.sealed, split.held_back))) == (5, 3, 3)


def test_the_order_that_cases_come_in_does_not_matter() -> None:
    texts = [f"{n} x" for n in range(30)]
    assert split_cases(cases(texts), 4) == split_cases(cases(texts[::-1]), 4)


def test_different_shapes_come_first() -> None:
    texts = [f"a{n} b" for n in range(40)] + ["x=1;y=2", "[warn] z", "q/r/s"]
    visible = split_cases(cases(texts), 9).visible
    assert len({name_shape(case) for case in visible[:4]}) == 4


def test_every_shape_that_is_there_twice_is_sealed_too() -> None:
    texts = [f"a{n} b{n}" for n in range(30)] + [f"[k{n}] v" for n in range(30)]
    split = split_cases(cases(texts), 2)
    for part in (split.visible, split.sealed, split.held_back):
        assert len({name_shape(case) for case in part}) == 2
