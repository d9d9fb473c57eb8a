"""Every minute: close the windows whose last day has passed (公示期届满; rules N8, N9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import tuple_

from jobs.runner import Outcome, each
from portal.clock import beijing_date
from portal.domain import notices, policy
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.notice import Notice, due_notices

BATCH = 1000


def run(*, now: datetime) -> Outcome:
    """Close what is due at `now`. Run it twice, or two at once: nothing more happens."""
    return each(due(now), lambda notice_id: notices.close_window(notice_id, SYSTEM, now=now))


def due(now: datetime) -> Iterator[int]:
    """Ids of windows that may be closed, read in batches by key so that memory does not grow with their number."""
    instant = now - timedelta(minutes=policy.value("notice.grace_minutes", beijing_date(now)))
    after = None
    while True:
        query = due_notices(instant).with_only_columns(Notice.id, Notice.ends_at).limit(BATCH)
        if after is not None:
            query = query.where(tuple_(Notice.ends_at, Notice.id) > after)
        batch = db.session.execute(query).all()
        db.session.rollback()
        yield from (row.id for row in batch)
        if len(batch) < BATCH:
            return
        after = (batch[-1].ends_at, batch[-1].id)
