"""Releases in SQL: what was published, where it stands, which one is live."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, or_, select, update

from skillkiln.errors import InvalidInputError, UnknownNameError
from skillkiln.records.releases import Release
from skillkiln.skill.contract import Contract
from skillkiln.skill.status import Status
from skillkiln.store.bodies import parse_body, parse_row, render_body
from skillkiln.store.database import Database
from skillkiln.store.rows import FoundRelease, KeptRelease, StatusChange
from skillkiln.store.search_index import choose_index
from skillkiln.store.tables import (
    live_pointers,
    release_dependencies,
    release_files,
    releases,
    status_changes,
)

_LINE = tuple(releases.c[field] for field in Release.model_fields)


class SqlReleases:
    """Releases on a database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def save(self, kept: KeptRelease) -> None:
        """Keep a new release."""
        line = kept.release
        with self._database.writing() as connection:
            _check_free(connection, line)
            connection.execute(
                insert(releases).values(
                    **line.model_dump(), need_id=kept.need_id, contract=render_body(kept.contract)
                )
            )
            for path, sha256 in kept.files.items():
                row = {"digest": line.digest, "path": path, "sha256": sha256}
                connection.execute(insert(release_files).values(row))
            for other in kept.depends_on:
                row = {"digest": line.digest, "depends_on": other}
                connection.execute(insert(release_dependencies).values(row))
            choose_index(connection).add(connection, kept)

    def load(self, digest: str) -> KeptRelease:
        """Return a release."""
        kept = self.find(digest)
        if kept is None:
            raise UnknownNameError("release", digest)
        return kept

    def find(self, digest: str) -> KeptRelease | None:
        """Return a release, if it is there."""
        return self._find_one(select(releases).where(releases.c.digest == digest))

    def _find_one(self, query: Select[Any]) -> KeptRelease | None:
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
            return _read_kept(connection, row) if row else None

    def load_all(self, *, name: str | None = None) -> tuple[Release, ...]:
        """Return the inventory's lines."""
        query = select(*_LINE).order_by(releases.c.name, releases.c.created_at, releases.c.digest)
        if name is not None:
            query = query.where(releases.c.name == name)
        with self._database.reading() as connection:
            return tuple(_read_line(row) for row in connection.execute(query).mappings())

    def save_status(self, digest: str, after: Status, reason: str) -> StatusChange:
        """Set a release's status and keep the step in its history."""
        at = self._clock()
        with self._database.writing() as connection:
            line = self.load(digest).release
            step = {"digest": digest, "before": line.status, "after": after, "reason": reason}
            connection.execute(
                update(releases).where(releases.c.digest == digest).values(status=after)
            )
            connection.execute(insert(status_changes).values(**step, at=at))
        return StatusChange.model_validate(
            {**step, "name": line.name, "version": line.version, "at": at}
        )

    def load_history(self, name: str) -> tuple[StatusChange, ...]:
        """Return all steps of all releases of a name, oldest first."""
        steps = (status_changes.c[field] for field in ("digest", "before", "after", "reason", "at"))
        query = (
            select(*steps, releases.c.name, releases.c.version)
            .join_from(status_changes, releases)
            .where(releases.c.name == name)
            .order_by(status_changes.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return tuple(
                parse_row(StatusChange, row, where=f"status_changes of {name}") for row in rows
            )

    def save_measured_tokens(self, digest: str, tokens: float | None) -> None:
        """Set what a release was measured to save."""
        with self._database.writing() as connection:
            changed = connection.execute(
                update(releases)
                .where(releases.c.digest == digest)
                .values(measured_tokens_saved=tokens)
            )
            if changed.rowcount == 0:
                raise UnknownNameError("release", digest)

    def find_live(self, name: str) -> str | None:
        """Return the digest that the name's live pointer shows, if it shows one."""
        query = select(live_pointers.c.digest).where(live_pointers.c.name == name)
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def find_live_release(self, name: str) -> KeptRelease | None:
        """Return the release that the name's live pointer shows, if it shows one."""
        query = (
            select(releases).join_from(releases, live_pointers).where(live_pointers.c.name == name)
        )
        return self._find_one(query)

    def point_live(self, name: str, digest: str | None) -> None:
        """Switch the name's live pointer."""
        with self._database.writing() as connection:
            connection.execute(delete(live_pointers).where(live_pointers.c.name == name))
            if digest is not None:
                connection.execute(insert(live_pointers).values(name=name, digest=digest))

    def load_dependents(self, digest: str) -> tuple[str, ...]:
        """Return the digests of all releases that need this one, directly or by others."""
        with self._database.reading() as connection:
            found = connection.execute(_select_dependents(digest)).scalars().all()
        return tuple(sorted(set(found) - {digest}))

    def search(self, query: str, *, statuses: Iterable[Status], k: int) -> tuple[FoundRelease, ...]:
        """Return releases in one of these statuses, best match first."""
        with self._database.reading() as connection:
            index = choose_index(connection)
            digests = index.search(connection, query, statuses=frozenset(statuses), k=k)
            rows = connection.execute(select(releases).where(releases.c.digest.in_(digests)))
            found = {row["digest"]: _read_found(row) for row in rows.mappings()}
        return tuple(found[digest] for digest in digests)


def _check_free(connection: Connection, line: Release) -> None:
    taken = connection.execute(
        select(releases.c.digest).where(
            or_(
                releases.c.digest == line.digest,
                (releases.c.name == line.name) & (releases.c.version == line.version),
            )
        )
    ).scalar()
    if taken is not None:
        raise InvalidInputError(
            f"{line.name} {line.version} is released already, as {taken}",
            hint="a release is immutable; publish under the next version",
        )


def _select_dependents(digest: str) -> Select[Any]:
    edges = release_dependencies
    found = select(edges.c.digest).where(edges.c.depends_on == digest).cte("found", recursive=True)
    found = found.union(select(edges.c.digest).where(edges.c.depends_on == found.c.digest))
    return select(found.c.digest)


def _read_line(row: RowMapping) -> Release:
    return parse_row(Release, row, where=f"releases/{row['digest']}")


def _read_found(row: RowMapping) -> FoundRelease:
    return FoundRelease(release=_read_line(row), contract=_read_contract(row))


def _read_contract(row: RowMapping) -> Contract:
    return parse_body(Contract, row["contract"], where=f"releases/{row['digest']}")


def _read_kept(connection: Connection, row: RowMapping) -> KeptRelease:
    digest = row["digest"]
    files = connection.execute(
        select(release_files.c.path, release_files.c.sha256)
        .where(release_files.c.digest == digest)
        .order_by(release_files.c.path)
    )
    depends_on = connection.execute(
        select(release_dependencies.c.depends_on)
        .where(release_dependencies.c.digest == digest)
        .order_by(release_dependencies.c.depends_on)
    )
    return KeptRelease(
        release=_read_line(row),
        contract=_read_contract(row),
        need_id=row["need_id"],
        files=dict(files.all()),
        depends_on=tuple(depends_on.scalars()),
    )
