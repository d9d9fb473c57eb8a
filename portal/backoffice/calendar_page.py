"""What the calendar's pages show: a year in months, and what an order would do to days and to running windows."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.clock import beijing_date
from portal.domain import policy, workdays
from portal.domain.calendar_orders import Preview
from portal.domain.day_calendar import Calendar, DayInfo
from portal.extensions import db
from portal.models.bureau import bureaus_within
from portal.models.notice import Notice
from portal.models.words import DayKind, NoticeStatus

CSS = {
    DayKind.WORKDAY: "work",
    DayKind.WEEKEND: "weekend",
    DayKind.STATUTORY_HOLIDAY: "holiday",
    DayKind.MAKE_UP_WORKDAY: "make-up",
}


@dataclass(frozen=True, slots=True)
class Month:
    """One month as weeks of seven; None where a day belongs to another month."""

    number: int
    weeks: list[list[tuple[date, DayInfo] | None]]
    workdays: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A running notice whose window would read differently."""

    id: int
    reference: str
    title: str
    old_last_day: date
    new_last_day: date
    provisional: bool
    reason: str


def year(calendar: Calendar, number: int) -> list[Month]:
    """The twelve months of a year."""
    return [_month(calendar, number, month) for month in range(1, 13)]


def _month(calendar: Calendar, year_: int, month: int) -> Month:
    weeks = months.Calendar().monthdatescalendar(year_, month)
    drawn = [[(day, calendar.day(day)) if day.month == month else None for day in week] for week in weeks]
    return Month(month, drawn, sum(1 for week in drawn for cell in week if cell and cell[1].kind.is_working))


def notable(shown: Iterable[Month]) -> list[tuple[date, DayInfo]]:
    """The days that differ from the plain week: what the year's order says."""
    special = (DayKind.STATUTORY_HOLIDAY, DayKind.MAKE_UP_WORKDAY)
    return [cell for month in shown for week in month.weeks for cell in week if cell and cell[1].kind in special]


def moved(preview: Preview) -> list[Moved]:
    """The running notices that would move or become settled, soonest first (rules N5, N6)."""
    running = db.session.execute(
        select(Notice.id, Notice.reference, Notice.title, Notice.published_at, Notice.last_day, Notice.provisional)
        .where(Notice.status == NoticeStatus.OPEN)
        .order_by(Notice.ends_at, Notice.id)
    ).all()
    published = {row.id: beijing_date(row.published_at) for row in running}
    length = policy.value("notice.working_days", max(published.values())) if published else workdays.WINDOW_LENGTH
    fresh = {old.published: new for old, new in preview.moved(published.values(), length)}
    found = []
    for row in running:
        if published[row.id] in fresh:
            settled = workdays.settle(row.last_day, row.provisional, fresh[published[row.id]])
            if settled.changed:
                found.append(
                    Moved(
                        row.id,
                        row.reference,
                        row.title,
                        row.last_day,
                        settled.last_day,
                        settled.provisional,
                        settled.reason,
                    )
                )
    return found


def provisional_windows(path: str) -> Any:
    """Running notices of a bureau and of those below whose last day waits for an order (rule N5)."""
    return (
        select(Notice.reference, Notice.title, Notice.last_day)
        .where(
            Notice.status == NoticeStatus.OPEN,
            Notice.provisional.is_(True),
            Notice.bureau_id.in_(bureaus_within(path)),
        )
        .order_by(Notice.ends_at, Notice.id)
    )
