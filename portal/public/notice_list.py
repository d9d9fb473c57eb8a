"""The rows of a notice list: a query over plain columns, and each row's chip worked out once."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from portal import clock
from portal.domain import workdays
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.words import NoticeStatus

COLUMNS = (
    Notice.id,
    Notice.reference,
    Notice.title,
    Notice.company,
    Notice.kind,
    Notice.status,
    Notice.last_day,
    Notice.provisional,
    Bureau.name.label("bureau"),
)
TONES = {
    NoticeStatus.CLOSED_CLEAR: "green",
    NoticeStatus.CLOSED_CONTESTED: "amber",
    NoticeStatus.RETRACTED: "grey",
}


class Row(NamedTuple):
    """One notice in a list, every value ready to print; `chip` and `tone` say how much of its window is left."""

    reference: str
    title: str
    company: str
    kind: str
    bureau: str
    last_day: str
    chip: str
    tone: str


def columns(query: Select[Any]) -> Any:
    """The same notices as plain columns: a list needs no objects."""
    return query.with_only_columns(*COLUMNS).join(Bureau, Notice.bureau_id == Bureau.id)


ALL = columns(select(Notice))
"""All notices, to be narrowed and ordered."""


def rows(query: Select[Any]) -> list[Row]:
    """Run a query over notices and make its rows fit to show."""
    return as_rows(db.session.execute(columns(query)).all())


def as_rows(found: Any) -> list[Row]:
    """Rows fit to show from rows of COLUMNS."""
    today = clock.today()
    running = any(n.status is NoticeStatus.OPEN for n in found)
    calendar = workdays.load_calendar(db.session) if running else workdays.package_calendar()

    @cache  # most rows of a page end on one of a few days
    def end(status: NoticeStatus, last_day: date, provisional: bool) -> tuple[str, str, str]:
        words, tone = chip(status, last_day, today, calendar, provisional=provisional)
        return _day(last_day, today) + ("（暂定）" if provisional else ""), words, tone

    return [
        Row(n.reference, n.title, n.company, n.kind.label, n.bureau, *end(n.status, n.last_day, n.provisional))
        for n in found
    ]


def chip(
    status: NoticeStatus, last_day: date, today: date, calendar: workdays.Calendar, *, provisional: bool
) -> tuple[str, str]:
    """Words and tone for how much of a window is left."""
    if status is not NoticeStatus.OPEN:
        return status.label, TONES[status]
    if today > last_day:
        return ("待放假安排公布", "amber") if provisional else ("期满待办结", "grey")
    if today == last_day:
        return "今日截止", "amber"
    left = workdays.working_days_left(today, last_day, calendar)
    return f"还剩{left}个工作日", "amber" if left <= 1 else "blue"


def _day(day: date, today: date) -> str:
    """10月13日 周二; with the year where it is not this one."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"
