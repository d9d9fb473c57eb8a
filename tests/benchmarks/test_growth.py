"""What is done a hundred times a second costs the same however much there is: counted in the steps SQLite takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from benchmarks.loading import load
from jobs import close_windows, sweep_tickets
from portal import clock
from portal.config import Settings
from portal.domain import filings, notices, objections
from portal.domain.actor import PUBLIC, SYSTEM
from portal.extensions import begin_write, db
from portal.models.notice import Notice, holding_tickets
from portal.models.trail_entry import TrailEntry
from portal.models.words import NoticeStatus
from tests.conftest import application
from tests.support.databases import Databases

FEW, MANY = 1500, 9000


def settings(url: str, folder: Path) -> Settings:
    """As an installation has them: the numbers beside the filters are counted anew once a minute, not for each page."""
    return Settings.for_tests(url, folder, counts_seconds=60.0)


def measured(about: Notice, app: Flask) -> dict[str, int]:
    """Steps by what was done, to the newest open notice."""
    now, said = clock.now(), [filings.Ground("合同金额与实际不符")]
    token = db_done(lambda: filings.begin(about.id, now=now))
    later = about.ends_at + timedelta(days=1)
    number = about.application.number
    db.session.rollback()
    client = app.test_client()
    client.get("/notices")  # what is read once per process is read
    tasks: dict[str, Callable[[], Any]] = {
        "begin a filing": lambda: db_done(lambda: filings.begin(about.id, now=now)),
        "file an objection": lambda: db_done(
            lambda: objections.file(about.id, token, said, filings.ANONYMOUS, arrived_at=now, actor=PUBLIC, now=now)
        ),
        "find held windows": lambda: list(db.session.scalars(holding_tickets(about.id, now))),
        "find what is due": lambda: next(close_windows.due(later), None),
        "sweep tickets": lambda: sweep_tickets.run(now=now),
        "close a window": lambda: db_done(lambda: notices.close_window(about.id, SYSTEM, now=later)),
        "read a history": lambda: list(db.session.scalars(select(TrailEntry).where(TrailEntry.case_number == number))),
        "show a notice": lambda: client.get(f"/notices/{about.reference}"),
        "show the list": lambda: client.get("/notices?status=closed_clear"),
    }
    return {what: steps_of(task) for what, task in tasks.items()}


def db_done(act: Callable[[], Any]) -> Any:
    begin_write()
    result = act()
    db.session.commit()
    return result


def steps_of(task: Callable[[], Any]) -> int:
    """Steps of SQLite's machine while `task` runs, in tens."""
    count = 0

    def one_more() -> int:
        nonlocal count
        count += 1
        return 0

    with counting(one_more):
        task()
    db.session.rollback()
    return count


@contextmanager
def counting(one_more: Callable[[], int]) -> Iterator[None]:
    """Every connection of the pool tells `one_more` of each ten steps."""
    connection = db.engine.raw_connection()
    driver: Any = connection.driver_connection
    connection.close()
    driver.set_progress_handler(one_more, 10)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


@pytest.mark.rule("N8", "O1")
def test_no_step_of_a_case_costs_more_because_there_are_more_cases(databases: Databases, tmp_path: Path) -> None:
    steps = {}
    for count in (FEW, MANY):
        with databases.fresh("sqlite") as url, application(settings(url, tmp_path)) as app:
            load(url, count)
            about = db.session.scalars(
                select(Notice).where(Notice.status == NoticeStatus.OPEN).order_by(Notice.id.desc()).limit(1)
            ).one()
            steps[count] = measured(about, app)
    assert all(found > 0 for found in steps[FEW].values()), steps[FEW]
    grown = {what: (few, steps[MANY][what]) for what, few in steps[FEW].items() if steps[MANY][what] > 2 * few + 40}
    assert grown == {}
