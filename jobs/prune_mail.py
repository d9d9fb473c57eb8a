"""Every day: drop letters that were settled long ago; what proves that somebody was told is kept longest (rule N10)."""

from __future__ import annotations

from datetime import datetime

from jobs.runner import Outcome
from portal.domain import outbox
from portal.extensions import begin_write, db

BATCH = 1000


def run(*, now: datetime) -> Outcome:
    """Walk through the outbox by key, each batch in a transaction of its own: whoever else writes waits for one
    batch at most.
    """
    done = after = 0
    while True:
        begin_write()
        ids = list(db.session.scalars(outbox.settled(after, now=now).limit(BATCH)))
        outbox.forget(ids)
        db.session.commit()
        done += len(ids)
        if len(ids) < BATCH:
            return Outcome(done, 0)
        after = ids[-1]
