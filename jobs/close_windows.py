"""Every minute: close the windows whose last day has passed (公示期届满; rules N8, N9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, tuple_

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
    """Ids of windows that may be closed, read in batches by key so that memory does not grow with their number.

    What could not be closed is passed over, not asked for again: the next run does that.
    """
    query = due_now(now).limit(BATCH)
    batch = _read(query)
    while batch:
        yield from (row.id for row in batch)
        last = batch[-1]
        batch = _read(query.where(tuple_(Notice.ends_at, Notice.id) > (last.ends_at, last.id)))


def due_now(now: datetime) -> Select[int, datetime]:
    """Windows whose end and grace are over, oldest end first; whether a filing holds one is asked in its turn (O1)."""
    grace = timedelta(minutes=policy.value("notice.grace_minutes", beijing_date(now)))
    return due_notices(now - grace).with_only_columns(Notice.id, Notice.ends_at)


def _read(query: Select[int, datetime]) -> list[Row[int, datetime]]:
    batch = list(db.session.execute(query))
    db.session.rollback()  # the rows are closed one by one in transactions of their own
    return batch
