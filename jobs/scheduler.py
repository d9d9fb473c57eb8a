"""The timetable, on one page. One process leads; the others stand by and take over within a second or two.

Jobs are level-triggered (what is due now), so a missed run, a second scheduler or a crash changes nothing but the time.
"""

from __future__ import annotations

import logging
import signal
import threading
from types import ModuleType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from jobs import (
    approve_after_recheck,
    close_windows,
    escalate_overdue,
    import_rows,
    prune_mail,
    send_alerts,
    send_mail,
    settle_windows,
    sweep_tickets,
    watch_notices,
)
from jobs.leader import Leadership
from jobs.runner import recorded
from portal import clock

log = logging.getLogger(__name__)
SECONDS_BETWEEN_LOOKS = 1.0
"""How often each process asks whether it leads: a standby takes over that much later than the lead falls free."""

TIMETABLE: dict[ModuleType, int] = {
    close_windows: 60,
    approve_after_recheck: 60,
    settle_windows: 300,
    escalate_overdue: 300,
    watch_notices: 300,
    sweep_tickets: 3600,
    send_alerts: 60,
    send_mail: 60,
    prune_mail: 86400,
    import_rows: 2,
}
"""Job and seconds between its runs. All run every day: what is due on a Saturday is due."""


def serve(app: Flask) -> None:
    """Run the timetable until a signal ends it; only while this process leads."""
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with app.app_context():
        leadership = Leadership()
    scheduler: BackgroundScheduler | None = None
    log.info("ready")
    try:
        while not ended.is_set():
            if leadership.held():
                scheduler = scheduler or _start(app)
            elif scheduler is not None:
                log.warning("lost the lead; another scheduler has taken over")
                scheduler.shutdown(wait=False)
                scheduler = None
            ended.wait(SECONDS_BETWEEN_LOOKS)
    finally:
        if scheduler is not None:
            scheduler.shutdown(wait=True)
        leadership.give_up()


def _start(app: Flask) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        timezone=clock.BEIJING, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
    )
    for job, seconds in TIMETABLE.items():
        # the first run at once: it sweeps what fell due while nobody led
        scheduler.add_job(_run, IntervalTrigger(seconds=seconds), args=(app, job), next_run_time=clock.unmoved())
    scheduler.start()
    log.info("leading")
    return scheduler


def _run(app: Flask, job: ModuleType) -> None:
    with app.app_context():
        if job is import_rows:  # looks for work every other second; only real work deserves a line
            job.run(now=clock.now())
            return
        recorded(job.__name__.rpartition(".")[2], job.run, now=clock.now())
