"""Two schedulers, real processes: one leads, the other takes over when it dies, and nothing happens twice (rule N8)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from benchmarks import due_windows
from portal.extensions import db
from portal.models.job_run import JobRun
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from tests.builders import at
from tests.race.referee import breaches
from tests.support.web_server import environment_of

ROOT = Path(__file__).parents[2]
PUBLISHED = at("2026-09-01 10:00")
TAKES_OVER_WITHIN = 30.0
STARTS_WITHIN = 60.0


class Scheduler:
    """A `python -m jobs` of its own."""

    def __init__(self, app: Flask, folder: Path, name: str) -> None:
        self.log = folder / f"scheduler-{name}.log"
        environment = os.environ | environment_of(app.config["PORTAL"]) | {"PORTAL_STATE": str(folder)}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jobs"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )

    def says(self, what: str) -> bool:
        return what in self.log.read_text()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)


@contextmanager
def schedulers(app: Flask, folder: Path, *names: str) -> Iterator[list[Scheduler]]:
    """As many schedulers as names, gone at the end."""
    with ExitStack() as stack:
        running = [Scheduler(app, folder, name) for name in names]
        for scheduler in running:
            stack.callback(scheduler.process.wait)
            stack.callback(scheduler.process.kill)
        yield running


def wait_until(true: Callable[[], bool], seconds: float) -> float:
    """How many seconds it took to become true; fails if it takes longer than `seconds`."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds
        time.sleep(0.02)
    return time.monotonic() - begun


def open_windows() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Notice.id)).where(Notice.status == NoticeStatus.OPEN)) or 0


def runs() -> list[JobRun]:
    """What the job log says of the closings."""
    db.session.rollback()
    return list(db.session.scalars(select(JobRun).where(JobRun.job == "close_windows").order_by(JobRun.id)))


@pytest.mark.rule("N8")
def test_the_standby_takes_over_when_the_leader_is_killed(app, tmp_path):
    due_windows.build(20, published_at=PUBLISHED)
    with schedulers(app, tmp_path, "a", "b") as both:
        wait_until(lambda: all(each.says("ready") for each in both), STARTS_WITHIN)
        wait_until(lambda: any(each.says("leading") for each in both), TAKES_OVER_WITHIN)
        leader, standby = sorted(both, key=lambda each: not each.says("leading"))
        wait_until(lambda: open_windows() == 0, STARTS_WITHIN)
        assert not standby.says("leading")

        due_windows.build(20, published_at=PUBLISHED)
        assert leader.kill() == -signal.SIGKILL
        wait_until(lambda: standby.says("leading"), TAKES_OVER_WITHIN)
        wait_until(lambda: open_windows() == 0, STARTS_WITHIN)  # the new leader sweeps at once what fell due meanwhile
        assert standby.kill(signal.SIGTERM) == 0
    assert breaches([]) == []


@pytest.mark.rule("N8")
def test_a_leader_killed_in_the_middle_of_its_sweep_leaves_the_rest_to_the_next(app, tmp_path):
    due_windows.build(150, published_at=PUBLISHED)
    with schedulers(app, tmp_path, "a") as (first,):
        wait_until(lambda: open_windows() < 150, STARTS_WITHIN)
        first.kill()
        left = open_windows()
        assert 0 < left < 150
        assert breaches([]) == []
        with schedulers(app, tmp_path, "b"):
            wait_until(lambda: len(runs()) == 2 and runs()[1].finished_at is not None, STARTS_WITHIN)
    assert breaches([]) == []
    assert open_windows() == 0
    assert runs()[0].finished_at is None  # everyone can see that it crashed
    assert left - 1 <= runs()[1].done <= left


@pytest.mark.rule("N8")
def test_two_who_both_believe_they_lead_do_everything_once(app, database_url, tmp_path):
    due_windows.build(100, published_at=PUBLISHED)
    code = (
        "import sys; from portal import clock, create_app; from jobs import close_windows\n"
        "with create_app().app_context(): print(*close_windows.run(now=clock.now()))"
    )
    environment = os.environ | environment_of(app.config["PORTAL"]) | {"PORTAL_STATE": str(tmp_path)}
    leaders = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outcomes = [tuple(map(int, leader.communicate(timeout=120)[0].split())) for leader in leaders]

    assert sum(done for done, _ in outcomes) == 100
    assert [failed for _, failed in outcomes] == [0, 0]
    assert open_windows() == 0
    assert breaches([]) == []
