"""What each address of the open interface answers; `api` holds the table of addresses."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from flask import request
from sqlalchemy import ColumnElement, Engine, Row, select

from portal import clock
from portal.domain import policy, sections, workdays
from portal.domain import scoreboard as scores
from portal.domain.errors import NotFound, RuleViolation
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.search import find
from portal.public import api_models, api_query
from portal.public.api_models import DaysQuery, NoticeQuery, ProjectQuery
from portal.web.addresses import absolute

SECONDS_KEPT = 600
MOST_NOTICES = 100
NO_NOTICE = "没有这个公示编号，请核对。"
NO_PROJECT = "没有这个项目编号，请核对。"
NO_BUREAU = "没有这个部门代码，代码见/api/v1/bureaus。"
_scoreboards: WeakKeyDictionary[Engine, tuple[float, scores.Scoreboard]] = WeakKeyDictionary()


def notices(asked: NoticeQuery) -> api_models.Notices:
    """A page of notices."""
    narrowed: dict[str, Any] = {
        name: value.value
        for name, value in (("kind", asked.kind), ("subject", asked.subject), ("status", asked.status))
        if value is not None
    }
    if asked.bureau is not None:
        narrowed |= api_query.within(_bureau(asked.bureau))
    conditions: list[ColumnElement[bool]] = []
    if asked.project is not None:
        conditions.append(api_query.of_project(_project(asked.project).id))
    if asked.company is not None:
        conditions.append(api_query.of_company(asked.company.upper()))
    found = api_query.newest(narrowed, asked.q or "", *conditions, limit=asked.limit + 1, before=asked.before)
    page = found[: asked.limit]
    return api_models.Notices(
        items=[api_models.Notice(**_notice(row)) for row in page],
        next=_next(page[-1].id) if len(found) > asked.limit else None,
    )


def notice(reference: str) -> api_models.NoticeDetail:
    """One notice as it was published, and what became of it."""
    row, content, reason = _find_notice(reference)
    return api_models.NoticeDetail(**_notice(row), retraction_reason=reason, content=json.loads(content))


def window(reference: str) -> api_models.Window:
    """The window of a notice, up to the last day that stands there (rule N6)."""
    row = _find_notice(reference)[0]
    published = clock.beijing_date(row.published_at)
    found = workdays.window_until(
        published,
        row.last_day,
        workdays.load_calendar(db.session),
        provisional=row.provisional,
        length=policy.value("notice.working_days", published),
    )
    return _window(found)


def window_of_day(published: str) -> api_models.Window:
    """The window a notice published on a day would have (rules N3, N5)."""
    try:
        day = date.fromisoformat(published)
    except ValueError:
        raise NotFound("日期请写成2026-09-30的样子。") from None
    return _window(_counted(day))


def projects(asked: ProjectQuery) -> api_models.Projects:
    """A page of projects."""
    query = select(Project, Bureau.code.label("bureau_code")).join(Bureau, Project.bureau_id == Bureau.id)
    found = find(Project, asked.q, {}, limit=asked.limit + 1, before=asked.before) if asked.q else None
    if found is not None:
        query = query.where(Project.id.in_(found.ids))
    elif asked.before is not None:
        query = query.where(Project.id < asked.before)
    rows = db.session.execute(query.order_by(Project.id.desc()).limit(asked.limit + 1)).all()
    page = rows[: asked.limit]
    return api_models.Projects(
        items=[api_models.Project(**_about(row.Project, row.bureau_code)) for row in page],
        next=_next(page[-1].Project.id) if len(rows) > asked.limit else None,
    )


def project(number: str) -> api_models.ProjectDetail:
    """A project with the present content of its entries, each with its data level (rule L1)."""
    found = _project(number)
    entries = db.session.scalars(
        select(RecordEntry).where(RecordEntry.project_id == found.id).order_by(RecordEntry.section, RecordEntry.id)
    )
    of_it = api_query.newest({}, "", api_query.of_project(found.id), limit=MOST_NOTICES)
    return api_models.ProjectDetail(
        **_about(found, found.bureau.code),
        entries=[_entry(entry) for entry in entries if entry.deleted_at is None],
        notices=[row.reference for row in of_it],
    )


def bureaus() -> api_models.Bureaus:
    """All bureaus, in the order of the province's list."""
    found = list(db.session.scalars(select(Bureau).order_by(Bureau.sort)))
    codes = {bureau.id: bureau.code for bureau in found}
    return api_models.Bureaus(
        items=[
            api_models.Bureau(
                code=bureau.code,
                name=bureau.name,
                area=bureau.area_name,
                tier=bureau.tier,
                tier_name=bureau.tier.label,
                parent=codes.get(bureau.parent_id) if bureau.parent_id else None,
                address=bureau.address,
                telephone=bureau.telephone,
                atom=absolute("public.feeds.bureau", code=bureau.code, form="atom"),
            )
            for bureau in found
        ]
    )


def working_days(asked: DaysQuery) -> api_models.Days:
    """What each day is, and when a notice published on it would end (rules N3, N4)."""
    calendar = workdays.load_calendar(db.session)
    days = []
    for n in range(asked.days):
        try:
            day = asked.start + timedelta(days=n)
            info = calendar.day(day)
        except OverflowError:
            raise NotFound("日期过远，工作日历没有这一天。") from None
        except RuleViolation as refusal:
            raise NotFound(refusal.message) from None
        days.append(
            api_models.Day(
                date=day,
                kind=info.kind,
                kind_name=info.kind.label,
                name=info.name,
                working=info.kind.is_working,
                provisional=info.provisional,
                source=info.source,
                window_ends=_counted(day).last_day,
            )
        )
    return api_models.Days(items=days)


def scoreboard() -> api_models.Scoreboard:
    """Open, decided, how long it took and objections upheld, per bureau; counted every ten minutes (rule E3)."""
    kept = _scoreboards.get(db.engine)
    if kept is None or kept[0] < time.monotonic():
        kept = (time.monotonic() + SECONDS_KEPT, scores.scoreboard(now=clock.now()))
        _scoreboards[db.engine] = kept
    board = kept[1]
    items = [
        api_models.Score(
            bureau=score.code,
            name=score.name,
            tier=score.tier,
            open=score.open,
            decided=score.decided,
            median_days=score.median_days,
            objections=score.objections,
            grounds_ruled=score.grounds_ruled,
            grounds_upheld=score.grounds_upheld,
        )
        for score in board.scores
    ]
    return api_models.Scoreboard(since=board.since, until=board.until, items=items)


def _bureau(code: str) -> Bureau:
    found = db.session.scalar(select(Bureau).where(Bureau.code == code))
    if found is None:
        raise NotFound(NO_BUREAU)
    return found


def _project(number: str) -> Project:
    found = db.session.scalar(select(Project).where(Project.number == number[:60]))
    if found is None:
        raise NotFound(NO_PROJECT)
    return found


def _find_notice(reference: str) -> tuple[Row[Any], bytes, str]:
    query = api_query.ALL.add_columns(Notice.content, Notice.retraction_reason)
    row = db.session.execute(query.where(Notice.reference == reference[:60])).first()
    if row is None:
        raise NotFound(NO_NOTICE)
    return row, row.content, row.retraction_reason


def _notice(row: Row[Any]) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "url": absolute("public.notices.show", reference=row.reference),
        "title": row.title,
        "kind": row.kind,
        "kind_name": row.kind.label,
        "subject": row.subject,
        "subject_name": row.subject.label,
        "status": row.status,
        "status_name": row.status.label,
        "applicant": row.company,
        "bureau": row.bureau_code,
        "bureau_name": row.bureau,
        "published_at": row.published_at.astimezone(clock.BEIJING),
        "first_day": row.first_day,
        "last_day": row.last_day,
        "ends_at": row.ends_at.astimezone(clock.BEIJING),
        "provisional": row.provisional,
        "closed_at": row.closed_at.astimezone(clock.BEIJING) if row.closed_at else None,
        "content_hash": row.content_hash,
    }


def _about(found: Project, bureau_code: str) -> dict[str, Any]:
    return {
        "number": found.number,
        "name": found.name,
        "area_code": found.area_code,
        "bureau": bureau_code,
        "sector": found.sector,
        "sector_name": found.sector.label,
        "owner": found.owner_name,
        "owner_code": found.owner_code,
        "accepted_on": found.accepted_on,
    }


def _entry(entry: RecordEntry) -> api_models.Entry:
    fields = [
        api_models.EntryField(
            key=known.key,
            label=known.label,
            value=entry.content[known.key],
            text=sections.display(entry.section, known.key, entry.content[known.key]),
        )
        for known in sections.schema(entry.section)
        if known.key in entry.content
    ]
    return api_models.Entry(
        section=entry.section,
        section_name=entry.section.label,
        number=entry.number,
        origin=entry.origin,
        source=entry.source,
        level=entry.level,
        version=entry.version,
        fields=fields,
    )


def _counted(day: date) -> workdays.Window:
    try:
        return workdays.open_window(day, workdays.load_calendar(db.session), policy.value("notice.working_days", day))
    except OverflowError:
        raise NotFound("日期过远，工作日历没有这一天。") from None
    except RuleViolation as refusal:
        raise NotFound(refusal.message) from None


def _window(found: workdays.Window) -> api_models.Window:
    days = [
        api_models.WindowDay(
            date=each.day, counted=each.counted, kind=each.kind, reason=each.reason, source=each.source
        )
        for each in found.days[1:]
    ]
    return api_models.Window(
        published=found.published,
        first_day=found.first_day,
        last_day=found.last_day,
        ends_at=found.ends_at,
        provisional=found.provisional,
        days=days,
    )


def _next(key: int) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "before"]
    return absolute(str(request.endpoint)) + "?" + urlencode([*kept, ("before", key)])
