"""工作日: which days count, how long a notice window or a limit lasts (rules N3, N4, N5, N6).

What a day is comes from, in this order: the calendar table (orders the province uploaded, and the seed), the package
chinesecalendar for the years it covers, and for a year nobody knows yet the plain week, marked provisional.
Nothing else in the code may ask the package, and nothing may take an unknown day for a working day in silence.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any
from weakref import WeakKeyDictionary

from chinese_calendar.constants import Holiday, holidays, workdays
from sqlalchemy import Engine, RootTransaction, insert, select
from sqlalchemy.orm import Session, scoped_session

from portal.domain.day_calendar import MAKE_UP, Calendar, DayInfo, plain_kind
from portal.domain.windows import (
    WINDOW_LENGTH,
    Limit,
    Settlement,
    Window,
    WindowDay,
    add_working_days,
    affected,
    limit,
    open_window,
    settle,
    window_until,
    working_days_between,
    working_days_left,
)
from portal.extensions import reading
from portal.models.calendar_day import CalendarDay, calendar_stamp
from portal.models.words import DayKind

__all__ = [
    "WINDOW_LENGTH",
    "Calendar",
    "DayInfo",
    "Limit",
    "Settlement",
    "Window",
    "WindowDay",
    "add_working_days",
    "affected",
    "forget_calendar",
    "limit",
    "load_calendar",
    "open_window",
    "package_calendar",
    "seed_calendar",
    "settle",
    "window_until",
    "working_days_between",
    "working_days_left",
    "year_to_ask_for",
]

AnySession = Session | scoped_session[Any]

_ONE_DAY = timedelta(days=1)
_NATIONAL_DAY = (10, 1)
_NAMES = {
    "清明": "清明节",
    "端午": "端午节",
    "中秋": "中秋节",
    "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": "抗战胜利70周年纪念日",
}
_STAMP = calendar_stamp()
_DAYS = select(CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.source)
_loaded: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], Calendar]] = WeakKeyDictionary()
_seen: WeakKeyDictionary[RootTransaction, Calendar] = WeakKeyDictionary()


@cache
def package_calendar() -> Calendar:
    """The calendar of the installed package alone; needs no database."""
    return Calendar(_package_days())


def load_calendar(session: AnySession, stamp: tuple[Any, ...] | None = None) -> Calendar:
    """The calendar as it stands: the table's rows over the package's days (rules N4, N5).

    Kept per process and read again when the table changed, whichever process changed it. Asks the database one tiny
    question per transaction, so a unit of work sees one calendar from beginning to end.
    stamp: the answer to that question (`calendar_stamp`), where it came with another one.
    """
    # not the session: asking for the date must not write somebody's half-made row
    connection = reading() if isinstance(session, scoped_session) else session.connection()
    transaction = connection.get_transaction()
    seen = _seen.get(transaction) if transaction is not None else None
    if seen is not None:
        return seen
    if stamp is None:
        stamp = tuple(connection.execute(_STAMP).one())
    known = _loaded.get(connection.engine)
    if known is None or known[0] != stamp:
        rows = connection.execute(_DAYS).all()
        base = package_calendar()
        overriding = {row.day: DayInfo(row.kind, row.name, row.source) for row in rows}
        known = _loaded[connection.engine] = (stamp, base.with_days(overriding) if overriding else base)
    transaction = connection.get_transaction()
    if transaction is not None:
        _seen[transaction] = known[1]
    return known[1]


def forget_calendar(session: AnySession) -> None:
    """Make the next `load_calendar` ask again: called by the verb that has just changed the table."""
    transaction = session.connection().get_transaction()
    if transaction is not None:
        _seen.pop(transaction, None)


def seed_calendar(session: AnySession) -> list[int]:
    """Write the package's days that the table lacks, and return the years that gained any, in order.

    Safe to repeat; a newer package brings its new year. Rows that exist are never touched: an uploaded order stands
    above the package, and a correction of a known year is an order with two names under it.
    """
    present = set(session.scalars(select(CalendarDay.day)))
    missing = [(day, info) for day, info in _package_days().items() if day not in present]
    if missing:
        session.execute(
            insert(CalendarDay),
            [{"day": day, "kind": info.kind, "name": info.name, "source": info.source} for day, info in missing],
        )
        forget_calendar(session)
    return sorted({day.year for day, _ in missing})


def year_to_ask_for(calendar: Calendar, today: date, asks_from: tuple[int, int] = (10, 15)) -> int | None:
    """The year whose order the calendar's owner should upload now, or None (rule N5).

    The running year if it is unknown; the next one from `asks_from` (month, day) on.
    """
    if not calendar.knows(today.year):
        return today.year
    due = (today.month, today.day) >= asks_from and not calendar.knows(today.year + 1)
    return today.year + 1 if due else None


@cache
def _package_days() -> dict[date, DayInfo]:
    """Every day of the years the package covers, as far back as it goes.

    A year is covered when its National Day is listed: a New Year's holiday that laps over into January does not make
    the following year known.
    """
    source = f"chinesecalendar {version('chinesecalendar')}"
    covered = sorted({day.year for day in holidays if (day.month, day.day) == _NATIONAL_DAY})
    days: dict[date, DayInfo] = {}
    for year in covered:
        day = date(year, 1, 1)
        while day.year == year:
            if day in workdays:
                days[day] = DayInfo(DayKind.MAKE_UP_WORKDAY, MAKE_UP, source)
            elif day in holidays:
                chinese = Holiday(holidays[day]).chinese
                days[day] = DayInfo(DayKind.STATUTORY_HOLIDAY, _NAMES.get(chinese, chinese), source)
            else:
                days[day] = DayInfo(plain_kind(day), "", source)
            day += _ONE_DAY
    return days
