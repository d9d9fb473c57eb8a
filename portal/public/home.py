"""首页."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import func, select

from portal import clock
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from portal.public.notice_list import rows
from portal.web.pages import kept_for, page

bp = Blueprint("home", __name__)
SHOWN = 8


@bp.get("/")
@kept_for(10)
def index() -> Response:
    """What is on notice, what closes today, and how a notice works."""
    today = clock.today()
    open_now = Notice.status == NoticeStatus.OPEN
    closing = rows(select(Notice).where(open_now, Notice.last_day == today).order_by(Notice.id.desc()).limit(SHOWN))
    latest = rows(select(Notice).where(open_now).order_by(Notice.id.desc()).limit(SHOWN))
    counts = {
        "open": _count(open_now),
        "closing_today": _count(open_now, Notice.last_day == today),
        "closed": _count(Notice.status == NoticeStatus.CLOSED_CLEAR),
        "contested": _count(Notice.status == NoticeStatus.CLOSED_CONTESTED),
    }
    return page("public/home.html", closing=closing, latest=latest, counts=counts)


def _count(*conditions: object) -> int:
    limited = select(Notice.id).where(*conditions).limit(10_000).subquery()  # type: ignore[arg-type]
    return db.session.scalar(select(func.count()).select_from(limited)) or 0
