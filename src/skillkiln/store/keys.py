"""The keyring in SQL: public keys only."""

from sqlalchemy import delete, insert, select

from skillkiln.store.bodies import parse_body, parse_row, render_body
from skillkiln.store.database import Database
from skillkiln.store.tables import keys
from skillkiln.trust.keyring import Keyring, KnownKey


class SqlKeys:
    """The keyring on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> Keyring:
        """Return the keyring."""
        query = select(keys.c.public_hex, keys.c.body).order_by(keys.c.ordinal)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        known = [
            parse_body(KnownKey, body, where=f"keys/{public_hex}") for public_hex, body in rows
        ]
        return parse_row(Keyring, {"keys": known}, where="keys")

    def save(self, keyring: Keyring) -> None:
        """Replace the keyring."""
        with self._database.writing() as connection:
            connection.execute(delete(keys))
            for ordinal, key in enumerate(keyring.keys):
                row = {"public_hex": key.public_hex, "ordinal": ordinal, "body": render_body(key)}
                connection.execute(insert(keys).values(row))
