"""File contents and signed envelopes in SQL."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import insert, select

from skillkiln.errors import DigestMismatchError, UnknownNameError
from skillkiln.skill.digest import sha256_hex
from skillkiln.store.bodies import parse_row
from skillkiln.store.database import Database
from skillkiln.store.rows import KeptAttestation
from skillkiln.store.tables import attestations, blobs


class SqlBlobs:
    """File contents on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, content: bytes) -> str:
        """Keep some bytes and return their sha256."""
        sha256 = sha256_hex(content)
        with self._database.writing() as connection:
            is_kept = connection.execute(select(blobs.c.sha256).where(blobs.c.sha256 == sha256))
            if is_kept.first() is None:
                connection.execute(insert(blobs).values(sha256=sha256, content=content))
        return sha256

    def load(self, sha256: str) -> bytes:
        """Return the bytes of that sha256."""
        return self.load_many([sha256])[sha256]

    def load_many(self, sha256s: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of every one of these sha256."""
        wanted = sorted(set(sha256s))
        query = select(blobs.c.sha256, blobs.c.content).where(blobs.c.sha256.in_(wanted))
        with self._database.reading() as connection:
            contents: dict[str, bytes] = dict(connection.execute(query).all())
        for sha256 in wanted:
            if sha256 not in contents:
                raise UnknownNameError("blob", sha256)
            got = sha256_hex(contents[sha256])
            if got != sha256:
                raise DigestMismatchError("a kept file", expected=sha256, got=got)
        return contents


class SqlAttestations:
    """Signed envelopes on a database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def save(self, digest: str, envelope: bytes) -> KeptAttestation:
        """Keep an envelope about a release."""
        kept = KeptAttestation(digest=digest, envelope=envelope, recorded_at=self._clock())
        with self._database.writing() as connection:
            connection.execute(insert(attestations).values(kept.model_dump()))
        return kept

    def load(self, digest: str) -> tuple[KeptAttestation, ...]:
        """Return the envelopes about a release, oldest first."""
        columns = (attestations.c[field] for field in KeptAttestation.model_fields)
        query = select(*columns).where(attestations.c.digest == digest).order_by(attestations.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return tuple(
                parse_row(KeptAttestation, row, where=f"attestations of {digest}") for row in rows
            )
