"""Invocations in SQL, and the answers kept for idempotency keys."""

from sqlalchemy import Connection, func, insert, select

from skillkiln.records.invocations import CallOutcome, Invocation
from skillkiln.store.bodies import parse_body, render_body
from skillkiln.store.database import Database
from skillkiln.store.rows import KeptAnswer
from skillkiln.store.tables import answers, invocations


class SqlInvocations:
    """Invocations on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, invocation: Invocation, *, inputs_sha256: str = "") -> None:
        """Keep a call."""
        with self._database.writing() as connection:
            result = connection.execute(
                insert(invocations).values(
                    trace_id=invocation.trace_id,
                    name=invocation.name,
                    digest=invocation.digest,
                    is_shadow=invocation.is_shadow,
                    body=render_body(invocation),
                )
            )
            (invocation_id,) = result.inserted_primary_key or (0,)
            if _is_answer(invocation):
                _keep_first_answer(connection, invocation, inputs_sha256, invocation_id)

    def find_answer(self, digest: str, idempotency_key: str) -> KeptAnswer | None:
        """Return the answer kept for a key of a release, if there is one."""
        query = (
            select(invocations.c.body, answers.c.inputs_sha256)
            .join_from(answers, invocations)
            .where(answers.c.digest == digest, answers.c.idempotency_key == idempotency_key)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        invocation = parse_body(Invocation, row.body, where=f"answers/{digest}")
        return KeptAnswer(invocation=invocation, inputs_sha256=row.inputs_sha256)

    def find(self, trace_id: str) -> Invocation | None:
        """Return the latest call of that trace id, if there is one."""
        query = (
            select(invocations.c.body)
            .where(invocations.c.trace_id == trace_id)
            .order_by(invocations.c.id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return parse_body(Invocation, body, where=f"invocations/{trace_id}") if body else None

    def load(
        self,
        *,
        name: str | None = None,
        digest: str | None = None,
        is_shadow: bool | None = None,
        limit: int = 100,
    ) -> tuple[Invocation, ...]:
        """Return calls that fit, newest first."""
        query = select(invocations.c.id, invocations.c.body)
        wanted = {"name": name, "digest": digest, "is_shadow": is_shadow}
        for field, value in wanted.items():
            if value is not None:
                query = query.where(invocations.c[field] == value)
        query = query.order_by(invocations.c.id.desc()).limit(max(0, limit))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            parse_body(Invocation, body, where=f"invocations/{row_id}") for row_id, body in rows
        )

    def count(self, digest: str, *, is_shadow: bool = False) -> int:
        """Return how often a release was called."""
        query = (
            select(func.count())
            .select_from(invocations)
            .where(invocations.c.digest == digest, invocations.c.is_shadow == is_shadow)
        )
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()


def _is_answer(invocation: Invocation) -> bool:
    return (
        invocation.idempotency_key is not None
        and invocation.outcome is CallOutcome.OK
        and not invocation.is_replayed
        and not invocation.is_shadow
    )


def _keep_first_answer(
    connection: Connection, invocation: Invocation, inputs_sha256: str, invocation_id: int
) -> None:
    key = {"digest": invocation.digest, "idempotency_key": invocation.idempotency_key}
    taken = connection.execute(
        select(answers.c.invocation_id).where(
            *(answers.c[field] == value for field, value in key.items())
        )
    )
    if taken.first() is None:
        connection.execute(
            insert(answers).values(**key, inputs_sha256=inputs_sha256, invocation_id=invocation_id)
        )
