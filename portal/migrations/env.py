"""How Alembic finds the tables: through the application, on whichever database it is configured for."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

import portal.models  # noqa: F401  (makes every table known)
from portal.extensions import Base

FTS = ("notice_fts", "project_fts", "company_fts")


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """SQLite's search index keeps shadow tables that are not ours to compare."""
    return not (type_ == "table" and name is not None and name.startswith(FTS))


def run() -> None:
    """Run the migrations in one transaction on the application's engine."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=include_name,
            compare_type=False,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()


run()
