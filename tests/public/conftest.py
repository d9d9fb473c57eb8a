"""What tests of the public side share: a clock that stands where the test says, and somebody who objected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.models.notice import Notice
from portal.models.objection import Objection
from tests import builders
from tests.builders import at
from tests.public.objector import Filer, filed

SetClock = Callable[[str], None]


@pytest.fixture
def time_is(tmp_path: Path) -> Iterator[SetClock]:
    """Set the clock, by the demo's own means, to a Beijing time: time_is("2026-10-09 10:00").

    Ask for it after the application, which makes the clock immovable.
    """

    def set_clock(text: str) -> None:
        clock.use_demo_file(tmp_path / "clock.json")
        clock.start_demo_at(at(text))

    yield set_clock
    clock.use_demo_file(None)


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice published on 30 September 2026; it is 9 October, its window is open."""
    time_is("2026-10-09 10:00")
    return builders.notice(published_at=at("2026-09-30 10:00"))


@pytest.fixture
def filer(client: FlaskClient, notice: Notice) -> Filer:
    """Who objected with two grounds, anonymously."""
    objection, code = filed(notice, "2026-10-09 09:00")
    assert isinstance(objection, Objection)
    return Filer(client, objection, code)
