"""Counting in working days: a notice window, a limit, and what a changed calendar does to them (rules N3, N5, N6).

Pure arithmetic over a `Calendar`; `portal.domain.workdays` says where one comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from portal import clock
from portal.domain.day_calendar import MAKE_UP, WEEKDAYS, Calendar, DayInfo, in_chinese
from portal.models.words import DayKind

WINDOW_LENGTH = 5
"""Working days of a notice window (notice of 2025-02-14, clause 二); a policy may hand in another."""

_ONE_DAY = timedelta(days=1)


class WindowDay(NamedTuple):
    """One day of a window's strip: counted as the n-th working day, or None and the reason why it is skipped."""

    day: date
    counted: int | None
    kind: DayKind
    name: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Window:
    """A notice window (rule N3). `days` begins with the day of publication, never counted, and ends with `last_day`."""

    published: date
    first_day: date
    """The first counted working day."""
    last_day: date
    ends_at: datetime
    """24:00 Beijing of the last day, as the half-open instant 00:00 of the next."""
    provisional: bool
    """It touches a day nobody knows yet: the last day may still move later, nothing is decided on it (rule N5)."""
    days: tuple[WindowDay, ...]


class Limit(NamedTuple):
    """A limit in working days: its last day, its end as a half-open instant, and whether a guessed day is in it."""

    last_day: date
    ends_at: datetime
    provisional: bool


class Settlement(NamedTuple):
    """What a running window becomes under a changed calendar, and why, in words for the page (rule N6)."""

    last_day: date
    ends_at: datetime
    provisional: bool
    changed: bool
    reason: str


def open_window(published: date, calendar: Calendar, length: int = WINDOW_LENGTH) -> Window:
    """The window of a notice published on the Beijing date `published` (rules N3, N4, N5).

    The day of publication is not counted; make-up days are, holidays and weekends are not. Kept per calendar, so that
    every row of a list may ask. Raises RuleViolation for a date the calendar cannot speak about (`Calendar.day`).
    """
    known: Window | None = calendar.memo.get((published, length))
    if known is None:
        known = calendar.memo[published, length] = _count_window(published, calendar, length, None)
    return known


def window_until(
    published: date, last_day: date, calendar: Calendar, *, provisional: bool, length: int = WINDOW_LENGTH
) -> Window:
    """The window of a published notice, up to the last day that stands there and with the mark it carries (rule N6).

    Its strip numbers no more than `length` days: where a published last day was kept although the order would have
    ended the window sooner, the days after the last counted one say so.
    """
    key = (published, length, last_day, provisional)
    known: Window | None = calendar.memo.get(key)
    if known is None:
        window = replace(_count_window(published, calendar, length, last_day), provisional=provisional)
        known = calendar.memo[key] = window
    return known


def limit(start: date, days: int, calendar: Calendar) -> Limit:
    """The limit of `days` working days that begins on the date `start`, itself not counted (rules N4, V7)."""
    _only_dates(start)
    if days < 0:
        raise ValueError("a limit cannot be negative")
    day, left, provisional = start, days, False
    while left:
        day += _ONE_DAY
        info = calendar.day(day)
        left -= info.kind.is_working
        provisional = provisional or info.provisional
    return Limit(day, clock.midnight_after(day), provisional)


def add_working_days(start: date, days: int, calendar: Calendar) -> date:
    """The `days`-th working day after `start`. Where something is decided on it, ask `limit`: it may be provisional."""
    return limit(start, days, calendar).last_day


def working_days_between(after: date, until: date, calendar: Calendar) -> int:
    """How many working days lie after `after`, up to and including `until`; 0 if there are none."""
    _only_dates(after, until)
    return sum(calendar.day(after + timedelta(days=n)).kind.is_working for n in range(1, (until - after).days + 1))


def working_days_left(today: date, last_day: date, calendar: Calendar) -> int:
    """What a chip says: working days after today, up to and with the last. 0 on the last day (今日截止) and later."""
    return working_days_between(today, last_day, calendar)


def affected(old: Window, new: Window) -> bool:
    """True if the notice reads differently under the new calendar: other days count, or it is settled (rule N6)."""
    return _outcome(old) != _outcome(new)


def settle(stored_last_day: date, stored_provisional: bool, new_window: Window) -> Settlement:
    """What a running window with this published last day becomes under a changed calendar (rules N5, N6).

    A published last day only ever moves later: whoever was told "until the 4th" may object until the 4th, also where
    that was provisional and the order brings a make-up day that would end the five days sooner. The kept day may then
    be a holiday; the five working days are over by then, what remains is a promise, so it is not moved on.
    `provisional` is what the new calendar says: nothing is decided on a guess, even if an older calendar claimed to
    know. `changed` is true if the last day or the mark changes; `reason` is empty otherwise.
    """
    last_day = max(stored_last_day, new_window.last_day)
    moved = last_day != stored_last_day
    changed = moved or stored_provisional != new_window.provisional
    reason = _why(stored_last_day, stored_provisional, new_window) if changed else ""
    return Settlement(last_day, clock.midnight_after(last_day), new_window.provisional, changed, reason)


def _count_window(published: date, calendar: Calendar, length: int, until: date | None) -> Window:
    """Walk to the `length`-th working day, or to `until` where that is given."""
    _only_dates(published)
    if length < 1:
        raise ValueError("a window lasts at least one day")
    info = calendar.day(published)
    days = [WindowDay(published, None, info.kind, info.name, "公示发布当日不计入", info.source)]
    day, counted, provisional = published, 0, False
    while counted < length if until is None else day < until:
        day += _ONE_DAY
        info = calendar.day(day)
        provisional = provisional or info.provisional
        number = None
        if info.kind.is_working and counted < length:
            number = counted = counted + 1
        days.append(WindowDay(day, number, info.kind, info.name, _reason(day, info, number), info.source))
    first_day = next((entry.day for entry in days if entry.counted == 1), day)
    return Window(published, first_day, day, clock.midnight_after(day), provisional, tuple(days))


def _reason(day: date, info: DayInfo, number: int | None) -> str:
    """Why the day counts or does not, in words for the strip."""
    if number is not None:
        said = f"第{number}个工作日"
        if info.kind is DayKind.MAKE_UP_WORKDAY:
            said = f"{MAKE_UP}，{said}"
    elif info.kind.is_working:
        said = "仍在公示期内"
    else:
        said = f"{info.name}放假" if info.kind is DayKind.STATUTORY_HOLIDAY else WEEKDAYS[day.weekday()]
    return f"{said}（暂定，国务院办公厅尚未公布{day.year}年放假安排）" if info.provisional else said


def _outcome(window: Window) -> tuple[bool, list[date]]:
    return window.provisional, [entry.day for entry in window.days if entry.counted]


def _why(stored: date, was_provisional: bool, new: Window) -> str:
    """The sentence beside the old and the new last day."""
    cause = "放假安排已公布" if was_provisional and not new.provisional else "放假安排有调整"
    if new.last_day > stored:
        said = f"{cause}，公示截止日由{in_chinese(stored)}延后至{in_chinese(new.last_day)}"
    elif new.last_day < stored:
        computed = f"按此推算的截止日为{in_chinese(new.last_day)}"
        said = f"{cause}，{computed}；已公布的截止日只延后、不提前，仍为{in_chinese(stored)}"
    else:
        said = f"{cause}，公示截止日仍为{in_chinese(stored)}"
    return f"{said}（暂定，有关年度放假安排尚未公布）" if new.provisional else said


def _only_dates(*days: date) -> None:
    """Refuse an instant: it has no date before it is brought to Beijing (`clock.beijing_date`, rule N4)."""
    if any(isinstance(day, datetime) for day in days):
        raise TypeError("convert the instant with clock.beijing_date first")
