"""Every few minutes: let provisional and running windows follow the calendar as it is known now (rules N5, N6)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from jobs.runner import Outcome, each
from portal.domain import notices, workdays
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus


def run(*, now: datetime) -> Outcome:
    """Settle every open window that was published, or last settled, under another state of the calendar.

    A provisional window changes only when the calendar does, so that it too waits for a new version. A window that
    falls due before its turn comes is settled by its closing.
    """
    version = workdays.load_calendar(db.session).version
    behind = select(Notice.id).where(Notice.status == NoticeStatus.OPEN, Notice.calendar_version != version)
    ids = list(db.session.scalars(behind.order_by(Notice.id)))

    return each(ids, lambda notice_id: notices.settle(db.session.get_one(Notice, notice_id), actor=SYSTEM, now=now))
