"""A process that dies when told: `python -m tests.race.crasher URL FOLDER`.

Reads one order a line: what to do, with which notice, and where to die. Each order is carried out by a forked child
that kills itself there, without a word to anybody; the answer is whether it came to that.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import configure_mappers

from jobs.runner import each
from portal import create_app
from portal.config import Settings
from portal.domain import filings, notices, objections
from portal.domain.actor import PUBLIC, SYSTEM
from portal.extensions import begin_write, db

BEFORE_COMMIT, AFTER_COMMIT = "before commit", "after commit"


def close(order: dict[str, Any]) -> None:
    """What a scheduler does with one window."""
    each([order["notice"]], lambda notice_id: notices.close_window(notice_id, SYSTEM, now=_time(order)))


def file(order: dict[str, Any]) -> None:
    """What the web server does with one filing."""
    begin_write()
    said = [filings.Ground(order["text"])]
    objections.file(
        order["notice"],
        order["token"],
        said,
        filings.ANONYMOUS,
        arrived_at=_time(order),
        actor=PUBLIC,
        now=_time(order),
    )
    db.session.commit()


ACTS: dict[str, Callable[[dict[str, Any]], None]] = {"close": close, "file": file}


def serve(app: Flask) -> None:
    """Carry out orders until there are no more. No connection may exist when a child is made."""
    configure_mappers()  # once here, or every child would do it
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            with app.app_context():
                _die_at(order["point"])
                ACTS[order["act"]](order)
                db.session.remove()
                db.engine.dispose()
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


def _die_at(point: int | str) -> None:
    """Die before the statement of this number, counted from the BEGIN on, or on either side of the COMMIT."""
    statements = 0

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1
        if statements == point:
            die()

    if point == BEFORE_COMMIT:
        event.listen(db.engine, "commit", die)
    elif point == AFTER_COMMIT:
        event.listen(db.session, "after_commit", die)
    else:
        event.listen(db.engine, "before_cursor_execute", count)


def _time(order: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(order["now"])


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    serve(create_app(Settings.for_tests(sys.argv[1], Path(sys.argv[2]), testing=False)))
