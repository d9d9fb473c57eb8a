"""Where filers and schedulers meet: `python -m tests.race.arena URL FOLDER SEED COUNT [naive]`.

Builds COUNT due windows in the database at URL and lets real processes file and close at once, group by group. What
the filers were told lies afterwards in FOLDER. With `naive` the closers look first and write later, without the lock.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import event, insert, select

from benchmarks import due_windows
from jobs.runner import each
from portal import create_app
from portal.clock import BEIJING
from portal.config import Settings
from portal.domain import filings, notices, objections, receipts, workflow
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.filings import ANONYMOUS, Ground
from portal.domain.workflow import Step
from portal.extensions import begin_write, db
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.words import NoticeStatus
from tests.race.plan import PAST_END, Attempt, Plan, Receipt, draw, keep

PUBLISHED = datetime(2026, 9, 1, 10, tzinfo=BEIJING)
PATIENCE = 180
"""Seconds after which a process that waits for the others gives up."""


def main(url: str, folder: Path, seed: int, count: int, naive: bool) -> None:
    settings = Settings.for_tests(url, folder, testing=False)
    with _application(settings):
        ids = due_windows.build(count, published_at=PUBLISHED)
        end = db.session.scalars(select(Notice.ends_at).where(Notice.id == ids.start)).one()
        plan = draw(ids, seed)
        _hand_out(plan, end)
    gc.freeze()  # what is loaded by now is never garbage
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(plan.filings) + len(plan.closings))
    close = _close_naively if naive else _close
    processes = [
        context.Process(target=_work, args=(settings, _file, number, plan, end, barrier, folder, naive))
        for number in range(len(plan.filings))
    ] + [
        context.Process(target=_work, args=(settings, close, number, plan, end, barrier, folder, naive))
        for number in range(len(plan.closings))
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    sys.exit(max(abs(process.exitcode or 0) for process in processes))


@contextmanager
def _application(settings: Settings) -> Iterator[None]:
    """The portal in this process; afterwards no connection is left that could cross into a forked one."""
    with create_app(settings).app_context():
        # like the tests' PostgreSQL: what a loss of power would do is not at stake here
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", lambda dbapi, _: dbapi.execute("pragma synchronous=off"))
        yield
        db.session.remove()
        db.engine.dispose()


def _hand_out(plan: Plan, end: datetime) -> None:
    """Give out the tickets of filings that began before the end, as `filings.begin` would have."""
    begin_write()
    rows = [
        {
            "token_hash": receipts.token_hash(token),
            "notice_id": notice_id,
            "begun_at": end + timedelta(seconds=begun),
            "holds_until": end + timedelta(seconds=PAST_END),
        }
        for notice_id, token, begun in plan.tickets
    ]
    db.session.execute(insert(IntakeTicket), rows)
    db.session.commit()


def _work(
    settings: Settings,
    act: Callable[..., None],
    number: int,
    plan: Plan,
    end: datetime,
    barrier: Barrier,
    folder: Path,
    naive: bool,
) -> None:
    with _application(settings):
        act(number, plan, end, barrier, folder, naive)


def _file(number: int, plan: Plan, end: datetime, barrier: Barrier, folder: Path, naive: bool) -> None:
    told: list[Receipt] = []
    for group in plan.filings[number]:
        barrier.wait(PATIENCE)
        if naive:
            barrier.wait(PATIENCE)  # until the closers have looked
        for attempt in group:
            time.sleep(attempt.pause)
            told.append(_send(attempt, end))
        if naive:
            barrier.wait(PATIENCE)
    keep(told, folder / f"receipts-{number}.json")


def _send(attempt: Attempt, end: datetime) -> Receipt:
    """Begin, unless it has begun long ago, and file: two requests, two transactions."""
    token, arrived_at = attempt.token, end + timedelta(seconds=attempt.arrived)
    while not token:
        begin_write()
        begun = filings.begin(attempt.notice_id, now=end + timedelta(seconds=attempt.begun))
        db.session.commit()
        token = begun
    begin_write()
    number = objections.file_or_complain(
        attempt.notice_id, token, [Ground(attempt.text)], ANONYMOUS, arrived_at=arrived_at, actor=PUBLIC, now=arrived_at
    )
    receipt = Receipt(attempt.notice_id, attempt.way, token, attempt.text, number.startswith("YY"), number)
    db.session.commit()
    return receipt


def _close(number: int, plan: Plan, end: datetime, barrier: Barrier, folder: Path, naive: bool) -> None:
    """The real thing: what a scheduler does with the windows it found."""
    for group in plan.closings[number]:
        clocks = {notice_id: end + timedelta(seconds=clock) for notice_id, clock, _ in group}

        def in_turn(group: list[tuple[int, float, float]] = group) -> Iterator[int]:
            for notice_id, _, pause in group:
                time.sleep(pause)
                yield notice_id

        def close(notice_id: int, clocks: dict[int, datetime] = clocks) -> None:
            notices.close_window(notice_id, SYSTEM, now=clocks[notice_id])

        barrier.wait(PATIENCE)
        each(in_turn(), close)


def _close_naively(number: int, plan: Plan, end: datetime, barrier: Barrier, folder: Path, naive: bool) -> None:
    """The control: select what is due and not objected to, then write. Between the two, somebody objects."""
    for group in plan.closings[number]:
        ids = [notice_id for notice_id, _, _ in group]
        barrier.wait(PATIENCE)
        objected = select(Objection.notice_id).where(Objection.notice_id == Notice.id).exists()
        quiet = select(Notice.id).where(Notice.id.in_(ids), Notice.status == NoticeStatus.OPEN, ~objected)
        seen = list(db.session.scalars(quiet))
        db.session.rollback()
        barrier.wait(PATIENCE)  # now the filers file
        barrier.wait(PATIENCE)
        each(seen, lambda notice_id: _approve_naively(notice_id, end))


def _approve_naively(notice_id: int, end: datetime) -> None:
    now = end + timedelta(hours=1)
    notice = db.session.get_one(Notice, notice_id)
    notice.status, notice.closed_at = NoticeStatus.CLOSED_CLEAR, now
    workflow.move(notice.application, Step.CLOSE_CLEAR, SYSTEM, now=now, detail={"notice": notice.reference})
    notices.write_noticed_content(notice, actor=SYSTEM, now=now)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    url_, folder_, seed_, count_, *more = sys.argv[1:]
    main(url_, Path(folder_), int(seed_), int(count_), naive="naive" in more)
