"""The databases at a size: made once, kept under .cache/bench, used again while schema and made-up rows stay."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.pool import NullPool

from benchmarks import loading, made_up, rows
from portal import clock, create_app
from portal.config import ROOT, Settings
from portal.domain import workdays
from portal.extensions import begin_write, db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from tests.support.databases import migrate
from tests.support.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")
FOLDER = ROOT / ".cache" / "bench"
# careful as in production: fsync, synchronous_commit and full_page_writes stay on
SERVER_OPTIONS = (
    "shared_buffers=1GB",
    "effective_cache_size=4GB",
    "maintenance_work_mem=512MB",
    "max_wal_size=4GB",
    "random_page_cost=1.1",
    "jit=off",
    "listen_addresses=",
    "max_connections=60",
)


class Databases:
    """Where the loaded databases are; PostgreSQL runs from the first question for one of its until `close`."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.server = KeptServer(_reachable(FOLDER) / "postgres")
        self._asked = self._started = False

    def url(self, kind: str, count: int) -> str:
        """Address of the database of `kind` with `count` notices; loads it first if need be."""
        url = self._address(kind, str(count))
        stamp, revision = FOLDER / f"{kind}-{count}.json", _revision()
        if not stamp.exists() or json.loads(stamp.read_text())["revision"] != revision:
            stamp.unlink(missing_ok=True)
            self._make_empty(kind, str(count))
            migrate(url, FOLDER)
            began = time.monotonic()
            loading.load(url, count)
            seconds = round(time.monotonic() - began)
            stamp.write_text(json.dumps({"revision": revision, "seconds_to_load": seconds}))
        _keep_windows_open(url)
        return url

    def empty(self, kind: str) -> str:
        """Address of a migrated database of `kind` without rows, made anew each time."""
        url = self._address(kind, "empty")
        self._make_empty(kind, "empty")
        migrate(url, FOLDER)
        return url

    def close(self) -> None:
        """Stop what was started."""
        if self._started:
            self.server.stop()

    def _address(self, kind: str, name: str) -> str:
        return f"sqlite:///{FOLDER / f'{name}.sqlite'}" if kind == "sqlite" else self._on_server(f"bench_{name}")

    def _make_empty(self, kind: str, name: str) -> None:
        if kind == "sqlite":
            for end in ("", "-wal", "-shm"):
                (FOLDER / f"{name}.sqlite{end}").unlink(missing_ok=True)
            return
        engine = create_engine(self.server.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS bench_{name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE bench_{name}"))

    def _on_server(self, name: str) -> str:
        if not self._asked:
            self._asked, self._started = True, self.server.start_unless_running()
        return self.server.url.replace("/postgres?", f"/{name}?")


class KeptServer(PostgresServer):
    """The tests' PostgreSQL, but durable, and its data are kept from one run to the next."""

    def start_unless_running(self) -> bool:
        """Start the server, on a fresh cluster if there is none yet. False if another run has started it already."""
        try:
            self._run("pg_ctl", "-D", self.data, "status")
            return False
        except (RuntimeError, FileNotFoundError):
            self.start()
            return True

    def start(self) -> None:
        """Start the server, on a fresh cluster if there is none yet."""
        if not (self.data / "PG_VERSION").exists():
            super().start()
            super().stop()
        log = self.folder / "log"
        options = (*SERVER_OPTIONS, f"unix_socket_directories={self.folder}")
        settings = " ".join(f"-c {option}" for option in options)
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "120", "-l", log, "start", "-o", settings)

    def stop(self) -> None:
        """Stop in order, so that the next start finds nothing to mend."""
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "120", "-m", "fast", "stop")


@contextmanager
def application(url: str) -> Iterator[Flask]:
    """The application on a loaded database, its context pushed; it keeps numbers beside filters as installations do."""
    app = create_app(Settings.for_tests(url, FOLDER, counts_seconds=60.0))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def _keep_windows_open(url: str) -> None:
    """Let the windows of the open notices begin today, if the last run was too long ago for one to be open still."""
    with application(url):
        now = clock.now()
        open_now = Notice.status == NoticeStatus.OPEN
        latest = db.session.scalar(select(func.max(Notice.ends_at)).where(open_now))
        if latest is None or latest > now + timedelta(days=1):
            return
        window = workdays.open_window(clock.today(), workdays.package_calendar())
        begin_write()
        values = {"first_day": window.first_day, "last_day": window.last_day, "ends_at": window.ends_at}
        db.session.execute(update(Notice).where(open_now).values(values))
        db.session.commit()


def _reachable(folder: Path) -> Path:
    """`folder`, or one that the user who runs PostgreSQL for root can reach and whose socket's name is not too long."""
    shut = os.geteuid() == 0 and not all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents))
    if not shut and len(str(folder)) < 70:
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"portal-bench-{name}"


def _revision() -> str:
    """What the loaded rows depend on: the schema and what makes them up."""
    files = [*sorted((ROOT / "portal/migrations/versions").glob("*.py")), Path(rows.__file__), Path(made_up.__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
