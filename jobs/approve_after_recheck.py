"""Every minute: approve what a person decided, once nobody can ask for a re-check any more (复核期满; rule O7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs.runner import Outcome, each
from portal.clock import beijing_date
from portal.domain import decisions, policy
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.recheck import due_waits


def run(*, now: datetime) -> Outcome:
    """End the waits that are due at `now`. Run it twice, or two at once: nothing more happens."""
    grace = timedelta(minutes=policy.value("notice.grace_minutes", beijing_date(now)))
    due = list(db.session.scalars(due_waits(now - grace)))
    db.session.rollback()  # each case is decided in a transaction of its own
    return each(due, lambda application_id: decisions.end_wait(application_id, SYSTEM, now=now))
