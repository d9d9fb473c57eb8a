"""How the demo's stories are told: an act at an instant, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from portal.clock import BEIJING
from portal.extensions import begin_write, db

Result = TypeVar("Result")
Event = tuple[datetime, Callable[[datetime], None]]


def done(act: Callable[[], Result]) -> Result:
    """What `act` returns, committed."""
    begin_write()
    result = act()
    db.session.commit()
    return result


def on(day: int, *, hour: int = 9) -> datetime:
    """An hour of a day in the demo's September."""
    return datetime(2026, 9, day, hour, 0, tzinfo=BEIJING)
