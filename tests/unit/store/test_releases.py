"""Releases: immutable lines, changing status, one live pointer, dependents, search."""

from typing import TYPE_CHECKING

import pytest

from skillkiln.errors import InvalidInputError, StoreError, UnknownNameError
from skillkiln.skill.status import Status
from skillkiln.store.interface import Store
from skillkiln.store.rows import StatusChange

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


def test_a_release_reads_back(store: Store, make: "Make") -> None:
    sha256 = store.blobs.save(b"code")
    store.releases.save(make.release(B, version="0.9.0"))
    kept = make.release(A, files={"skill.py": sha256}, depends_on=(B,))
    store.releases.save(kept)
    assert store.releases.load(A) == store.releases.find(A) == kept


def test_what_is_not_there(store: Store) -> None:
    assert store.releases.find(A) is None
    assert store.releases.find_live("parse-log") is None
    assert store.releases.find_live_release("parse-log") is None
    assert store.releases.load_all() == ()
    assert store.releases.load_history("parse-log") == ()
    assert store.releases.load_dependents(A) == ()
    with pytest.raises(UnknownNameError):
        store.releases.load(A)
    with pytest.raises(UnknownNameError):
        store.releases.save_status(A, Status.LIVE, "")
    with pytest.raises(UnknownNameError):
        store.releases.save_measured_tokens(A, 1)


def test_a_release_is_immutable(store: Store, make: "Make") -> None:
    store.releases.save(make.release(A))
    with pytest.raises(InvalidInputError, match=f"released already, as {A}"):
        store.releases.save(make.release(A, version="2.0.0"))
    with pytest.raises(InvalidInputError, match=r"parse-log 1\.0\.0"):
        store.releases.save(make.release(B))
    assert store.releases.load_all() == (make.release(A).release,)


def test_a_release_of_an_unknown_file_is_refused_whole(store: Store, make: "Make") -> None:
    with pytest.raises(StoreError):
        store.releases.save(make.release(A, files={"skill.py": "0" * 64}))
    assert store.releases.find(A) is None


def test_the_inventory_is_by_name(store: Store, make: "Make") -> None:
    for digest, name in [(A, "zebra"), (B, "ant"), (C, "mole")]:
        store.releases.save(make.release(digest, name=name))
    assert [line.name for line in store.releases.load_all()] == ["ant", "mole", "zebra"]
    assert [line.digest for line in store.releases.load_all(name="mole")] == [C]


def test_status_changes_are_kept_in_order(store: Store, make: "Make") -> None:
    store.releases.save(make.release(A))
    store.releases.save_status(A, Status.LIVE, "agreed 20 of 20")
    last = store.releases.save_status(A, Status.RETIRED, "unused")
    assert store.releases.load(A).release.status is Status.RETIRED
    history = store.releases.load_history("parse-log")
    assert [(step.before, step.after) for step in history] == [
        (Status.SHADOW, Status.LIVE),
        (Status.LIVE, Status.RETIRED),
    ]
    assert isinstance(last, StatusChange)
    assert history[-1] == last
    assert last.reason == "unused"


def test_a_name_has_one_live_pointer(store: Store, make: "Make") -> None:
    store.releases.save(make.release(A))
    store.releases.save(make.release(B, version="1.1.0"))
    for digest in (A, B, B, None, A):
        store.releases.point_live("parse-log", digest)
        assert store.releases.find_live("parse-log") == digest
        live = store.releases.find_live_release("parse-log")
        assert (live and live.release.digest) == digest
    assert store.releases.find_live("other") is None


def test_a_pointer_shows_only_what_is_there(store: Store, make: "Make") -> None:
    store.releases.save(make.release(A))
    store.releases.point_live("parse-log", A)
    with pytest.raises(StoreError):
        store.releases.point_live("parse-log", D)
    assert store.releases.find_live("parse-log") == A


def test_measured_tokens_are_set(store: Store, make: "Make") -> None:
    store.releases.save(make.release(A))
    store.releases.save_measured_tokens(A, 12.5)
    assert store.releases.load(A).release.measured_tokens_saved == 12.5


def test_dependents_are_found_through_others(store: Store, make: "Make") -> None:
    store.releases.save(make.release(A, name="a"))
    store.releases.save(make.release(B, name="b", depends_on=(A,)))
    store.releases.save(make.release(C, name="c", depends_on=(A, B)))
    store.releases.save(make.release(D, name="d"))
    assert store.releases.load_dependents(A) == (B, C)
    assert store.releases.load_dependents(B) == (C,)
    assert store.releases.load_dependents(D) == ()
