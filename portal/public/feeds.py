"""订阅源: notices as Atom, RSS and calendar; all of them, of one bureau, project or company (rules N1, N7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import ColumnElement, Row, bindparam, select

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.identifiers import check_uscc
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.company import Company
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from portal.public import api_query, window_calendar
from portal.public.api_projects import project_numbered
from portal.public.api_query import BadQuery
from portal.public.window_calendar import SITE
from portal.web import paging
from portal.web.addresses import absolute
from portal.web.bad_input import readable
from portal.web.filters import day_weekday
from portal.web.pages import kept_for

bp = Blueprint("feeds", __name__, url_prefix="/feeds")
PER_PAGE = 50
MOST_EVENTS = 500
BEGINNING = datetime(2025, 2, 14, tzinfo=clock.BEIJING)
"""Of the rules the notices follow; when a feed without entries was last updated."""
QUIET = timedelta(minutes=1)
"""A second is dated, and may be trusted, only once nothing of that second can still be on its way."""
_APPLIED = select(Application.applicant_name).where(Application.applicant_code == bindparam("code")).limit(1)
KINDS = {"atom": "application/atom+xml", "rss": "application/rss+xml"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice in a feed."""

    url: str
    title: str
    summary: str
    author: str
    kind: str
    status: str
    published: datetime
    updated: datetime


@bp.get("/notices.<any(atom, rss):form>")
@kept_for(60)
def notices(form: str) -> Response:
    """All notices."""
    return _feed(form, "公示", absolute("public.notices.index"), {})


@bp.get("/bureaus/<code>.<any(atom, rss):form>")
@kept_for(60)
def bureau(code: str, form: str) -> Response:
    """The notices of a bureau and of those below it."""
    found = _bureau(code)
    page = absolute("public.notices.index", bureau=found.code)
    return _feed(form, f"{found.name}的公示", page, api_query.within(found))


@bp.get("/projects/<number>.<any(atom, rss):form>")
@kept_for(60)
def project(number: str, form: str) -> Response:
    """The notices of a project."""
    found = project_numbered(number)
    page = absolute("public.projects.show", number=found.number)
    return _feed(form, f"{found.name}的公示", page, {}, api_query.of_project(found.id))


@bp.get("/companies/<code>.<any(atom, rss):form>")
@kept_for(60)
def company(code: str, form: str) -> Response:
    """The notices that name a company, by its unified social credit code; none so far is no error."""
    if check_uscc(code[:40]).value != code:
        raise NotFound("统一社会信用代码不正确，请核对18位代码（字母大写）。")
    name = db.session.scalar(select(Company.name).where(Company.code == code)) or db.session.scalar(
        _APPLIED, {"code": code}
    )
    page = absolute("public.companies.show", code=code) if name else absolute("public.notices.index")
    return _feed(form, f"涉及{name or f'企业{code}'}的公示", page, {}, api_query.of_company(code))


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


def _feed(form: str, title: str, page: str, narrowed: dict[str, Any], *conditions: ColumnElement[bool]) -> Response:
    """A page of a feed, newest first; older ones by the links of RFC 5005. page: of the site, what shows the same."""
    before, _after = paging.asked()
    if before is None and "before" in request.args:
        raise BadQuery("翻页参数before应为上一页给出的数字，请从订阅源的第一页重新开始。")
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
            page_url=page,
            entries=entries,
            updated=updated,
            mail_date=format_datetime,
        )
    )
    response.mimetype = KINDS[form]
    if entries and clock.now() - updated > QUIET:
        response.last_modified = updated
    return response


def _entry(row: Row[Any]) -> Entry:
    until = f"公示到{day_weekday(row.last_day)}24:00" + ("（暂定）" if row.provisional else "")
    said = f"{row.bureau}；{row.kind.label}；{row.company}；{row.status.label}；{until}；编号{row.reference}"
    title = f"〔已撤回〕{row.title}" if row.status is NoticeStatus.RETRACTED else row.title
    return Entry(
        absolute("public.notices.show", reference=row.reference),
        readable(title),
        readable(said),
        row.bureau,
        row.kind.label,
        row.status.label,
        row.published_at.astimezone(clock.BEIJING).replace(microsecond=0),
        api_query.updated(row).astimezone(clock.BEIJING).replace(microsecond=0),
    )


def _calendar(title: str, narrowed: dict[str, int]) -> Response:
    """One event on the last day of each running window, those that end soonest first."""
    narrow = [getattr(Notice, column) == value for column, value in narrowed.items()]
    running = (Notice.status == NoticeStatus.OPEN, Notice.ends_at > clock.now(), *narrow)
    query = api_query.ALL.where(*running).order_by(Notice.ends_at, Notice.id).limit(MOST_EVENTS)
    response = make_response(window_calendar.of(title, db.session.execute(query)))
    response.mimetype = "text/calendar"
    return response
