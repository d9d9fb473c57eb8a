"""How fast due windows are closed, each in a durable transaction of its own, and in how much memory (rules N8–N10)."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import due_windows
from benchmarks.loading import Progress
from jobs import close_windows
from jobs.runner import each
from portal import create_app
from portal.clock import BEIJING
from portal.config import Settings
from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import db

PUBLISHED = datetime(2026, 9, 1, 10, tzinfo=BEIJING)
LONG_AFTER = PUBLISHED + timedelta(days=30)
WARM = 500
"""Closings after which a process has loaded and compiled all it ever will."""


def measure(database_url: str, count: int) -> dict[str, Any]:
    """Build `count` due windows in the empty migrated database and close them, as `portal notices close` does.

    Keys: database, windows, closed, failed, build_seconds, seconds, rows_per_second, peak_mebibytes, and
    growth_mebibytes from the 500th closing to the last. Building and closing are processes of their own.
    """
    context = multiprocessing.get_context("spawn")  # a process that holds nothing of ours
    found: dict[str, Any] = {"database": database_url.partition(":")[0].partition("+")[0], "windows": count}
    with TemporaryDirectory() as folder:
        settings = Settings.for_tests(database_url, Path(folder), testing=False)
        for step in (_build, _close):
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=step, args=(settings, count, there))
            process.start()
            there.close()
            found |= here.recv()
            process.join()
    return found


def resident_mebibytes() -> float:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _build(settings: Settings, count: int, answer: Any) -> None:
    with create_app(settings).app_context():
        begun = time.perf_counter()
        due_windows.build(count, published_at=PUBLISHED)
        answer.send({"build_seconds": round(time.perf_counter() - begun, 1)})


def _close(settings: Settings, count: int, answer: Any) -> None:
    with create_app(settings).app_context():
        warm, progress = 0.0, Progress("closing due windows", count)

        def watched() -> Iterator[int]:
            nonlocal warm
            for at, row_id in enumerate(close_windows.due(LONG_AFTER), 1):
                progress.at(at)
                if at == min(WARM, count):
                    warm = resident_mebibytes()
                yield row_id

        begun = time.perf_counter()
        outcome = each(watched(), lambda row_id: notices.close_window(row_id, SYSTEM, now=LONG_AFTER))
        seconds = time.perf_counter() - begun
        answer.send(
            {
                "closed": outcome.done,
                "failed": outcome.failed,
                "seconds": round(seconds, 1),
                "rows_per_second": round(outcome.done / seconds, 1),
                "peak_mebibytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
                "growth_mebibytes": round(resident_mebibytes() - warm, 1),
            }
        )
        db.session.remove()
        db.engine.dispose()
