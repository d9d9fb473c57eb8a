"""What every test may ask for: a fresh database, the application on it, a client, a browser.

`app` and `client` run a test twice, on SQLite and on PostgreSQL; `sqlite_app` and `sqlite_client` once, for what does
not touch a difference between the two, such as the wording of a page.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

import hypothesis
import hypothesis.configuration
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, Page

from portal import create_app
from portal.config import Settings
from portal.extensions import db
from tests.support import browser as real_browser
from tests.support.databases import KINDS, Databases
from tests.support.pages import CheckedClient
from tests.support.web_server import LiveServer, serve

# The folder all processes of one test run share; the worker processes inherit the variable.
RUN = "PORTAL_TEST_RUN"
LONGEST = ("race", "journeys")
"""Folders of the tests that take minutes, the longest first."""

hypothesis.configuration.set_hypothesis_home_dir(Path(__file__).parents[1] / ".cache" / "hypothesis")
hypothesis.settings.register_profile("portal", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("portal")


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder, in the process that starts the workers (or runs the tests itself)."""
    if not hasattr(config, "workerinput"):
        run = tempfile.mkdtemp(prefix="portal-")
        os.chmod(run, 0o711)  # PostgreSQL runs as another user when the tests run as root
        os.environ[RUN] = run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest stories first, so that no worker still tells one when the others are done."""
    items.sort(key=lambda item: next((at for at, part in enumerate(LONGEST) if part in item.path.parts), len(LONGEST)))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the database server and remove the run's folder, when all workers are done."""
    if not hasattr(config, "workerinput") and RUN in os.environ:
        run = Path(os.environ.pop(RUN))
        Databases(run).close()
        shutil.rmtree(run)


@pytest.fixture(scope="session")
def databases() -> Databases:
    """Where fresh databases come from, for tests that want several or one of a certain kind."""
    return Databases(Path(os.environ[RUN]))


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A fresh migrated database; the test runs once on each kind."""
    with databases.fresh(request.param) as url:
        yield url


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, its context pushed; the test runs once on each kind of database."""
    with application(Settings.for_tests(database_url, tmp_path)) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor without cookies on `app`, each page he fetches checked."""
    return app.test_client()


@pytest.fixture
def sqlite_app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh SQLite database, its context pushed."""
    with databases.fresh("sqlite") as url, application(Settings.for_tests(url, tmp_path)) as app:
        yield app


@pytest.fixture
def sqlite_client(sqlite_app: Flask) -> FlaskClient:
    """A visitor without cookies on `sqlite_app`, each page he fetches checked."""
    return sqlite_app.test_client()


class Compiled(BytecodeCache):
    """Templates compiled in this process, for all applications made in it: each test has one of its own."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """The code of this very text, if it was compiled before."""
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        assert bucket.code
        self.known[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """The application with its context pushed; its connections are closed at the end."""
    app = create_app(settings)
    app.test_client_class = CheckedClient
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def live_server(sqlite_app: Flask, tmp_path: Path) -> Iterator[LiveServer]:
    """The application behind its real web server, on the database of `sqlite_app`; commit what you build there."""
    settings = Settings.for_tests(db.engine.url.render_as_string(hide_password=False), tmp_path)
    with serve(settings, tmp_path / "server.log") as url:
        yield LiveServer(url, sqlite_app)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One real browser per worker. A machine without one fails the test and says what to install."""
    with real_browser.launched() as browser:
        yield browser


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A visitor with a phone, 375 pixels wide, at `live_server`. A request to anybody else or a script error fails."""
    with real_browser.visit(browser, live_server.url, width=375, height=812, phone=True) as page:
        yield page


@pytest.fixture
def desktop(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A visitor at a desk, 1280 pixels wide, at `live_server`. A request to anybody else or a script error fails."""
    with real_browser.visit(browser, live_server.url, width=1280, height=900) as page:
        yield page
