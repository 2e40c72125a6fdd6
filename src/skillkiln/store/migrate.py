"""Bring a store's tables up to date as it is opened.

All of it happens in one write transaction: it is done or not done, and of two processes that open
an old store at once the second waits and then finds nothing to do. A store that a newer version of
Skillkiln wrote is refused instead of guessed at.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from skillkiln.errors import StoreTooNewError
from skillkiln.store.database import Database

MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(database: Database) -> None:
    """Bring a database to the newest revision.

    Raises:
        StoreTooNewError: its revision is one that this version does not know.
        StoreError: the database failed; it is as it was before.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with database.reading() as connection:
        is_current = _is_current(connection, script)
    if is_current:
        return
    with database.writing() as connection:
        if not _is_current(connection, script):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _is_current(connection: Connection, script: ScriptDirectory) -> bool:
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {known.revision for known in script.walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreTooNewError(
            f"the store is of revision {revision!r}, this version knows up to "
            f"{script.get_current_head()!r}",
            hint="install the Skillkiln version that wrote it, or a later one",
        )
    return revision == script.get_current_head()
