"""Sessions and gaps: ranked, found, merged, and never brought back once forgotten."""

from datetime import date
from typing import TYPE_CHECKING

import pytest

from skillkiln.errors import InvalidInputError
from skillkiln.store.interface import Store
from skillkiln.store.rows import ScannedSession

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make


def test_a_new_store_is_empty(store: Store) -> None:
    assert store.gaps.load_ranked() == ()
    assert store.gaps.find("3f") is None
    assert store.gaps.find("") is None
    assert store.sessions.load_all() == ()


def test_a_gap_reads_back(store: Store, make: "Make") -> None:
    gap = make.gap("3f9a", make.signal("1", "a"), make.signal("2", "bb"))
    store.gaps.save([gap])
    assert store.gaps.find("3f9a") == gap
    assert store.gaps.load_ranked() == (gap,)


def test_gaps_are_ranked_by_worth(store: Store, make: "Make") -> None:
    low, high, tie = (
        make.gap(gap_id, make.signal("1", "a"), tokens=tokens)
        for gap_id, tokens in [("c", 5), ("b", 900.5), ("a", 5)]
    )
    store.gaps.save([low, high, tie])
    assert [gap.id for gap in store.gaps.load_ranked()] == ["b", "a", "c"]


def test_a_gap_is_found_by_the_beginning_of_its_id(store: Store, make: "Make") -> None:
    first, second = make.gap("3f9a", make.signal("1", "a")), make.gap("3fb0", make.signal("1", "a"))
    store.gaps.save([first, second])
    assert store.gaps.find("3f9") == first
    assert store.gaps.find("3fb0") == second
    assert store.gaps.find("4") is None
    with pytest.raises(InvalidInputError, match="2 gaps: 3f9a, 3fb0"):
        store.gaps.find("3f")


def test_a_whole_id_is_found_though_another_begins_with_it(store: Store, make: "Make") -> None:
    short, long = make.gap("3f", make.signal("1", "a")), make.gap("3f9a", make.signal("1", "a"))
    store.gaps.save([short, long])
    assert store.gaps.find("3f") == short


@pytest.mark.parametrize("wildcard", ["%", "_f", "3%", "*", "'", "3f' OR '1'='1"])
def test_no_text_is_a_pattern(store: Store, make: "Make", wildcard: str) -> None:
    store.gaps.save([make.gap("3f9a", make.signal("1", "a"))])
    assert store.gaps.find(wildcard) is None


def test_signals_stay_with_their_gap_and_in_order(store: Store, make: "Make") -> None:
    saved = [
        make.gap(f"g{n}", *(make.signal(f"{m}", "a" * (m + 1)) for m in (2, 0, 1)), tokens=9 - n)
        for n in range(3)
    ]
    store.gaps.save(reversed(saved))
    assert store.gaps.load_ranked() == tuple(saved)
    assert [store.gaps.find(gap.id) for gap in saved] == saved


def test_saving_again_replaces(store: Store, make: "Make") -> None:
    store.gaps.save([make.gap("g", make.signal("1", "a"), tokens=900, title="old")])
    again = make.gap("g", make.signal("2", "a"), tokens=7, title="new")
    store.gaps.save([again])
    assert store.gaps.load_ranked() == (again,)


def test_sessions_that_a_later_scan_does_not_speak_of_stay(store: Store, make: "Make") -> None:
    store.gaps.save([make.gap("g", make.signal("1", "a"), make.signal("2", "bb"), tokens=900)])
    store.gaps.save([make.gap("g", make.signal("3", "bb"), make.signal("4", "ccc"), tokens=500)])
    merged = store.gaps.find("g")
    assert merged is not None
    assert [signal.id for signal in merged.signals] == ["1", "3", "4"]
    assert (merged.sessions, merged.days) == (3, 3)
    assert merged.worth.tokens == 900


def test_a_signal_given_twice_is_kept_once(store: Store, make: "Make") -> None:
    signal = make.signal("1", "a")
    store.gaps.save([make.gap("g", signal, signal)])
    kept = store.gaps.find("g")
    assert kept is not None
    assert kept.signals == (signal,)


def test_sessions_read_back_and_replace(store: Store) -> None:
    first = ScannedSession(session_id="s", path="b.jsonl", sha256="1" * 64, day=date(2026, 3, 1))
    other = ScannedSession(session_id="s", path="a.jsonl", sha256="2" * 64)
    store.sessions.save([first, other])
    changed = first.model_copy(update={"sha256": "3" * 64})
    store.sessions.save([changed])
    assert store.sessions.load_all() == (other, changed)
