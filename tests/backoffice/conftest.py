"""Officers at their desks: signed in through the real form, posting what the pages would post."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal import clock
from portal.extensions import db
from portal.models.account import Account
from tests import builders

SetClock = Callable[[str], None]
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')


class Desk:
    """One officer's browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, address: str, **more: Any) -> TestResponse:
        """Fetch a page; its token is kept for the next form."""
        response = self.client.get(address, **more)
        self.token = token_in(response.get_data(as_text=True)) or self.token
        return response

    def post(self, address: str, data: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form with the session's token."""
        sent = {"csrf_token": self.token, **(data or {})}
        return self.client.post(address, data=sent, **more)


def token_in(html: str) -> str:
    """The first form's token in a page, or nothing."""
    found = _TOKEN.search(html)
    return (found[1] or found[2]) if found else ""


def sign_in(client: FlaskClient, account: Account, password: str = builders.PASSWORD) -> Desk:
    """Sign in through the real form. Fails if that does not lead to the desk."""
    desk = Desk(client)
    username = account.username
    desk.get("/office/session/new")
    response = desk.post("/office/session", {"username": username, "password": password})
    assert response.status_code == 303, response.get_data(as_text=True)
    desk.get("/office/")
    return desk


@pytest.fixture
def at_desk(sqlite_app: Flask) -> Callable[[Account], Desk]:
    """Signs an officer in, in a browser of his own, on SQLite."""
    return lambda account: sign_in(sqlite_app.test_client(), account)


@pytest.fixture
def at_any_desk(app: Flask) -> Callable[[Account], Desk]:
    """Signs an officer in, in a browser of his own, on both databases."""
    return lambda account: sign_in(app.test_client(), account)


@pytest.fixture
def statements(sqlite_app: Flask) -> list[str]:
    """Every SQL statement sent from now on; transactions' own words are left out."""
    sent: list[str] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(" ", 1)[0].upper() not in {"BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"}:
            sent.append(statement)

    return sent


@pytest.fixture
def time_is(tmp_path: Path) -> Iterator[SetClock]:
    """Set the clock, by the demo's own means, to a Beijing time. Ask for it after the application."""

    def set_clock(text: str) -> None:
        clock.use_demo_file(tmp_path / "clock.json")
        clock.start_demo_at(builders.at(text))

    yield set_clock
    clock.use_demo_file(None)
