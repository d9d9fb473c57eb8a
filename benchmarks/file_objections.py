"""How many objections a second are taken for good: begin and file, two requests, two commits each (rules O1, N9)."""

from __future__ import annotations

import multiprocessing
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import due_windows
from portal import create_app
from portal.clock import BEIJING
from portal.config import Settings
from portal.domain import filings, objections
from portal.domain.actor import PUBLIC
from portal.domain.filings import ANONYMOUS, Ground
from portal.extensions import begin_write, db

PUBLISHED = datetime(2026, 9, 1, 10, tzinfo=BEIJING)
ARRIVED = PUBLISHED + timedelta(hours=1)


def measure(database_url: str, count: int, processes: int = 1) -> dict[str, Any]:
    """File `count` objections in all, from `processes` processes at once, into an empty migrated database."""
    with TemporaryDirectory() as folder:
        settings = Settings.for_tests(database_url, Path(folder), testing=False)
        with create_app(settings).app_context():
            ids = due_windows.build(200, published_at=PUBLISHED)
            db.session.remove()
            db.engine.dispose()
        context = multiprocessing.get_context("fork")
        ready = context.Barrier(processes + 1)
        workers = [
            context.Process(target=_file, args=(settings, ids, count // processes, number, ready))
            for number in range(processes)
        ]
        for worker in workers:
            worker.start()
        ready.wait(60)
        begun = time.perf_counter()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - begun
    return {
        "database": database_url.partition(":")[0],
        "processes": processes,
        "filings": count // processes * processes,
        "seconds": round(seconds, 2),
        "filings_per_second": round(count // processes * processes / seconds, 1),
    }


def _file(settings: Settings, ids: range, count: int, number: int, ready: Any) -> None:
    with create_app(settings).app_context():
        ready.wait(60)
        for at in range(count):
            file_one(ids[(at * 7 + number) % len(ids)])
        db.session.remove()
        db.engine.dispose()


def file_one(notice_id: int) -> None:
    """What the two requests of one objection do to the database."""
    begin_write()
    token = filings.begin(notice_id, now=ARRIVED)
    db.session.commit()
    begin_write()
    said = [Ground("合同金额与实际不符，附件为原合同")]
    objections.file(notice_id, token, said, ANONYMOUS, arrived_at=ARRIVED, actor=PUBLIC, now=ARRIVED)
    db.session.commit()
