"""Every hour: drop drafts nobody came back for, a day after their tickets ran out, and yesterday's counts."""

from __future__ import annotations

from datetime import datetime

from jobs.runner import Outcome, each
from portal.domain import filings, limits
from portal.extensions import begin_write, db
from portal.models.notice import abandoned_tickets

BATCH = 5000


def run(*, now: datetime) -> Outcome:
    """Forget what was abandoned before yesterday; the next run takes what this one leaves."""
    begin_write()
    limits.forget(now=now)
    db.session.commit()
    return each(list(db.session.scalars(abandoned_tickets(now - filings.KEPT).limit(BATCH))), filings.forget)
