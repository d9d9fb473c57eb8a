"""How many objections a second the verb takes, each in a durable transaction of its own, at size (rules O1, N9)."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

from benchmarks.databases import application
from benchmarks.questions import GROUND, tickets
from portal import clock
from portal.domain import objections
from portal.domain.actor import PUBLIC
from portal.domain.filings import ANONYMOUS, Ground
from portal.domain.receipts import token_hash
from portal.extensions import begin_write, db
from portal.models.notice import IntakeTicket

PROCESSES = (1, 2, 4)


def measure(url: str, count: int) -> dict[int, float]:
    """Transactions a second by the number of processes that file at once, `count` objections in all each time."""
    return {processes: _together(url, count // processes, processes) for processes in PROCESSES}


def _together(url: str, count: int, processes: int) -> float:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(processes + 1), context.Barrier(processes + 1)
    workers = [context.Process(target=_file, args=(url, count, ready, done)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    ready.wait(120)
    began = time.perf_counter()
    done.wait(600)
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return processes * count / seconds


def _file(url: str, count: int, ready: Any, done: Any) -> None:
    with application(url):
        tokens = tickets(count + 20)
        notices = {token: _notice_of(token) for token in tokens}
        for token in tokens[:20]:
            _file_one(token, notices[token])
        ready.wait(120)
        for token in tokens[20:]:
            _file_one(token, notices[token])
        done.wait(600)


def _notice_of(token: str) -> int:
    found = db.session.scalar(db.select(IntakeTicket.notice_id).where(IntakeTicket.token_hash == token_hash(token)))
    return found or 0


def _file_one(token: str, notice_id: int) -> None:
    now, grounds = clock.now(), [Ground(GROUND)]
    begin_write()
    objections.file(notice_id, token, grounds, ANONYMOUS, arrived_at=now, actor=PUBLIC, now=now)
    db.session.commit()
