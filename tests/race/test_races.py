"""Filing and closing at the same moment, ten thousand times on each database (rules N8, N9, N10, O1, O9)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jobs import close_windows
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from tests.race.plan import Receipt, Way, kept
from tests.race.referee import APPROVED_DESPITE_OBJECTION, breaches

ROOT = Path(__file__).parents[2]
INTERLEAVINGS = int(os.environ.get("PORTAL_RACES", "10000"))
"""Filings, each of which meets two schedulers closing its window."""
WINDOWS = INTERLEAVINGS * 6 // 10
SEED = int(os.environ.get("PORTAL_RACE_SEED", "20260901"))
AT_LEAST = 0.05
"""Share of the undecided races that each side must win, or filing and closing did not really meet."""


def fight(url: str, folder: Path, count: int, *how: str) -> list[Receipt]:
    """Let the processes of the arena loose on the database at `url`; returns what the filers were told."""
    command = [sys.executable, "-m", "tests.race.arena", url, str(folder), str(SEED), str(count), *how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
    return [receipt for file in sorted(folder.glob("receipts-*.json")) for receipt in kept(file)]


@pytest.mark.rule("N8", "N9", "N10", "O1", "O9")
def test_no_approval_ever_overtakes_an_objection(app, database_url, tmp_path):
    receipts = fight(database_url, tmp_path, WINDOWS)

    assert len(receipts) >= INTERLEAVINGS
    assert breaches(receipts) == []
    both_sides_won_often(receipts)

    the_end = db.session.scalars(select(Notice.ends_at).limit(1)).one()
    still_open = db.session.scalar(select(func.count(Notice.id)).where(Notice.status == NoticeStatus.OPEN))
    assert close_windows.run(now=the_end + timedelta(hours=1)) == (still_open, 0)
    assert close_windows.run(now=the_end + timedelta(hours=2)) == (0, 0)
    assert breaches(receipts) == []
    closed = Counter(db.session.scalars(select(Notice.status)))
    assert set(closed) == {NoticeStatus.CLOSED_CLEAR, NoticeStatus.CLOSED_CONTESTED}
    assert min(closed.values()) > WINDOWS * AT_LEAST


def both_sides_won_often(receipts: list[Receipt]) -> None:
    """The races were races: where the clock alone does not decide, each side won its share."""
    outcomes = Counter((receipt.way, receipt.objection) for receipt in receipts)
    for way in (Way.SLOW, Way.HELD):
        filed, turned_away = outcomes[way, True], outcomes[way, False]
        assert min(filed, turned_away) > AT_LEAST * (filed + turned_away), outcomes
    for way in (Way.LATE, Way.EXPIRED):
        assert outcomes[way, True] == 0
        assert outcomes[way, False] > 0


def test_the_referee_sees_what_happens_without_the_lock(app, database_url, tmp_path):
    receipts = fight(database_url, tmp_path, 60, "naive")

    found = breaches(receipts)

    assert sum(APPROVED_DESPITE_OBJECTION in breach for breach in found) > 10
