"""What an order would do to the calendar, before anybody makes it count (rules N5, N6). Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from portal import clock
from portal.domain.calendar_files import Listed, RowError, from_json, read_order_file, whole_year
from portal.domain.day_calendar import Calendar, DayInfo
from portal.domain.errors import RuleViolation
from portal.domain.windows import WINDOW_LENGTH, Window, affected, open_window
from portal.domain.workdays import load_calendar, package_calendar
from portal.extensions import db
from portal.models.calendar_day import CalendarOrder, standing_order

Rows = dict[date, tuple[DayInfo, int | None]]
"""What the calendar table is to hold: each day with the id of the order that says so, if one does."""


@dataclass(frozen=True, slots=True)
class DayChange:
    """A date that becomes another kind of day."""

    day: date
    before: DayInfo
    after: DayInfo


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would do: the dates that change, whether its year becomes known, the calendar before and after."""

    year: int
    listed: Listed
    changes: tuple[DayChange, ...]
    settles_year: bool
    before: Calendar
    after: Calendar
    rows: Rows
    """What the table will hold for the days the order speaks about."""
    errors: tuple[RowError, ...] = ()
    warnings: tuple[str, ...] = ()

    def moved(self, published: Iterable[date], length: int = WINDOW_LENGTH) -> list[tuple[Window, Window]]:
        """The windows, old and new, of notices published on these dates that would read differently (rule N6)."""
        pairs = (
            (open_window(day, self.before, length), open_window(day, self.after, length)) for day in set(published)
        )
        return sorted((pair for pair in pairs if affected(*pair)), key=lambda pair: pair[0].published)


def preview_file(year: int, content: bytes, filename: str, *, now: datetime) -> Preview:
    """Dry run of an upload: all errors and warnings of the file at once, and what would change.

    Raises RuleViolation for a year no order can be about: before the calendar begins or later than next year.
    """
    first, last = package_calendar().first_day.year, clock.beijing_date(now).year + 1
    if not first <= year <= last:
        raise RuleViolation(f"年份应在{first}年至{last}年之间", rule="N5", field="year")
    file = read_order_file(year, content, filename)
    if file.errors:
        calendar = load_calendar(db.session)
        return Preview(year, file.days, (), False, calendar, calendar, {}, file.errors, file.warnings)
    return _preview(year, file.days, _rows(year, file.days, "待确认的放假安排", None), file.warnings)


def preview_order(order: CalendarOrder) -> Preview:
    """What confirming `order` would change now: the same dry run for the second person."""
    listed = from_json(order.days)
    return _preview(order.year, listed, _rows(order.year, listed, order.title, order.id), ())


def _rows(year: int, listed: Listed, source: str, order_id: int | None) -> Rows:
    """The whole of `year` as listed and filled up by the plain week, and the days around its two New Year's Days.

    An order may swap days in the December before its year. So the order of the following year has the last word on this
    December, and an earlier order of this year that spoke about the December before is taken back there.
    """
    rows: Rows = {}
    replaced, previous, following = (db.session.scalar(standing_order(y)) for y in (year, year - 1, year + 1))
    if replaced:
        before = whole_year(year - 1, from_json(previous.days), previous.title) if previous else {}
        for day in from_json(replaced.days):
            if day.year < year:
                known = before.get(day)
                rows[day] = (known, previous.id) if known and previous else (package_calendar().day(day), None)
    rows |= {day: (info, order_id) for day, info in whole_year(year, listed, source).items()}
    if following:
        for day, (kind, name) in from_json(following.days).items():
            if day.year == year:
                rows[day] = (DayInfo(kind, name, following.title), following.id)
    return rows


def _preview(year: int, listed: Listed, rows: Rows, warnings: tuple[str, ...]) -> Preview:
    calendar = load_calendar(db.session)
    days = {day: info for day, (info, _) in rows.items()}
    changes = tuple(
        DayChange(day, calendar.day(day), info)
        for day, info in sorted(days.items())
        if calendar.day(day).kind is not info.kind
    )
    return Preview(
        year, listed, changes, not calendar.knows(year), calendar, calendar.with_days(days), rows, (), warnings
    )
