"""Every minute: look up who wants to hear of the notices published since, and leave them letters in the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from jobs.runner import Outcome, each
from portal.clock import beijing_date
from portal.domain import alert_matching, alerts, policy
from portal.extensions import db
from portal.models.alert import FreshNotice, never_confirmed, subscriptions_due

BATCH = 5000


def run(*, now: datetime) -> Outcome:
    """Match fresh notices, write what is due to each subscriber, forget wishes nobody confirmed.

    Each in its own transaction, so that a second scheduler or a crash repeats and loses nothing.
    """
    fresh = db.session.scalars(select(FreshNotice.notice_id).order_by(FreshNotice.notice_id).limit(BATCH)).all()
    matched = each(fresh, partial(alert_matching.match, now=now))
    due = db.session.scalars(subscriptions_due(now).limit(BATCH)).all()
    told = each(due, partial(alert_matching.tell, now=now))
    limit = now - timedelta(hours=policy.value("alerts.confirm_hours", beijing_date(now)))
    stale = db.session.scalars(never_confirmed(limit).limit(BATCH)).all()
    forgotten = each(stale, partial(alerts.forget_unconfirmed, now=now))
    outcomes = (matched, told, forgotten)
    return Outcome(sum(outcome.done for outcome in outcomes), sum(outcome.failed for outcome in outcomes))
