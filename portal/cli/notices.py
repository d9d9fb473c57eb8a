"""`portal notices …`: what the clock does by itself, done now by hand."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from jobs import close_windows
from jobs.runner import Outcome, each
from portal import clock
from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import db


@click.group("notices", short_help="公示")
def notices_group() -> None:
    """公示。"""


@notices_group.command(short_help="立即结束所有已届满的公示 (rules N8, N9)")
@with_appcontext
def close() -> None:
    """立即结束所有已届满的公示，每件各自成一次事务，结果与定时任务完全相同。

    显示进度和速度。可以随时按Ctrl-C停下：正在办的一件会办完，再次执行从剩下的继续；与定时任务同时执行也不会重复办理。
    """
    now = clock.now()
    due = db.session.scalar(select(func.count()).select_from(close_windows.due_now(now).subquery())) or 0
    db.session.rollback()
    begun = time.monotonic()
    with stopped_by_signal() as stop, click.progressbar(length=due, label="结束公示", show_pos=True) as bar:

        def watched(ids: Iterable[int]) -> Iterator[int]:
            for at, row_id in enumerate(ids):
                if stop.is_set():
                    return
                yield row_id
                bar.label = f"结束公示 {(at + 1) / (time.monotonic() - begun):.0f}件/秒"
                bar.update(1)

        outcome = each(watched(close_windows.due(now)), lambda row_id: notices.close_window(row_id, SYSTEM, now=now))
    _report(outcome, due, time.monotonic() - begun, stop.is_set())


def _report(outcome: Outcome, due: int, seconds: float, stopped: bool) -> None:
    """Say what came of it. Ends with 1 if a row failed, with 130 if stopped by hand."""
    speed = outcome.done / seconds if seconds else 0
    click.echo(f"已结束{outcome.done}件，用时{seconds:.1f}秒，每秒{speed:.0f}件")
    waiting = due - outcome.done - outcome.failed
    if stopped:
        click.echo("已按要求停下，再次执行即可继续")
        raise SystemExit(130)
    if waiting > 0:
        click.echo(f"另有{waiting}件暂不结束：届满前开始的异议仍在提交，或已由其他进程办理")
    if outcome.failed:
        click.echo(f"有{outcome.failed}件未能办理，原因见日志；其余不受影响", err=True)
        raise SystemExit(1)


@contextmanager
def stopped_by_signal() -> Iterator[Event]:
    """An event that Ctrl-C or a polite kill sets, in place of what they usually do in the middle of anything."""
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
