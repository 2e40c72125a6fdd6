"""Run migrations on the connection that `store.migrate` passes in, inside its transaction.

There is no ini file and no other way in: a store is brought up to date when it is opened.
"""

from alembic import context

from skillkiln.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction spans all of it
)
context.run_migrations()
