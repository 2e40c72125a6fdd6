"""Finding releases by words: status first, then rank.

SQLite's full-text search ranks by BM25, a word in the name counting most. Where a database has none
(a SQLite without FTS5), releases are ranked by how many of the query's words they hold. Either way
the query is a bag of words: nothing in it is an operator, and nothing in it can fail.

Source: SQLite FTS5, "The bm25() function".
"""

import re
from collections.abc import Iterable
from typing import Protocol

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, inspect, select, text

from skillkiln.skill.contract import Contract
from skillkiln.skill.status import Status
from skillkiln.store.rows import KeptRelease
from skillkiln.store.tables import releases

MAX_QUERY_WORDS = 32
# Words that every description holds; a match on nothing else is no match.
_FILLER = re.compile(
    "a|an|and|are|as|at|be|by|can|do|does|for|from|get|has|have|how|i|in|into|is|it|its|me|my|not|"
    "of|on|or|our|please|skill|so|some|that|the|their|them|then|there|these|this|to|use|want|was|"
    "we|what|when|where|which|with|would|you|your"
)
_WORD = re.compile(r"[^\W_]+")

# Weights of the columns digest, name, description, fields.
_RANKED = text(
    """
    SELECT releases.digest FROM release_search
    JOIN releases ON releases.digest = release_search.digest
    WHERE release_search MATCH :words AND releases.status IN :statuses
    ORDER BY bm25(release_search, 0, 4, 2, 1), releases.digest
    LIMIT :k
    """
).bindparams(bindparam("statuses", expanding=True))


class SearchIndex(Protocol):
    """A way to find releases by words."""

    def add(self, connection: Connection, kept: KeptRelease) -> None:
        """Take a new release in."""
        ...

    def search(
        self, connection: Connection, query: str, *, statuses: frozenset[Status], k: int
    ) -> tuple[str, ...]:
        """Return digests of releases in one of these statuses, best match first, at most k."""
        ...


class FullTextIndex:
    """SQLite FTS5."""

    def add(self, connection: Connection, kept: KeptRelease) -> None:
        """Take a new release in."""
        connection.execute(
            text(
                "INSERT INTO release_search (digest, name, description, fields) "
                "VALUES (:digest, :name, :description, :fields)"
            ),
            {
                "digest": kept.release.digest,
                "name": kept.release.name,
                "description": kept.release.description,
                "fields": _name_fields(kept.contract),
            },
        )

    def search(
        self, connection: Connection, query: str, *, statuses: frozenset[Status], k: int
    ) -> tuple[str, ...]:
        """Return digests, best BM25 first."""
        words = split_words(query)
        if not words or not statuses:
            return ()
        match = " OR ".join(f'"{word}"' for word in words)
        found = connection.execute(
            _RANKED, {"words": match, "statuses": sorted(statuses), "k": max(0, k)}
        )
        return tuple(found.scalars())


class WordCountIndex:
    """Any database: counts words in what it reads from the releases themselves."""

    def add(self, connection: Connection, kept: KeptRelease) -> None:
        """Do nothing: the releases are the index."""

    def search(
        self, connection: Connection, query: str, *, statuses: frozenset[Status], k: int
    ) -> tuple[str, ...]:
        """Return digests, most words in common first."""
        wanted = frozenset(split_words(query))
        columns = (releases.c.digest, releases.c.name, releases.c.description)
        rows = connection.execute(select(*columns).where(releases.c.status.in_(sorted(statuses))))
        counted = sorted(
            (-len(wanted.intersection(split_words(f"{name} {description}"))), digest)
            for digest, name, description in rows
        )
        return tuple(digest for count, digest in counted[: max(0, k)] if count < 0)


def choose_index(connection: Connection) -> SearchIndex:
    """Return the index that this database was made with."""
    return FullTextIndex() if inspect(connection).has_table("release_search") else WordCountIndex()


def split_words(query: str) -> tuple[str, ...]:
    """Return the distinct words of a text in lower case without filler, at most so many."""
    words = dict.fromkeys(word.lower() for word in _WORD.findall(query))
    return tuple(word for word in words if not _FILLER.fullmatch(word))[:MAX_QUERY_WORDS]


def _name_fields(contract: Contract) -> str:
    schemas: Iterable[JsonValue] = (
        contract.input_schema.get("properties"),
        contract.output_schema.get("properties"),
    )
    return " ".join(name for schema in schemas if isinstance(schema, dict) for name in schema)
