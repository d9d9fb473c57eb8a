"""How a job works through its rows: each in its own transaction, one bad row never stopping the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from portal.domain.errors import NotAllowedNow
from portal.extensions import begin_write, db
from portal.models.job_run import JobRun

log = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """How many rows a run settled, and how many it could not."""

    done: int
    failed: int


def each(ids: Iterable[int], act: Callable[[int], Any]) -> Outcome:
    """Run `act` on each id in its own write transaction."""
    done = failed = 0
    for row_id in ids:
        begin_write()
        try:
            act(row_id)
            db.session.commit()
            done += 1
        except (NotAllowedNow, StaleDataError):
            db.session.rollback()  # somebody else got there first, or it is not due any more
        except OperationalError:
            db.session.rollback()
            failed += 1
            log.warning("row %s: the database was busy; the next run tries again", row_id)
        except Exception:
            db.session.rollback()
            failed += 1
            log.exception("row %s failed", row_id)
        finally:
            db.session.expunge_all()  # a run over many rows keeps none of them in memory
    return Outcome(done, failed)


def recorded(name: str, run: Callable[..., Outcome], *, now: datetime) -> Outcome:
    """Run a job and leave a line that says when it ran and what came of it."""
    begin_write()
    line = JobRun(job=name, started_at=now)
    db.session.add(line)
    db.session.commit()
    line_id, error = line.id, ""
    try:
        outcome = run(now=now)
    except Exception as failure:
        db.session.rollback()
        log.exception("job %s failed", name)
        outcome, error = Outcome(0, 0), f"{type(failure).__name__}: {failure}"[:500]
    begin_write()
    stored = db.session.get_one(JobRun, line_id)
    stored.finished_at = now
    stored.done, stored.failed, stored.error = outcome.done, outcome.failed, error
    db.session.commit()
    return outcome
