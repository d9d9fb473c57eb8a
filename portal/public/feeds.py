"""订阅源: notices as Atom, RSS and calendar; all of them, of one bureau, project or company (rules N1, N7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from icalendar import Calendar, Event
from sqlalchemy import ColumnElement, Row, select

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.identifiers import check_uscc
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.words import NoticeStatus
from portal.public import api_query
from portal.web import paging
from portal.web.addresses import absolute
from portal.web.bad_input import readable
from portal.web.filters import day_weekday
from portal.web.pages import kept_for

bp = Blueprint("feeds", __name__, url_prefix="/feeds")
SITE = "湖南省工程数据信息公示与监督平台"
PER_PAGE = 50
MOST_EVENTS = 500
BEGINNING = datetime(2025, 2, 14, tzinfo=clock.BEIJING)
"""Of the rules the notices follow; when a feed without entries was last updated."""
KINDS = {"atom": "application/atom+xml", "rss": "application/rss+xml"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice in a feed."""

    url: str
    title: str
    summary: str
    author: str
    kind: str
    published: datetime
    updated: datetime


@bp.get("/notices.<any(atom, rss):form>")
@kept_for(60)
def notices(form: str) -> Response:
    """All notices."""
    return _feed(form, "公示", "public.notices.index", {})


@bp.get("/bureaus/<code>.<any(atom, rss):form>")
@kept_for(60)
def bureau(code: str, form: str) -> Response:
    """The notices of a bureau and of those below it."""
    found = _bureau(code)
    return _feed(
        form, f"{found.name}的公示", "public.notices.index", api_query.within(found), page={"bureau": found.code}
    )


@bp.get("/projects/<number>.<any(atom, rss):form>")
@kept_for(60)
def project(number: str, form: str) -> Response:
    """The notices of a project."""
    found = db.session.scalar(select(Project).where(Project.number == number[:40]))
    if found is None:
        raise NotFound("没有这个项目，请核对项目编号。")
    of_it = api_query.of_project(found.id)
    return _feed(form, f"{found.name}的公示", "public.notices.index", {}, of_it, page={"q": found.number})


@bp.get("/companies/<code>.<any(atom, rss):form>")
@kept_for(60)
def company(code: str, form: str) -> Response:
    """The notices that name a company, by its unified social credit code."""
    checked = check_uscc(code).value
    if checked != code:
        raise NotFound("没有这个统一社会信用代码，请核对18位代码。")
    of_it = api_query.of_company(code)
    return _feed(form, f"企业{code}的公示", "public.notices.index", {}, of_it, page={"q": code})


@bp.get("/notices.ics")
@kept_for(60)
def calendar() -> Response:
    """The last days of all running windows."""
    return _calendar("公示截止日", {})


@bp.get("/bureaus/<code>.ics")
@kept_for(60)
def bureau_calendar(code: str) -> Response:
    """The last days of the running windows of a bureau and of those below it."""
    found = _bureau(code)
    return _calendar(f"{found.name}公示截止日", api_query.within(found))


def _bureau(code: str) -> Bureau:
    found = db.session.scalar(select(Bureau).where(Bureau.code == code[:12]))
    if found is None:
        raise NotFound("没有这个部门的订阅源，请在“数据开放”页面选择。")
    return found


def _feed(
    form: str, title: str, endpoint: str, narrowed: dict[str, Any], *conditions: ColumnElement[bool], page: Any = None
) -> Response:
    """A page of a feed, newest first; older ones by the links of RFC 5005. page: of the site, what shows the same."""
    before, _after = paging.asked()
    rows = api_query.newest(narrowed, "", *conditions, limit=PER_PAGE + 1, before=before)
    entries = [_entry(row) for row in rows[:PER_PAGE]]
    here = absolute(str(request.endpoint), **(request.view_args or {}))
    updated = max((entry.updated for entry in entries), default=BEGINNING)
    response = make_response(
        render_template(
            f"public/feeds/{form}.xml",
            title=readable(f"{title} - {SITE}"),
            author=SITE,
            feed_url=here,
            self_url=here if before is None else f"{here}?before={before}",
            next_url=f"{here}?before={rows[PER_PAGE - 1].id}" if len(rows) > PER_PAGE else "",
            page_url=absolute(endpoint, **(page or {})),
            entries=entries,
            updated=updated,
            mail_date=format_datetime,
        )
    )
    response.mimetype = KINDS[form]
    response.last_modified = updated
    return response


def _entry(row: Row[Any]) -> Entry:
    until = f"公示到{day_weekday(row.last_day)}24:00" + ("（暂定）" if row.provisional else "")
    said = f"{row.bureau}；{row.kind.label}；{row.company}；{row.status.label}；{until}；编号{row.reference}"
    return Entry(
        absolute("public.notices.show", reference=row.reference),
        readable(row.title),
        readable(said),
        row.bureau,
        row.kind.label,
        row.published_at.astimezone(clock.BEIJING).replace(microsecond=0),
        api_query.updated(row).astimezone(clock.BEIJING).replace(microsecond=0),
    )


def _calendar(title: str, narrowed: dict[str, int]) -> Response:
    """One event on the last day of each running window, those that end soonest first."""
    narrow = [getattr(Notice, column) == value for column, value in narrowed.items()]
    running = (Notice.status == NoticeStatus.OPEN, Notice.last_day >= clock.today(), *narrow)
    query = api_query.ALL.where(*running).order_by(Notice.last_day, Notice.id).limit(MOST_EVENTS)
    file = Calendar()
    file.add("prodid", f"-//{SITE}//notice windows//ZH")
    file.add("version", "2.0")
    file.add("x-wr-calname", title)
    file.add("x-wr-timezone", "Asia/Shanghai")
    for row in db.session.execute(query):
        url = absolute("public.notices.show", reference=row.reference)
        event = Event()
        event.add("uid", url)
        event.add("dtstamp", api_query.updated(row))
        event.add("dtstart", row.last_day)
        event.add("dtend", row.last_day + timedelta(days=1))
        event.add("summary", readable(("公示截止（暂定）：" if row.provisional else "公示截止：") + row.title))
        event.add("description", f"{row.bureau}。当日24:00（北京时间）前可以提出异议。{url}")
        event.add("url", url)
        event.add("transp", "TRANSPARENT")
        file.add_component(event)
    response = make_response(file.to_ical())
    response.mimetype = "text/calendar"
    return response
