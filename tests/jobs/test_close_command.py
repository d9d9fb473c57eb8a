"""`portal notices close`: the clock's work by hand, in any number, stopped and taken up again (rule N8)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import close_windows as benchmark
from benchmarks import due_windows
from jobs import close_windows
from jobs.runner import Outcome, each
from portal.cli.notices import notices_group
from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from tests.builders import at
from tests.race.referee import breaches
from tests.support.web_server import environment_of

ROOT = Path(__file__).parents[2]
PUBLISHED = at("2026-09-01 10:00")
MANY = 2000
FEW = 500
MEBIBYTES_ALLOWED = 8.0


def still_open() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Notice.id)).where(Notice.status == NoticeStatus.OPEN)) or 0


def test_it_closes_what_is_due_and_says_how_fast(app):
    due_windows.build(5, published_at=PUBLISHED)

    runner = app.test_cli_runner()
    result = runner.invoke(notices_group, ["close"])
    again = runner.invoke(notices_group, ["close"])

    assert result.exit_code == 0
    assert "已结束5件" in result.output
    assert "件" in result.output.rpartition("每秒")[2]
    assert again.exit_code == 0
    assert "已结束0件" in again.output
    assert breaches([]) == []


@pytest.mark.rule("N8")
def test_stopped_by_hand_it_finishes_the_one_in_hand_and_goes_on_later(app, tmp_path):
    due_windows.build(300, published_at=PUBLISHED)
    environment = os.environ | environment_of(app.config["PORTAL"]) | {"PORTAL_STATE": str(tmp_path)}
    command = [sys.executable, "-c", "from portal.cli import main; main()", "notices", "close"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while still_open() == 300 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]

    assert process.returncode == 130
    assert "再次执行即可继续" in said
    left = still_open()
    assert 0 < left < 300
    assert f"已结束{300 - left}件" in said
    assert breaches([]) == []
    assert app.test_cli_runner().invoke(notices_group, ["close"]).exit_code == 0
    assert still_open() == 0
    assert breaches([]) == []


def test_memory_does_not_grow_with_the_number_of_windows(sqlite_app):
    due_windows.build(MANY, published_at=PUBLISHED)
    db.session.remove()
    now = at("2026-09-10 00:00")
    seen = {}

    def watched() -> Iterator[int]:
        for number, row_id in enumerate(close_windows.due(now)):
            if number in (FEW, MANY - 1):
                seen[number] = benchmark.resident_mebibytes()
            yield row_id

    outcome = each(watched(), lambda row_id: notices.close_window(row_id, SYSTEM, now=now))

    assert outcome == Outcome(MANY, 0)
    assert seen[MANY - 1] - seen[FEW] < MEBIBYTES_ALLOWED
