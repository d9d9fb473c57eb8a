"""A fresh, migrated database for every test, on SQLite and on PostgreSQL.

The migrations run once per test run into a template; each test gets a copy, which costs milliseconds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from portal import create_app
from portal.config import Settings
from portal.domain import bureaus
from portal.extensions import begin_write, db
from tests.support.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")


class Databases:
    """The databases of one test run, shared by its worker processes through the folder `run`."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.server = PostgresServer(run / "postgres")
        self.prefix = "test_" + run.name.replace("-", "_").lower()
        self._admin: Engine | None = None

    @contextmanager
    def fresh(self, kind: str) -> Iterator[str]:
        """The URL of a new migrated database of `kind` (one of KINDS), which is gone afterwards."""
        with self._sqlite() if kind == "sqlite" else self._postgresql() as url:
            yield url

    def close(self) -> None:
        """Take down what this run started or left behind; called once, when all workers are done."""
        if self.server.running:
            self.server.stop()
        elif self._template_made("postgresql"):
            with self._connect() as connection:
                names = connection.scalars(
                    text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)"), {"prefix": self.prefix}
                )
                for name in list(names):
                    connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        if self._admin:
            self._admin.dispose()

    @contextmanager
    def _sqlite(self) -> Iterator[str]:
        template = self.run / "template.sqlite3"
        with self._once("sqlite") as first:
            if first:
                template.unlink(missing_ok=True)
                migrate(f"sqlite:///{template}", self.run)
        folder = self.run / uuid.uuid4().hex
        folder.mkdir()
        shutil.copyfile(template, folder / "portal.sqlite3")
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        shutil.rmtree(folder)

    @contextmanager
    def _postgresql(self) -> Iterator[str]:
        template = f"{self.prefix}_template"
        with self._once("postgresql") as first:
            if first:
                if not os.environ.get("TEST_DATABASE_URL") and not self.server.running:
                    self.server.start()
                with self._connect() as connection:
                    connection.execute(
                        text(f'DROP DATABASE IF EXISTS "{template}"')
                    )  # of a test whose migrations failed
                    connection.execute(text(f'CREATE DATABASE "{template}"'))
                migrate(self._url(template), self.run)
        name = f"{self.prefix}_{uuid.uuid4().hex[:12]}"
        with self._connect() as connection:
            # files copied, not written again through the log: half the time, a thousand times a run
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
        yield self._url(name)
        with self._connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))

    def _url(self, database: str) -> str:
        server = make_url(os.environ.get("TEST_DATABASE_URL") or self.server.url)
        return server.set(drivername="postgresql+psycopg", database=database).render_as_string(hide_password=False)

    def _connect(self) -> Connection:
        if self._admin is None:
            url = os.environ.get("TEST_DATABASE_URL") or self.server.url
            self._admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        return self._admin.connect()

    def _template_made(self, kind: str) -> bool:
        return (self.run / f"{kind}.made").exists()

    @contextmanager
    def _once(self, kind: str) -> Iterator[bool]:
        """True for the first process of the run that comes here; the others wait until it is done."""
        made = self.run / f"{kind}.made"
        with (self.run / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            first = not made.exists()
            yield first
            made.touch()


def migrate(url: str, folder: Path) -> None:
    """Run the real migrations on the empty database at `url`, and set up the bureaus as an installation does."""
    app = create_app(Settings.for_tests(url, folder))
    with app.app_context():
        try:
            flask_migrate.upgrade()
            begin_write()
            bureaus.seed()
            db.session.commit()
        except SystemExit as stopped:  # Flask-Migrate's way to say that a migration failed; it has logged why
            raise RuntimeError("the migrations failed") from stopped
        finally:
            db.session.remove()
            db.engine.dispose()
