"""Clusters of runs that do the same, built in the order of time.

Rules: a run joins the cluster of the most similar run before it, or begins one of its own. Then
clusters are joined that belong together although their code differs: one that failed with the one
that was tried next on the same file, and two that print records with the same fields. What came
earlier is never regrouped by what comes later, and a cluster is named by its first run that
succeeded, so scanning again with newer sessions finds the same clusters with more members.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from skillkiln.notice.outputs import list_record_readings
from skillkiln.notice.runs import CodeRun
from skillkiln.notice.shape import ShapeIndex
from skillkiln.records.signals import Pointer

MAX_REPRESENTATIVES = 12
"""Distinct shapes that stand for a cluster in the index."""
RETRY_SIMILARITY = 0.1
"""A second try on the same file shares at least this much with the first."""
MIN_TELLING_FIELDS = 3
"""So many field names in common are no accident."""
SAMPLE_CHARS = 1_500


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

    runs: list[SeenRun] = field(default_factory=list[SeenRun])

    @property
    def language(self) -> str:
        """What its code is written in."""
        return self.runs[0].run.language

    @property
    def fingerprint(self) -> str:
        """The shape of the first run that succeeded, or else of the first."""
        succeeded = [seen for seen in self.runs if not seen.run.has_failed]
        return (succeeded or self.runs)[0].run.shape.fingerprint


def build_clusters(runs: Iterable[SeenRun]) -> list[Cluster]:
    """Return the clusters of some runs, whatever order they come in."""
    ordered = sorted(runs, key=_order)
    groups = _Groups(_group_by_shape(ordered))
    for first, second in _list_retries(ordered):
        groups.join(first, second)
    for first, second in _list_same_fields(ordered):
        groups.join(first, second)
    clusters: defaultdict[int, Cluster] = defaultdict(Cluster)
    for position, seen in enumerate(ordered):
        clusters[groups.find(position)].runs.append(seen)
    return list(clusters.values())


def _order(seen: SeenRun) -> tuple[datetime, str, int]:
    """Order by time; what has none comes last."""
    latest = datetime.max.replace(tzinfo=UTC)
    return seen.at or latest, seen.pointer.session_id, seen.pointer.line


class _Groups:
    """Groups of positions that can be joined: a disjoint-set forest with path halving."""

    def __init__(self, firsts: Sequence[int]) -> None:
        self._above = list(firsts)

    def find(self, position: int) -> int:
        """Return the first position of a group."""
        above = self._above
        while above[position] != position:
            above[position] = above[above[position]]
            position = above[position]
        return position

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        first, second = sorted((self.find(one), self.find(other)))
        self._above[second] = first


def _group_by_shape(ordered: Sequence[SeenRun]) -> list[int]:
    """Return for each run the position of the first run of its cluster."""
    firsts: list[int] = []
    indexes: defaultdict[str, ShapeIndex] = defaultdict(ShapeIndex)
    known: dict[tuple[str, str], int] = {}
    represented: defaultdict[int, int] = defaultdict(int)
    for position, seen in enumerate(ordered):
        shape, index = seen.run.shape, indexes[seen.run.language]
        key = (seen.run.language, shape.fingerprint)
        first = known.get(key)
        if first is None:
            first = index.find_group(shape)
            first = position if first is None else first
            known[key] = first
            if represented[first] < MAX_REPRESENTATIVES:
                represented[first] += 1
                index.add(shape, first)
        firsts.append(first)
    return firsts


def _list_retries(ordered: Sequence[SeenRun]) -> Iterator[tuple[int, int]]:
    """Yield each failed run with the next one in its recording that tries the same again."""
    failed: dict[str, int] = {}
    for position, seen in enumerate(ordered):
        before = failed.pop(seen.pointer.path, None)
        if before is not None and _is_retry(ordered[before].run, seen.run):
            yield before, position
        if seen.run.has_failed:
            failed[seen.pointer.path] = position


def _is_retry(first: CodeRun, second: CodeRun) -> bool:
    paths = {each.path for each in first.inputs if "/" in each.path}
    shares_file = bool(paths & {each.path for each in second.inputs})
    is_alike = first.shape.similarity(second.shape) >= RETRY_SIMILARITY
    return first.language == second.language and shares_file and is_alike


def _list_same_fields(ordered: Sequence[SeenRun]) -> Iterator[tuple[int, int]]:
    """Yield runs that print records with the same fields, each with the first that did."""
    first_by_fields: dict[frozenset[str], int] = {}
    for position, seen in enumerate(ordered):
        fields = _find_fields(seen.run)
        if len(fields) >= MIN_TELLING_FIELDS:
            yield first_by_fields.setdefault(fields, position), position


def _find_fields(run: CodeRun) -> frozenset[str]:
    if run.has_failed or not run.output:
        return frozenset()
    sample = run.output[:SAMPLE_CHARS].rpartition("\n")[0] or run.output[:SAMPLE_CHARS]
    for records in list_record_readings(sample):
        return frozenset(records[0])
    return frozenset()
