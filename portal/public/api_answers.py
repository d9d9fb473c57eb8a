"""What each address of the open interface answers; `api` holds the table of addresses."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain import notice_content, policy, workdays
from portal.domain.errors import NotFound, RuleViolation
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice, WindowChange
from portal.public import api_models, api_query
from portal.public.api_asked import DaysQuery, NoticeQuery
from portal.public.api_projects import project_numbered
from portal.public.scoreboard import present
from portal.web.addresses import absolute

NO_NOTICE = "没有这个公示编号，请核对。"
NO_BUREAU = "没有这个部门代码，代码见/api/v1/bureaus。"
_LATER = aliased(Notice)
_REPLACED_BY = (
    select(_LATER.reference)
    .where(_LATER.application_id == Notice.application_id, _LATER.id > Notice.id)
    .order_by(_LATER.id.desc())
    .limit(1)
    .correlate(Notice)
    .scalar_subquery()
)
_WHOLE = api_query.ALL.add_columns(Notice.content, Notice.retraction_reason, _REPLACED_BY.label("replaced_by"))
_MOVES = select(
    WindowChange.old_last_day, WindowChange.new_last_day, WindowChange.reason, WindowChange.changed_at
).order_by(WindowChange.id)


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
        conditions.append(api_query.of_project(project_numbered(asked.project).id))
    if asked.company is not None:
        conditions.append(api_query.of_company(asked.company.upper()))
    found = api_query.newest(narrowed, asked.q or "", *conditions, limit=asked.limit + 1, before=asked.before)
    page = found[: asked.limit]
    return api_models.Notices(
        items=[api_models.Notice(**_notice(row)) for row in page],
        next=api_query.next_page(page[-1].id) if len(found) > asked.limit else None,
    )


def notice(reference: str) -> api_models.NoticeDetail:
    """One notice as it was published, and what became of it."""
    row = _find_notice(reference)
    moved = db.session.execute(_MOVES.where(WindowChange.notice_id == row.id))
    content = json.loads(row.content)
    return api_models.NoticeDetail(
        **_notice(row),
        retraction_reason=row.retraction_reason,
        replaced_by=row.replaced_by,
        moves=[
            api_models.Move(**(each._asdict() | {"changed_at": each.changed_at.astimezone(clock.BEIJING)}))
            for each in moved
        ],
        public_evidence=[
            api_models.PublicCopy(
                url=absolute("public.public_evidence.show", reference=row.reference, place=place), **copy
            )
            for place, copy in enumerate(notice_content.public_evidence(content), start=1)
        ],
        content=content,
    )


def window(reference: str) -> api_models.Window:
    """The window of a notice, up to the last day that stands there (rule N6)."""
    row = _find_notice(reference)
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
    return _window(_counted(day, policy.value("notice.working_days", day)))


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
                calendar=absolute("public.feeds.bureau_calendar", code=bureau.code),
            )
            for bureau in found
        ]
    )


def working_days(asked: DaysQuery) -> api_models.Days:
    """What each day is, and when a notice published on it would end (rules N3, N4)."""
    calendar, length = workdays.load_calendar(db.session), policy.throughout("notice.working_days")
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
                window_ends=_counted(day, length(day)).last_day,
            )
        )
    return api_models.Days(items=days)


def scoreboard() -> api_models.Scoreboard:
    """How each bureau does; counted every ten minutes (rule E3)."""
    board = present()
    return api_models.Scoreboard(since=board.since, until=board.until, items=board.scores)


def _bureau(code: str) -> Bureau:
    found = db.session.scalar(select(Bureau).where(Bureau.code == code))
    if found is None:
        raise NotFound(NO_BUREAU)
    return found


def _find_notice(reference: str) -> Row[Any]:
    row = db.session.execute(_WHOLE.where(Notice.reference == reference[:60])).first()
    if row is None:
        raise NotFound(NO_NOTICE)
    return row


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


def _counted(day: date, length: int) -> workdays.Window:
    try:
        return workdays.open_window(day, workdays.load_calendar(db.session), length)
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
