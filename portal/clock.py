"""The only wall clock in the code.

Everything that needs the time asks here, or better takes `now` as a parameter. The demo can move this clock forward
by writing an offset to a file that all its processes read; outside the demo there is no such file and no way to
move it.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

_demo_file: Path | None = None
_seen: tuple[int, timedelta] = (0, timedelta())


def use_demo_file(path: Path | None) -> None:
    """Read the offset from `path` from now on; None makes the clock immovable (every installation but the demo)."""
    global _demo_file, _seen
    _demo_file, _seen = path, (0, timedelta())


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset()


def unmoved() -> datetime:
    """The machine's own time, for timers: the demo cannot move it. Decides nothing."""
    return datetime.now(BEIJING)


def today() -> date:
    """The present date in Beijing (rule N4: converted before a date is taken)."""
    return beijing_date(now())


def beijing_date(instant: datetime) -> date:
    """The calendar date in Beijing at `instant`, which must be aware."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no date")
    return instant.astimezone(BEIJING).date()


def midnight_after(day: date) -> datetime:
    """24:00 Beijing time of `day` as the half-open instant 00:00 of the next (rule N3)."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), BEIJING)


def start_demo_at(instant: datetime) -> None:
    """Set the demo's clock when its data is made. Raises RuntimeError outside the demo."""
    _write_offset(instant)


def move_demo_to(instant: datetime) -> None:
    """Move the demo's clock forward to `instant`. Raises RuntimeError outside the demo, ValueError if that is past."""
    if _demo_file is not None and instant < now():
        raise ValueError("the clock only moves forward")
    _write_offset(instant)


def _write_offset(instant: datetime) -> None:
    if _demo_file is None:
        raise RuntimeError("only the demo's clock can be moved")
    ahead = instant - datetime.now(UTC)
    fresh = _demo_file.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_text(json.dumps({"ahead_seconds": ahead.total_seconds()}))
    fresh.replace(_demo_file)


def _offset() -> timedelta:
    """How far the demo's clock is ahead; read again only when the file changed."""
    global _seen
    if _demo_file is None:
        return timedelta()
    try:
        stamp = _demo_file.stat().st_mtime_ns
    except FileNotFoundError:
        return timedelta()
    if stamp != _seen[0]:
        _seen = (stamp, timedelta(seconds=json.loads(_demo_file.read_text())["ahead_seconds"]))
    return _seen[1]
