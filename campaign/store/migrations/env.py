"""Alembic's entry. The connection is handed in by store/migrate.py; there is no alembic.ini."""

from alembic import context

from campaign.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
