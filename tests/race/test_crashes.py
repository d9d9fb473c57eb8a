"""kill -9 at every statement of a closing and of a filing: nothing is half done, the next run does it right (N10)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks import due_windows
from jobs.runner import Outcome, each
from portal.domain import filings, notices, objections
from portal.domain.actor import PUBLIC, SYSTEM
from portal.extensions import begin_write, db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from tests.builders import at, done
from tests.race.crasher import AFTER_COMMIT, BEFORE_COMMIT
from tests.race.plan import Receipt, Way
from tests.race.referee import breaches

ROOT = Path(__file__).parents[2]
PUBLISHED = at("2026-09-01 10:00")
FEWEST_STATEMENTS = 4
MOST_STATEMENTS = 24

Order = Callable[..., bool]


@pytest.fixture
def crasher(app, database_url, tmp_path) -> Iterator[Order]:
    """Asks a process on the same database to do something and to die at a point; says whether it died."""
    command = [sys.executable, "-m", "tests.race.crasher", database_url, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        orders, answers = process.stdin, process.stdout
        assert orders is not None
        assert answers is not None

        def order(act: str, point: int | str, notice_id: int, now: datetime, **more: str) -> bool:
            db.session.rollback()
            said = {"act": act, "point": point, "notice": notice_id, "now": now.isoformat(), **more}
            orders.write(json.dumps(said) + "\n")
            orders.flush()
            answer = answers.readline().strip()
            assert answer in ("killed", "ended 0"), answer
            return answer == "killed"

        yield order
        orders.close()


@pytest.mark.rule("N8", "N9", "N10")
@pytest.mark.parametrize("objected", [False, True], ids=["quiet", "objected"])
def test_a_closing_killed_anywhere_is_done_whole_or_not_at_all(crasher, objected):
    windows = iter(due_windows.build(MOST_STATEMENTS, published_at=PUBLISHED))
    receipts = []

    def due() -> int:
        notice_id = next(windows)
        if objected:
            receipts.append(object_to(notice_id))
        return notice_id

    points = killed_at_every_point(crasher, "close", due, lambda _: {}, closed, lambda: receipts)

    assert points > FEWEST_STATEMENTS
    expected = NoticeStatus.CLOSED_CONTESTED if objected else NoticeStatus.CLOSED_CLEAR
    seen = list(db.session.scalars(select(Notice.status).where(Notice.status != NoticeStatus.OPEN)))
    assert seen == [expected] * (points + 3)  # every statement, both sides of the commit, and the one that went through


@pytest.mark.rule("N10", "O1", "O4")
def test_a_filing_killed_anywhere_is_kept_whole_or_not_at_all_and_may_be_sent_again(crasher):
    windows = iter(due_windows.build(MOST_STATEMENTS, published_at=PUBLISHED))
    receipts: list[Receipt] = []

    def begun(notice_id: int) -> dict[str, str]:
        end = db.session.get_one(Notice, notice_id).ends_at
        return {
            "token": done(lambda: filings.begin(notice_id, now=end - timedelta(minutes=1))),
            "text": text(notice_id),
        }

    def filed_again(notice_id: int, now: datetime, more: dict[str, str]) -> bool:
        before = fingerprint()
        receipts.append(object_to(notice_id, more["token"]))
        return fingerprint() != before

    points = killed_at_every_point(crasher, "file", lambda: next(windows), begun, filed_again, lambda: receipts)

    assert points > FEWEST_STATEMENTS
    assert len(receipts) == points + 3


def killed_at_every_point(
    crasher: Order,
    act: str,
    due: Callable[[], int],
    prepare: Callable[[int], dict[str, str]],
    do_it: Callable[[int, datetime, dict[str, str]], bool],
    receipts: Callable[[], list[Receipt]],
) -> int:
    """Kill `act` before its first statement, its second and so on, each time on a fresh notice, until it is over.

    After each kill nothing, or after the commit everything, is there; then `do_it` does it in peace and says whether
    that changed anything. Returns how many statements there were to die at.
    """
    points: list[int | str] = [BEFORE_COMMIT, AFTER_COMMIT, *range(1, MOST_STATEMENTS)]
    for point in points:
        notice_id = due()
        more = prepare(notice_id)
        now = db.session.get_one(Notice, notice_id).ends_at + timedelta(minutes=10 if act == "close" else -1)
        before = fingerprint()
        killed = crasher(act, point, notice_id, now, **more)
        nothing_happened = fingerprint() == before
        whole = not killed or point == AFTER_COMMIT
        assert nothing_happened is not whole, f"killed at {point}"
        assert do_it(notice_id, now, more) is not whole, f"killed at {point}"
        assert breaches(receipts()) == [], f"killed at {point}"
        if not killed:
            return int(point) - 1
    raise AssertionError(f"{act} takes more than {MOST_STATEMENTS} statements")


def closed(notice_id: int, now: datetime, _: dict[str, str]) -> bool:
    """Close it as the scheduler would; True if that was still to do."""
    outcome = each([notice_id], lambda row_id: notices.close_window(row_id, SYSTEM, now=now))
    assert outcome.failed == 0
    return outcome == Outcome(1, 0)


def object_to(notice_id: int, token: str = "") -> Receipt:
    """File an objection in time and keep what the filer was told."""
    now = db.session.get_one(Notice, notice_id).ends_at - timedelta(minutes=1)
    known = token or done(lambda: filings.begin(notice_id, now=now))
    begin_write()
    number = objections.file(
        notice_id, known, [filings.Ground(text(notice_id))], filings.ANONYMOUS, arrived_at=now, actor=PUBLIC, now=now
    )
    receipt = Receipt(notice_id, Way.SLOW, known, text(notice_id), True, number)
    db.session.commit()
    return receipt


def text(notice_id: int) -> str:
    return f"第{notice_id}号公示的合同金额与实际不符"


def fingerprint() -> str:
    """A hash of every row of every table, as anybody sees them now."""
    db.session.rollback()
    seen = hashlib.sha256()
    for table in db.metadata.sorted_tables:
        rows: list[Any] = sorted(repr(tuple(row)) for row in db.session.execute(select(table)))
        seen.update(f"{table.name}{rows}".encode())
    db.session.rollback()
    return seen.hexdigest()
