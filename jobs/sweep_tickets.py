"""Every hour: drop drafts nobody came back for, a day after their tickets ran out, and yesterday's counts."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from jobs.runner import Outcome, each
from portal.domain import filings, limits
from portal.extensions import begin_write, db
from portal.integrations import storage
from portal.models.attachment import Attachment
from portal.models.notice import abandoned_tickets

BATCH = 5000


def run(*, now: datetime) -> Outcome:
    """Forget what was abandoned before yesterday, with the originals of its files (rule C7); the next run takes what
    this one leaves.
    """
    begin_write()
    limits.forget(now=now)
    db.session.commit()
    tickets = list(db.session.scalars(abandoned_tickets(now - filings.KEPT).limit(BATCH)))
    originals = set(db.session.scalars(select(Attachment.original_key).where(Attachment.ticket_id.in_(tickets))))
    outcome = each(tickets, filings.forget)
    still_needed = set(
        db.session.scalars(select(Attachment.original_key).where(Attachment.original_key.in_(originals)))
    )
    db.session.rollback()
    for key in originals - still_needed - {""}:
        storage.drop(current_app.config["PORTAL"].storage_url, key)
    return outcome
