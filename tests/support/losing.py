"""What somebody does who has the database's password and wants a filing gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from sqlalchemy import text

from portal.extensions import db


def lose(table: str, number: str) -> None:
    """Delete the row with this number by SQL, whatever leans on it, past all code of ours."""
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(db.engine.url.database or "")) as file, file:
            file.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
        return
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"DELETE FROM {table} WHERE number = :number"), {"number": number})
