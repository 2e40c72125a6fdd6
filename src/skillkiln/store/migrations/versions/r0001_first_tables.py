"""The first tables.

A migration is frozen: it spells its tables out instead of importing `store.tables`, which moves on.
"""

from alembic import op
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table of the first version."""
    create_noticed()
    create_needs()
    create_releases()
    create_releases_lives()
    create_calls()
    create_ledger_and_keys()
    if op.get_bind().dialect.name == "sqlite":
        guard_ledger_in_sqlite()
        create_search_index_in_sqlite()


def create_noticed() -> None:
    """Create what a scan leaves behind."""
    op.create_table(
        "sessions",
        Column("session_id", Text, primary_key=True),
        Column("path", Text, primary_key=True),
        Column("sha256", Text, nullable=False),
        Column("day", Text),
    )
    op.create_table(
        "gaps",
        Column("id", Text, primary_key=True),
        Column("worth_tokens", Float, nullable=False),
        Column("body", Text, nullable=False),
        Column("saved_at", Text, nullable=False),
    )
    op.create_table(
        "signals",
        Column("gap_id", Text, ForeignKey("gaps.id", ondelete="CASCADE"), primary_key=True),
        Column("id", Text, primary_key=True),
        Column("session_id", Text, nullable=False, index=True),
        Column("ordinal", Integer, nullable=False),
        Column("body", Text, nullable=False),
    )


def create_needs() -> None:
    """Create needs, their three sorts of cases, and the attempts at them."""
    op.create_table(
        "needs",
        Column("id", Text, primary_key=True),
        Column("gap_id", Text, index=True),
        Column("name", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("saved_at", Text, nullable=False),
    )
    for table in ("visible_cases", "sealed_cases", "held_back_cases"):
        op.create_table(
            table,
            Column("need_id", Text, ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True),
            Column("ordinal", Integer, primary_key=True),
            Column("session_id", Text, index=True),
            Column("body", Text, nullable=False),
        )
    op.create_table(
        "attempts",
        Column("id", Integer, primary_key=True),
        Column("need_id", Text, nullable=False, index=True),
        Column("at", Text, nullable=False),
        Column("is_redacted", Boolean, nullable=False),
        Column("body", Text, nullable=False),
    )


def create_releases() -> None:
    """Create releases, their files and what they depend on."""
    op.create_table(
        "releases",
        Column("digest", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("version", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("status", Text, nullable=False, index=True),
        Column("description", Text, nullable=False),
        Column("created_at", Text, nullable=False),
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
    op.create_table(
        "blobs",
        Column("sha256", Text, primary_key=True),
        Column("content", LargeBinary, nullable=False),
    )
    op.create_table(
        "release_files",
        Column("digest", Text, ForeignKey("releases.digest"), primary_key=True),
        Column("path", Text, primary_key=True),
        Column("sha256", Text, ForeignKey("blobs.sha256"), nullable=False),
    )
    op.create_table(
        "release_dependencies",
        Column("digest", Text, ForeignKey("releases.digest"), primary_key=True),
        Column("depends_on", Text, ForeignKey("releases.digest"), primary_key=True, index=True),
    )


def create_releases_lives() -> None:
    """Create what changes about a release: status, live pointer, attestations."""
    op.create_table(
        "live_pointers",
        Column("name", Text, primary_key=True),
        Column("digest", Text, ForeignKey("releases.digest"), nullable=False),
    )
    op.create_table(
        "status_changes",
        Column("id", Integer, primary_key=True),
        Column("digest", Text, ForeignKey("releases.digest"), nullable=False, index=True),
        Column("before", Text, nullable=False),
        Column("after", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("at", Text, nullable=False),
    )
    op.create_table(
        "attestations",
        Column("id", Integer, primary_key=True),
        Column("digest", Text, ForeignKey("releases.digest"), nullable=False, index=True),
        Column("envelope", LargeBinary, nullable=False),
        Column("recorded_at", Text, nullable=False),
    )


def create_calls() -> None:
    """Create invocations and the answers kept for idempotency keys."""
    op.create_table(
        "invocations",
        Column("id", Integer, primary_key=True),
        Column("trace_id", Text, nullable=False, index=True),
        Column("name", Text, nullable=False, index=True),
        Column("digest", Text, nullable=False),
        Column("is_shadow", Boolean, nullable=False),
        Column("body", Text, nullable=False),
        Index("ix_invocations_digest", "digest", "is_shadow"),
    )
    op.create_table(
        "answers",
        Column("digest", Text, primary_key=True),
        Column("idempotency_key", Text, primary_key=True),
        Column("inputs_sha256", Text, nullable=False),
        Column("invocation_id", Integer, ForeignKey("invocations.id"), nullable=False),
    )


def create_ledger_and_keys() -> None:
    """Create the ledger and the keyring."""
    op.create_table(
        "ledger",
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("previous", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("kind", Text, nullable=False, index=True),
        Column("subject", Text, nullable=False, index=True),
        Column("payload", Text, nullable=False),
        Column("hash", Text, nullable=False, unique=True),
    )
    op.create_table(
        "keys",
        Column("public_hex", Text, primary_key=True),
        Column("ordinal", Integer, nullable=False, unique=True),
        Column("body", Text, nullable=False),
    )


def guard_ledger_in_sqlite() -> None:
    """Refuse every change to the ledger but an entry that continues the chain."""
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_refuses_{verb.lower()} BEFORE {verb} ON ledger "
            "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"
        )
    op.execute(
        "CREATE TRIGGER ledger_continues BEFORE INSERT ON ledger "
        "WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger) "
        "OR NEW.previous IS NOT COALESCE("
        "(SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1), printf('%064d', 0)) "
        "BEGIN SELECT RAISE(ABORT, 'the entry does not continue the ledger'); END"
    )


def create_search_index_in_sqlite() -> None:
    """Create the full-text index, where this SQLite has full-text search."""
    options = {row[0] for row in op.get_bind().exec_driver_sql("PRAGMA compile_options")}
    if "ENABLE_FTS5" in options:
        op.execute(
            "CREATE VIRTUAL TABLE release_search USING fts5("
            "digest UNINDEXED, name, description, fields, "
            "tokenize = 'porter unicode61 remove_diacritics 2')"
        )
