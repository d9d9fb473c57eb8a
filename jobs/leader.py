"""Who leads among several schedulers: an advisory lock on PostgreSQL, a locked file beside the database on SQLite."""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from portal.extensions import db

log = logging.getLogger(__name__)
LOCK_NUMBER = 7_214_025
"""Any number, the same for all schedulers of one database."""


class Leadership:
    """Asks for the lead, and notices when it is gone. Build it inside an application context."""

    def __init__(self) -> None:
        self._engine = db.engine
        self._connection: Connection | None = None
        self._file: IO[str] | None = None

    def held(self) -> bool:
        """True if this process leads now; takes the lead if it is free."""
        return self._held_on_sqlite() if self._engine.dialect.name == "sqlite" else self._held_on_postgresql()

    def give_up(self) -> None:
        """Let another process lead."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            self._connection.invalidate()  # ends the database session, and with it the lock
            self._connection.close()
            self._connection = None

    def _held_on_sqlite(self) -> bool:
        if self._file is not None:
            return True
        name = Path(str(self._engine.url.database)).with_suffix(".scheduler-lock")
        file = name.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def _held_on_postgresql(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": LOCK_NUMBER}):
                self._connection = connection
                return True
            connection.close()
        except DBAPIError as error:
            log.warning("the database is away, and with it the lead: %s", error)
            self.give_up()
        return False
