"""The end of a window as an entry for a calendar (iCalendar): all of the last day, for it ends at 24:00 (rule N3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from icalendar import Alarm, Calendar, Event, Timezone
from sqlalchemy import Row

from portal.models.words import NoticeStatus
from portal.public import api_query
from portal.web.addresses import absolute
from portal.web.bad_input import readable

SITE = "湖南省工程数据信息公示与监督平台"
FIRST = date(2025, 2, 14)
"""Of the rules the notices follow; the zone's summer times lie before."""
ALARM = timedelta(hours=9)
"""After midnight of the last day: a calendar rings when offices open."""


def of(title: str, notices: Iterable[Row[Any]], *, alarm: bool = False) -> bytes:
    """A calendar file with the last day of each of these notices (rows of `api_query.COLUMNS`).

    alarm: ring on that day. Whoever loads the file again has the entry moved, not doubled.
    """
    file = Calendar()
    file.add("prodid", f"-//{SITE}//notice windows//ZH")
    file.add("version", "2.0")
    file.add("x-wr-calname", title)
    file.add("x-wr-timezone", "Asia/Shanghai")
    for notice in notices:
        file.add_component(_event(notice, alarm=alarm and notice.status is NoticeStatus.OPEN))
    if not file.subcomponents:  # RFC 5545 wants at least one component, and some readers refuse a file without
        file.add_component(Timezone.from_tzid("Asia/Shanghai", first_date=FIRST))
    return file.to_ical()


def _event(notice: Row[Any], *, alarm: bool) -> Event:
    url = absolute("public.notices.show", reference=notice.reference)
    changed = api_query.updated(notice)
    words = "公示截止（暂定）" if notice.provisional else "公示截止"
    event = Event()
    event.add("uid", url)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", int((changed - notice.published_at).total_seconds()))
    event.add("dtstart", notice.last_day)
    event.add("dtend", notice.last_day + timedelta(days=1))
    event.add("summary", readable(f"{words}：{notice.title}"))
    event.add("description", f"{notice.bureau}。当日24:00（北京时间）前可以提出异议。编号{notice.reference}。{url}")
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    if notice.status is NoticeStatus.RETRACTED:
        event.add("status", "CANCELLED")
    else:
        event.add("status", "TENTATIVE" if notice.provisional else "CONFIRMED")
    if alarm:
        bell = Alarm()
        bell.add("action", "DISPLAY")
        bell.add("description", event["summary"])
        bell.add("trigger", ALARM)
        event.add_component(bell)
    return event
