"""What Alembic runs for every command: the steps on the connection that `run.upgrade` hands over.

Assumes `config.attributes["connection"]`; refuses to run without it, so that no command reaches a
database by another way than `open_store`.
"""

from __future__ import annotations

from alembic import context

from ganzhi.base.errors import InternalError
from ganzhi.store.models import Base


def run() -> None:
    """Configure and run; each step is one transaction, on SQLite too."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise InternalError("migrations run through open_store only")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
