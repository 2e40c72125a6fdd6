"""Clusters of near-equal runs, built in the order of time.

Rules: a run joins the cluster of the most similar run before it, or begins one of its own. What
came earlier is never regrouped by what comes later, and a cluster is named by its first run, so
scanning again with newer sessions finds the same clusters with more members. At most
`MAX_REPRESENTATIVES` distinct shapes stand for a cluster in the index.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from skillkiln.notice.runs import CodeRun
from skillkiln.notice.shape import ShapeIndex
from skillkiln.records.signals import Pointer

MAX_REPRESENTATIVES = 12


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run with where it was seen and what it cost."""

    run: CodeRun
    pointer: Pointer
    at: datetime | None
    tokens_written: int
    tokens_read: int


@dataclass(slots=True)
class Cluster:
    """Runs that do the same."""

    language: str
    fingerprint: str
    """Of the first run's shape."""
    runs: list[SeenRun] = field(default_factory=list[SeenRun])
    shapes: set[str] = field(default_factory=set[str])


def build_clusters(runs: Iterable[SeenRun]) -> list[Cluster]:
    """Return the clusters of some runs, whatever order they come in."""
    clusters: list[Cluster] = []
    indexes: dict[str, ShapeIndex] = {}
    known: dict[tuple[str, str], int] = {}
    for seen in sorted(runs, key=_order):
        language, shape = seen.run.language, seen.run.shape
        index = indexes.setdefault(language, ShapeIndex())
        fingerprint = shape.fingerprint
        number = known.get((language, fingerprint))
        if number is None:
            number = index.find_group(shape)
        if number is None:
            number = len(clusters)
            clusters.append(Cluster(language, fingerprint))
        cluster = clusters[number]
        cluster.runs.append(seen)
        known[language, fingerprint] = number
        if fingerprint not in cluster.shapes and len(cluster.shapes) < MAX_REPRESENTATIVES:
            cluster.shapes.add(fingerprint)
            index.add(shape, number)
    return clusters


def _order(seen: SeenRun) -> tuple[datetime, str, int]:
    """Order by time; what has none comes last."""
    latest = datetime.max.replace(tzinfo=UTC)
    return seen.at or latest, seen.pointer.session_id, seen.pointer.line
