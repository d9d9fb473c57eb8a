"""Every few seconds: work through spreadsheets that were handed in (rule S8)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from flask import current_app
from sqlalchemy import func, select

from jobs.runner import Outcome
from portal.domain import accounts, imports
from portal.domain.actor import Actor
from portal.domain.spreadsheets import SheetRow, SpreadsheetError, read_rows
from portal.extensions import begin_write, db, lock
from portal.integrations import storage
from portal.models.import_batch import ImportBatch, ImportRow, ImportState, RowState

log = logging.getLogger(__name__)
CHUNK = 25
"""Rows per transaction: nobody waits longer for the database than these take."""


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


def check(batch_id: int, data: bytes, *, actor: Actor, now: datetime) -> None:
    """The dry run of a whole file, some rows per transaction. May be called again after a crash."""
    name = db.session.get_one(ImportBatch, batch_id).file_name
    stored = select(ImportRow.fingerprint).where(ImportRow.batch_id == batch_id)
    seen = set(db.session.scalars(stored))
    last = db.session.scalar(select(func.max(ImportRow.number)).where(ImportRow.batch_id == batch_id)) or 0
    try:
        for chunk in _chunks(row for row in read_rows(name, data) if row.number > last):
            batch = _claim(batch_id, ImportState.UPLOADED)
            if batch is None:
                return
            imports.check_rows(batch, chunk, seen, actor=actor, now=now)
            db.session.commit()
            db.session.expunge_all()
    except SpreadsheetError as fault:
        if batch := _claim(batch_id, ImportState.UPLOADED):
            imports.refuse(batch, str(fault))
    else:
        if batch := _claim(batch_id, ImportState.UPLOADED):
            imports.checked(batch)
    db.session.commit()


def take_in(batch_id: int, *, actor: Actor, now: datetime) -> None:
    """Bring in the good rows of a started batch, each in its own transaction. May be called again after a crash."""
    good = select(ImportRow.id).where(ImportRow.batch_id == batch_id, ImportRow.state == RowState.GOOD)
    while todo := list(db.session.scalars(good.order_by(ImportRow.id).limit(CHUNK))):
        for row_id in todo:
            batch = _claim(batch_id, ImportState.IMPORTING)
            row = db.session.get_one(ImportRow, row_id, populate_existing=True)
            if batch is None or row.state is not RowState.GOOD:
                db.session.rollback()  # another process is at it
                return
            imports.take_in_row(batch, row, actor=actor, now=now)
            db.session.commit()
        db.session.expunge_all()
    if batch := _claim(batch_id, ImportState.IMPORTING):
        imports.finish(batch, actor=actor, now=now)
    db.session.commit()


def _claim(batch_id: int, state: ImportState) -> ImportBatch | None:
    """The batch, held for one transaction, if it is still in `state`."""
    begin_write()
    batch = lock(ImportBatch, batch_id)
    return batch if batch.state is state else None


def _advance(batch_id: int, now: datetime) -> None:
    batch = db.session.get_one(ImportBatch, batch_id)
    actor = accounts.actor_of(batch.uploaded_by)
    if batch.state is ImportState.IMPORTING:
        take_in(batch_id, actor=actor, now=now)
        return
    data = storage.get(current_app.config["PORTAL"].storage_url, batch.store_key)
    check(batch_id, data, actor=actor, now=now)


def _chunks(rows: Iterable[SheetRow]) -> Iterator[list[SheetRow]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
