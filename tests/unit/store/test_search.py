"""Search: status first, then rank, whatever the query; with and without full-text search."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from skillkiln.skill.status import Status
from skillkiln.store.interface import Store
from skillkiln.store.search_index import MAX_QUERY_WORDS, split_words
from skillkiln.store.sql import SqlStore

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
LIVE = frozenset({Status.LIVE})


def _find(library: Store, query: str, *, statuses: Iterable[Status], k: int) -> tuple[str, ...]:
    found = library.releases.search(query, statuses=statuses, k=k)
    for each in found:
        kept = library.releases.load(each.release.digest)
        assert (each.release, each.contract) == (kept.release, kept.contract)
    return tuple(each.release.digest for each in found)


@pytest.fixture(params=["full-text", "words"])
def library(store: SqlStore, make: "Make", request: pytest.FixtureRequest) -> SqlStore:
    """Three releases, in a store whose SQLite has full-text search, and in one whose has none."""
    if request.param == "words":
        with store.database.writing() as connection:
            connection.execute(text("DROP TABLE release_search"))
    _fill(store, make)
    return store


def _fill(store: Store, make: "Make") -> None:
    texts = {
        A: ("parse-access-log", "Read a line of a web server's access log.", Status.LIVE),
        B: ("format-name", "Write a person's name as Last, F. for a log of names.", Status.LIVE),
        C: ("parse-syslog", "Read a line of syslog.", Status.SHADOW),
    }
    for digest, (name, description, status) in texts.items():
        store.releases.save(make.release(digest, name=name, description=description, status=status))


def test_search_ranks_the_name_first(library: Store) -> None:
    assert _find(library, "access log", statuses=LIVE, k=5) == (A, B)
    assert _find(library, "name", statuses=LIVE, k=5) == (B,)


def test_search_filters_by_status_first(library: Store) -> None:
    assert _find(library, "syslog", statuses=LIVE, k=5) == ()
    assert _find(library, "syslog", statuses={Status.SHADOW}, k=5) == (C,)
    assert _find(library, "syslog", statuses=(), k=5) == ()
    library.releases.save_status(A, Status.RETIRED, "")
    assert _find(library, "access", statuses=LIVE, k=5) == ()


def test_search_gives_at_most_k(library: Store) -> None:
    assert len(_find(library, "log", statuses=LIVE, k=1)) == 1
    for k in (0, -1):
        assert _find(library, "log", statuses=LIVE, k=k) == ()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "  ",
        "what is the skill for this",
        "zyxw",
        '"',
        '"unclosed',
        "NEAR(",
        "AND OR NOT",
        "name:",
        "*",
        "-log-",
        "^",
        "{}",
        "\0",
        "\ud800",
        "';--",
        "x" * 100_000,
        " ".join(f"w{n}" for n in range(5_000)),
    ],
)
def test_no_query_is_an_operator_or_fails(library: Store, query: str) -> None:
    found = _find(library, query, statuses=LIVE, k=5)
    assert set(found) <= {A, B}
    if "log" not in query and "name" not in query:
        assert found == ()


def test_full_text_search_looks_at_field_names_and_word_stems(store: Store, make: "Make") -> None:
    _fill(store, make)
    assert set(_find(store, "severity", statuses=LIVE, k=5)) == {A, B}
    assert _find(store, "parsing", statuses=LIVE, k=5) == (A,)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Parse the Log, please!", ("parse", "log")),
        ("snake_case and camelCase", ("snake", "case", "camelcase")),
        ("\u00c9t\u00e9 2024", ("\u00e9t\u00e9", "2024")),
        ("log log LOG", ("log",)),
        ('"NEAR(" -* ^:', ("near",)),
    ],
)
def test_words(query: str, words: tuple[str, ...]) -> None:
    assert split_words(query) == words


def test_only_so_many_words_are_looked_for() -> None:
    assert len(split_words(" ".join(f"w{n}" for n in range(5_000)))) == MAX_QUERY_WORDS
