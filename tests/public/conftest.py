"""What tests of the public side share: a clock that stands where the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal import clock
from tests.builders import at

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
