"""The tables, as the newest migration leaves them; a test compares the two.

What is asked for has a column of its own. The rest of a record is kept as its JSON in `body`, so
that a record read back is the record that was saved. Portable between SQLite and PostgreSQL; what
only one of them knows (triggers, full-text search) is made by the migrations.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcMoment(TypeDecorator[datetime]):
    """A moment as text in ISO 8601, in UTC; a moment without a zone is refused.

    As text it is the same in every database, and one that was damaged is left to the record's own
    validation instead of breaking the driver.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Bring a moment to UTC and to text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected a moment with a time zone, got {value!r}")
        return value.astimezone(UTC).isoformat()


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("day", Text),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Text, primary_key=True),
    Column("worth_tokens", Float, nullable=False),
    Column("body", Text, nullable=False),
    Column("saved_at", UtcMoment, nullable=False),
)

signals = Table(
    "signals",
    metadata,
    Column("gap_id", Text, ForeignKey("gaps.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("session_id", Text, nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

needs = Table(
    "needs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("gap_id", Text, index=True),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("saved_at", UtcMoment, nullable=False),
)


def _case_columns() -> tuple[Column[Any], ...]:
    return (
        Column("need_id", Text, ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True),
        Column("ordinal", Integer, primary_key=True),
        Column("session_id", Text, index=True),
        Column("body", Text, nullable=False),
    )


visible_cases = Table("visible_cases", metadata, *_case_columns())
sealed_cases = Table("sealed_cases", metadata, *_case_columns())
held_back_cases = Table("held_back_cases", metadata, *_case_columns())

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("need_id", Text, nullable=False, index=True),
    Column("at", UtcMoment, nullable=False),
    Column("is_redacted", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("description", Text, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("source_signal", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("estimated_tokens_saved", Float, nullable=False),
    Column("measured_tokens_saved", Float),
    Column("need_id", Text, nullable=False, index=True),
    Column("contract", Text, nullable=False),
    UniqueConstraint("name", "version"),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

release_files = Table(
    "release_files",
    metadata,
    Column("digest", Text, ForeignKey("releases.digest"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", Text, ForeignKey("blobs.sha256"), nullable=False),
)

release_dependencies = Table(
    "release_dependencies",
    metadata,
    Column("digest", Text, ForeignKey("releases.digest"), primary_key=True),
    Column("depends_on", Text, ForeignKey("releases.digest"), primary_key=True, index=True),
)

live_pointers = Table(
    "live_pointers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", Text, ForeignKey("releases.digest"), nullable=False),
)

status_changes = Table(
    "status_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, ForeignKey("releases.digest"), nullable=False, index=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
)

attestations = Table(
    "attestations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, ForeignKey("releases.digest"), nullable=False, index=True),
    Column("envelope", LargeBinary, nullable=False),
    Column("recorded_at", UtcMoment, nullable=False),
)

invocations = Table(
    "invocations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("trace_id", Text, nullable=False, index=True),
    Column("name", Text, nullable=False, index=True),
    Column("digest", Text, nullable=False),
    Column("is_shadow", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_invocations_digest", "digest", "is_shadow"),
)

answers = Table(
    "answers",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    Column("inputs_sha256", Text, nullable=False),
    Column("invocation_id", Integer, ForeignKey("invocations.id"), nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("previous", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False, index=True),
    Column("payload", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)

keys = Table(
    "keys",
    metadata,
    Column("public_hex", Text, primary_key=True),
    Column("ordinal", Integer, nullable=False, unique=True),
    Column("body", Text, nullable=False),
)
