"""Every hour: let provisional and running windows follow the calendar as it is known now (rules N5, N6)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from jobs.runner import Outcome, each
from portal.domain import notices, workdays
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus


def run(*, now: datetime) -> Outcome:
    """Settle every open window that was published under another state of the calendar."""
    version = workdays.load_calendar(db.session).version
    behind = select(Notice.id).where(
        Notice.status == NoticeStatus.OPEN, or_(Notice.calendar_version != version, Notice.provisional)
    )
    ids = list(db.session.scalars(behind.order_by(Notice.id)))

    def settle(notice_id: int) -> None:
        notices.settle(db.session.get_one(Notice, notice_id), actor=SYSTEM, now=now)

    return each(ids, settle)
