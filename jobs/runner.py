"""How a job works through its rows: each in its own transaction, one bad row never stopping the rest."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from portal.config import ConfigurationError
from portal.domain.errors import NotAllowedNow, Stale
from portal.extensions import begin_write, db
from portal.models.job_run import JobRun

log = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """How many rows a run settled, and how many it could not."""

    done: int
    failed: int


def each(ids: Iterable[int], act: Callable[[int], Any]) -> Outcome:
    """Run `act` on each id in its own write transaction.

    Neither done nor failed: somebody else got there first, or it is not due any more. Failed, and logged: all else.
    """
    done = failed = 0
    for row_id in ids:
        try:
            begin_write()
            act(row_id)
            db.session.commit()
            done += 1
        except Stale:
            db.session.rollback()
            failed += 1  # what it is about is no longer what was decided upon: only a person can help
            log.exception("row %s is about something that has changed", row_id)
        except (NotAllowedNow, StaleDataError):
            db.session.rollback()
        except OperationalError:
            db.session.rollback()
            failed += 1
            log.warning("row %s: the database was busy; the next run tries again", row_id)
        except Exception:
            db.session.rollback()
            failed += 1
            log.exception("row %s failed", row_id)
    return Outcome(done, failed)


def recorded(name: str, run: Callable[..., Outcome], *, now: datetime) -> Outcome:
    """Run a job and leave a line that says when it ran, how long, and what came of it.

    The end is counted from `now`, so that the demo's clock, which may jump meanwhile, cannot make it precede the start.
    """
    begun = time.monotonic()
    begin_write()
    line = JobRun(job=name, started_at=now)
    db.session.add(line)
    db.session.commit()
    line_id, error = line.id, ""
    try:
        outcome = run(now=now)
    except ConfigurationError as lacking:
        log.warning("job %s does nothing: %s", name, lacking)
        outcome, error = Outcome(0, 0), str(lacking)[:500]
    except Exception as failure:
        db.session.rollback()
        log.exception("job %s failed", name)
        outcome, error = Outcome(0, 0), f"{type(failure).__name__}: {failure}"[:500]
    begin_write()
    stored = db.session.get_one(JobRun, line_id)
    stored.finished_at = now + timedelta(seconds=time.monotonic() - begun)
    stored.done, stored.failed, stored.error = outcome.done, outcome.failed, error
    db.session.commit()
    return outcome
