"""公示: the list and each notice (rules N1, N2)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal import clock
from portal.domain import policy, sections, trail, workdays
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice, WindowChange
from portal.models.search import COUNT_LIMIT, count_up_to_limit, matching
from portal.models.trail_entry import case_history
from portal.models.words import Kind, NoticeStatus, Section, Subject, Tier
from portal.public.notice_list import as_rows, chip, columns
from portal.web.paging import newest_first
from portal.web.pages import kept_for, page

bp = Blueprint("notices", __name__, url_prefix="/notices")
LONGEST_SEARCH = 60


@bp.get("")
@kept_for(10)
def index() -> Response:
    """All notices, newest first, by bureau, kind, subject, status and any words of names and numbers."""
    query, said = _filtered()
    found = newest_first(columns(query), Notice.id)
    return page(
        "public/notices/index.html",
        partial="public/notices/_list.html",
        rows=as_rows(found.items),
        older_url=found.older_url,
        newer_url=found.newer_url,
        count=count_up_to_limit(query.with_only_columns(Notice.id)) if said["q"] else None,
        count_limit=COUNT_LIMIT,
        said=said,
        choices={"bureau": _bureaus(), "kind": list(Kind), "subject": list(Subject), "status": list(NoticeStatus)},
    )


@bp.get("/<reference>")
@kept_for(10)
def show(reference: str) -> Response:
    """One notice as it was published, with what became of it."""
    notice = find(reference, undefer(Notice.content))
    said = json.loads(notice.content)
    today = clock.today()
    calendar = workdays.load_calendar(db.session)
    published = clock.beijing_date(notice.published_at)
    words, tone = chip(notice.status, notice.last_day, today, calendar)
    return page(
        "public/notices/show.html",
        notice=notice,
        said=said,
        changes=[_change(change) for change in said["changes"]],
        window=workdays.window_until(published, notice.last_day, calendar, provisional=notice.provisional),
        left=workdays.working_days_left(today, notice.last_day, calendar),
        chip=words,
        tone=tone,
        is_open=notice.status is NoticeStatus.OPEN and clock.now() < notice.ends_at,
        moved=db.session.scalars(select(WindowChange).where(WindowChange.notice_id == notice.id)).all(),
        history=[
            (entry, trail.facts(entry)) for entry in db.session.scalars(case_history(notice.application.number))
        ],
        grace=policy.value("notice.grace_minutes", today),
    )


def find(reference: str, *options: Any) -> Notice:
    """The notice with this reference, or 404."""
    query = select(Notice).where(Notice.reference == reference[:40]).options(*options)
    return db.first_or_404(query)  # type: ignore[no-any-return]


def _filtered() -> tuple[Any, dict[str, str]]:
    """The query the address asks for, and what it asks, with everything that is no known choice left out."""
    args = request.args
    query = select(Notice)
    said = {"q": args.get("q", "")[:LONGEST_SEARCH].strip()}
    for name, words in (("kind", Kind), ("subject", Subject), ("status", NoticeStatus)):
        said[name] = args.get(name, "") if args.get(name, "") in {word.value for word in words} else ""
        if said[name]:
            query = query.where(getattr(Notice, name) == words(said[name]))
    said["bureau"] = args.get("bureau", "")[:12]
    bureau = db.session.scalar(select(Bureau).where(Bureau.code == said["bureau"])) if said["bureau"] else None
    if bureau is None:
        said["bureau"] = ""
    elif bureau.tier is Tier.CITY:
        query = query.where(Notice.city_id == bureau.id)
    elif bureau.tier is Tier.COUNTY:
        query = query.where(Notice.bureau_id == bureau.id)
    wanted = matching(Notice, said["q"])
    if wanted is not None:
        query = query.where(wanted)
    return query, said


def _bureaus() -> list[Any]:
    """The 15 first-level bureaus with the counties below them, for the filter."""
    return list(db.session.execute(select(Bureau.code, Bureau.area_name, Bureau.tier).order_by(Bureau.sort)).all())


def _change(change: dict[str, Any]) -> dict[str, Any]:
    section = Section(change["section"])
    return {
        **change,
        "section": section,
        "fields": sections.diff(section, change["before"], change["after"]),
    }
