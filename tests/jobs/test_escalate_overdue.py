"""The job that takes overdue objections one tier up: all of them, each once, and one bad row stops no other."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from jobs import escalate_overdue
from jobs.runner import Outcome
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.escalation import Escalation, to_escalate
from portal.models.trail_entry import TrailEntry
from tests.builders import at, notice, objection
from tests.domain.office import SECOND, by_sql, close
from tests.domain.test_escalation import OVERDUE, contested
from tests.support.web_server import environment_of

ROOT = Path(__file__).parents[2]


def taken_up() -> list[str]:
    """Numbers of the objections that were taken up, in order."""
    db.session.rollback()
    query = select(TrailEntry.subject_ref).where(TrailEntry.event == Event.OBJECTION_ESCALATED.value)
    return list(db.session.scalars(query.order_by(TrailEntry.id)))


@pytest.mark.rule("O8", "E1")
def test_what_is_overdue_is_taken_up_once_however_often_the_job_runs(app: Flask):
    first, later = contested(), objection(notice(published_at=at("2026-10-09 10:00")))
    close(later.notice)
    assert escalate_overdue.run(now=OVERDUE - SECOND) == Outcome(0, 0)
    assert escalate_overdue.run(now=OVERDUE) == Outcome(1, 0)
    assert escalate_overdue.run(now=OVERDUE + timedelta(hours=1)) == Outcome(0, 0)
    assert taken_up() == [first.number]
    assert escalate_overdue.run(now=OVERDUE + timedelta(days=60)) == Outcome(1, 0)  # after an outage, what was missed
    assert taken_up() == [first.number, later.number]


@pytest.mark.rule("O8")
def test_one_bad_row_is_counted_as_failed_and_stops_no_other(app: Flask, caplog: pytest.LogCaptureFixture):
    bad, good = contested(), contested()
    bad_id, number = bad.id, good.number
    by_sql("UPDATE objection SET arrived_at = :when WHERE id = :id", when="1890-01-01 00:00:00", id=bad_id)
    assert escalate_overdue.run(now=OVERDUE) == Outcome(done=1, failed=1)
    assert escalate_overdue.run(now=OVERDUE) == Outcome(done=0, failed=1)
    assert taken_up() == [number]
    assert f"row {bad_id} failed" in caplog.text  # no calendar speaks of such a day


@pytest.mark.rule("O8")
def test_it_finds_its_rows_by_an_index_and_does_not_read_all_objections(app: Flask):
    asked: list[tuple[str, Any]] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    db.session.scalars(to_escalate(OVERDUE)).all()
    statement, parameters = asked[-1]
    connection = db.session.connection()
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:  # of so few rows it would rather read the table
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = connection.exec_driver_sql(
        ("EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN ") + statement, parameters
    ).all()
    assert "ix_objection_waiting" in str(plan)
    assert "uq_escalation_objection_id_step" in str(plan) or "sqlite_autoindex_escalation" in str(plan)


@pytest.mark.rule("O8", "N8")
def test_two_who_both_believe_they_lead_take_everything_up_once(app: Flask, tmp_path: Path):
    filed = [contested().number for _ in range(20)]
    code = (
        "import sys; from datetime import datetime; from portal import create_app; from jobs import escalate_overdue\n"
        "with create_app().app_context(): print(*escalate_overdue.run(now=datetime.fromisoformat(sys.argv[1])))"
    )
    environment = os.environ | environment_of(app.config["PORTAL"]) | {"PORTAL_STATE": str(tmp_path)}
    leaders = [
        subprocess.Popen(
            [sys.executable, "-c", code, OVERDUE.isoformat()],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outcomes = [tuple(map(int, leader.communicate(timeout=120)[0].split())) for leader in leaders]
    assert [failed for _, failed in outcomes] == [0, 0]
    assert sum(done for done, _ in outcomes) == 20
    assert sorted(taken_up()) == sorted(filed)
    assert db.session.scalar(select(func.count(Escalation.id))) == 20
