"""Every few minutes: look at the notices whose turn it is, as the public does, and keep what was seen (rule N7)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from flask import current_app
from sqlalchemy import Row, select, tuple_

from jobs.runner import Outcome, each
from portal.config import ConfigurationError
from portal.domain import publication_watch
from portal.domain.actor import SYSTEM
from portal.domain.publication_watch import Pace
from portal.extensions import db
from portal.integrations import public_page
from portal.integrations.public_page import Look
from portal.models.notice import Notice
from portal.models.words import SightingOutcome, SightingPlace

BATCH = 100
SECONDS_BEFORE_SECOND_LOOK = 2.0
Due = Row[int, str, str, datetime]


def run(*, now: datetime) -> Outcome:
    """Look at what is due at `now`, those that end soonest first; what a run leaves, the next one takes.

    No transaction is open while a page is fetched. Raises ConfigurationError where nobody said where the portal is
    found: then nothing is looked at and nothing is written.
    """
    site = current_app.config["PORTAL"].site_url
    if not site:
        raise ConfigurationError("PORTAL_SITE_URL is not set, so nobody knows where the public sees the notices")
    begun = time.monotonic()

    def present() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    pace = publication_watch.how_often(now)
    done = failed = 0
    for batch in _due(now, pace):
        seen = _look_at(batch, site, present)
        outcome = each(seen, partial(_note, seen, pace))
        done, failed = done + outcome.done, failed + outcome.failed
    return Outcome(done, failed)


def _due(now: datetime, pace: Pace) -> Iterator[Sequence[Due]]:
    """The notices whose turn it is, in batches by key."""
    query = (
        select(Notice.id, Notice.reference, Notice.content_hash, Notice.ends_at)
        .where(publication_watch.due(now, pace))
        .order_by(Notice.ends_at, Notice.id)
        .limit(BATCH)
    )
    batch = db.session.execute(query).all()
    while batch:
        db.session.rollback()
        yield batch
        last = batch[-1]
        batch = db.session.execute(query.where(tuple_(Notice.ends_at, Notice.id) > (last.ends_at, last.id))).all()
    db.session.rollback()


def _look_at(batch: Sequence[Due], site: str, present: Callable[[], datetime]) -> dict[int, tuple[Look, datetime]]:
    """What is seen of each, and when. What does not appear is looked at once more after a pause before that is said."""
    seen = _once(batch, site, present)
    missing = [row for row in batch if not _appears(row, seen[row.id][0])]
    if missing:
        time.sleep(SECONDS_BEFORE_SECOND_LOOK)
        seen |= _once(missing, site, present)
    return seen


def _once(batch: Sequence[Due], site: str, present: Callable[[], datetime]) -> dict[int, tuple[Look, datetime]]:
    """One look at each. A portal that does not answer about one is not asked about the others of the batch: none of
    them can be seen, and to wait for each would take hours.
    """
    seen: dict[int, tuple[Look, datetime]] = {}
    silent: Look | None = None
    for row in batch:
        look = silent or public_page.look(f"{site}/notices/{row.reference}")
        silent = look if look.http_status is None else None
        seen[row.id] = look, present()
    return seen


def _appears(row: Due, look: Look) -> bool:
    outcome = publication_watch.judge(look.http_status, look.content_hash, row.content_hash)
    return outcome is SightingOutcome.SEEN


def _note(seen: dict[int, tuple[Look, datetime]], pace: Pace, notice_id: int) -> None:
    look, at = seen[notice_id]
    publication_watch.note(
        notice_id,
        SightingPlace.PAGE,
        http_status=look.http_status,
        content_hash=look.content_hash,
        milliseconds=look.milliseconds,
        pace=pace,
        actor=SYSTEM,
        now=at,
    )
