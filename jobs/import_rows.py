"""Every few seconds: work through spreadsheets that were handed in (rule S8)."""

from __future__ import annotations

import logging
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from jobs.runner import Outcome
from portal.domain import accounts, imports
from portal.extensions import db
from portal.integrations import storage
from portal.models.import_batch import ImportBatch, ImportState

log = logging.getLogger(__name__)


def run(*, now: datetime) -> Outcome:
    """Check what was uploaded and take in what was started. Interrupted, it goes on where it stopped."""
    waiting = list(
        db.session.scalars(
            select(ImportBatch.id)
            .where(ImportBatch.state.in_([ImportState.UPLOADED, ImportState.IMPORTING]))
            .order_by(ImportBatch.id)
        )
    )
    done = failed = 0
    for batch_id in waiting:
        try:
            _advance(batch_id, now)
            done += 1
        except Exception:
            db.session.rollback()
            failed += 1
            log.exception("import %s failed", batch_id)
    return Outcome(done, failed)


def _advance(batch_id: int, now: datetime) -> None:
    batch = db.session.get_one(ImportBatch, batch_id)
    actor = accounts.actor_of(batch.uploaded_by)
    if batch.state is ImportState.IMPORTING:
        imports.take_in(batch_id, actor=actor, now=now)
        return
    data = storage.get(current_app.config["PORTAL"].storage_url, batch.store_key)
    imports.check(batch_id, data, actor=actor, now=now)
