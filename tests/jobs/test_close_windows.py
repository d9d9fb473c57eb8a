"""The clock closes windows: what it may, when it may, and nothing twice (rules N5, N8, N9, N10, O1)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from jobs import close_windows, runner
from jobs.runner import Outcome
from portal.domain import filings, intake, notices, trail
from portal.domain.actor import SYSTEM
from portal.domain.errors import NotAllowedNow
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.trail import Event
from portal.extensions import begin_write, db
from portal.models.job_run import JobRun
from portal.models.notice import Notice
from portal.models.outbox import OutboxMessage
from portal.models.record import RecordVersion
from portal.models.trail_entry import TrailEntry, case_history
from portal.models.words import Channel, DataLevel, Kind, NoticeStatus, Role, Status
from tests.builders import acting, at, done, entry, notice, objection

MORNING = at("2026-09-01 10:00")
END = at("2026-09-09 00:00")
"""五个工作日 after a Tuesday: Wednesday the 2nd to Tuesday the 8th, 24:00."""
GRACE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


def events(case):
    return [line.event for line in db.session.scalars(case_history(case.number))]


@pytest.mark.rule("N8", "N9")
def test_a_quiet_window_approves_and_a_contested_one_waits_for_a_person(app):
    quiet, contested = notice(published_at=MORNING), notice(published_at=MORNING)
    still_open = notice(published_at=MORNING + timedelta(days=1))
    objection(contested)

    assert close_windows.run(now=END + GRACE) == Outcome(done=2, failed=0)

    assert quiet.application.status is Status.APPROVED
    assert contested.application.status is Status.CONTESTED
    assert still_open.application.status is Status.ON_NOTICE
    assert events(quiet.application)[-2:] == [Event.NOTICE_CLOSED_WITHOUT_OBJECTION, Event.RECORD_WRITTEN]
    assert events(contested.application)[-1] == Event.NOTICE_CLOSED_WITH_OBJECTION
    assert trail.first_altered(list(db.session.scalars(select(TrailEntry)))) is None


@pytest.mark.rule("N9")
def test_what_is_written_is_byte_for_byte_what_was_on_notice_and_by_the_named_system_actor(app):
    quiet = notice(published_at=MORNING)

    close_windows.run(now=END + GRACE)

    [version] = db.session.scalars(select(RecordVersion).where(RecordVersion.notice_id == quiet.id))
    [change] = json.loads(quiet.content)["changes"]
    assert version.content_hash == change["after_hash"]
    assert version.decided_by == SYSTEM.name == "system:scheduler"
    assert version.level is DataLevel.C


@pytest.mark.rule("N8")
def test_not_one_second_before_the_end_and_its_grace(app):
    quiet = notice(published_at=MORNING)

    assert close_windows.run(now=END + GRACE - SECOND) == Outcome(0, 0)
    begin_write()
    with pytest.raises(NotAllowedNow):
        notices.close_window(quiet.id, SYSTEM, now=END + GRACE - SECOND)
    db.session.rollback()
    assert quiet.status is NoticeStatus.OPEN

    assert close_windows.run(now=END + GRACE) == Outcome(1, 0)


@pytest.mark.rule("N8")
def test_after_an_outage_everything_missed_is_closed_at_once_and_a_second_run_finds_nothing(app):
    for days in range(3):
        notice(published_at=MORNING + timedelta(days=days))
    months_later = END + timedelta(days=60)

    assert close_windows.run(now=months_later) == Outcome(3, 0)
    lines = db.session.scalar(select(func.count(TrailEntry.id)))
    assert close_windows.run(now=months_later) == Outcome(0, 0)

    assert db.session.scalar(select(func.count(TrailEntry.id))) == lines


@pytest.mark.rule("N5")
def test_a_provisional_window_is_never_closed_however_late_it_is(app):
    guessed = notice(published_at=at("2026-12-25 10:00"))
    assert guessed.provisional

    assert close_windows.run(now=at("2028-01-01 00:00")) == Outcome(0, 0)
    begin_write()
    with pytest.raises(NotAllowedNow) as refusal:
        notices.close_window(guessed.id, SYSTEM, now=at("2028-01-01 00:00"))
    db.session.rollback()

    assert refusal.value.rule == "N5"
    assert guessed.application.status is Status.ON_NOTICE


@pytest.mark.rule("O1", "N9")
def test_a_filing_that_has_begun_holds_the_window_for_thirty_minutes_past_the_end_and_no_longer(app):
    held = notice(published_at=MORNING)
    done(lambda: filings.begin(held.id, now=END - SECOND))
    half_an_hour = timedelta(minutes=30)

    assert close_windows.run(now=END + half_an_hour - SECOND) == Outcome(0, 0)
    assert held.status is NoticeStatus.OPEN
    assert close_windows.run(now=END + half_an_hour) == Outcome(1, 0)
    assert held.application.status is Status.APPROVED


@pytest.mark.rule("O1")
def test_a_filing_begun_at_the_end_instant_holds_nothing(app):
    free = notice(published_at=MORNING)
    done(lambda: filings.begin(free.id, now=END))

    assert close_windows.run(now=END + GRACE) == Outcome(1, 0)


@pytest.mark.rule("N9", "L2")
def test_an_upgrade_above_the_bureaus_own_level_goes_on_to_the_next_tier(app):
    upgrade = notice(published_at=MORNING, kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.B)

    assert close_windows.run(now=END + GRACE) == Outcome(1, 0)

    assert upgrade.status is NoticeStatus.CLOSED_CLEAR
    assert upgrade.application.status is Status.REPORTED
    assert db.session.scalars(select(RecordVersion).where(RecordVersion.notice_id == upgrade.id)).all() == []


@pytest.mark.rule("N9", "N2")
def test_a_retracted_notices_objection_still_keeps_the_machine_from_approving(app):
    publisher = acting(Role.PUBLISHER)
    first = notice(published_at=MORNING)
    objection(first)
    done(lambda: notices.retract(first, "内容填写有误，重新公示", actor=publisher, now=MORNING))
    again = done(lambda: notices.publish(first.application, actor=publisher, now=MORNING))

    close_windows.run(now=END + GRACE)

    assert again.status is NoticeStatus.CLOSED_CONTESTED
    assert again.application.status is Status.CONTESTED


@pytest.mark.rule("N8", "N9")
def test_one_tampered_notice_stops_nobody_else_and_is_counted_as_failed(app, caplog):
    before, tampered, after = (notice(published_at=MORNING) for _ in range(3))
    ids = before.id, tampered.id, after.id
    tamper_with(tampered.id)

    assert close_windows.run(now=END + GRACE) == Outcome(done=2, failed=1)
    assert close_windows.run(now=END + GRACE) == Outcome(done=0, failed=1)

    statuses = [db.session.get_one(Notice, notice_id).status for notice_id in ids]
    assert statuses == [NoticeStatus.CLOSED_CLEAR, NoticeStatus.OPEN, NoticeStatus.CLOSED_CLEAR]
    assert f"row {ids[1]} failed" in caplog.text
    assert "与公示时不一致" in caplog.text


def tamper_with(notice_id: int) -> None:
    """What somebody with the database's password could do: take the guard away and write."""
    begin_write()
    on = "" if db.engine.dialect.name == "sqlite" else " ON notice"
    db.session.execute(text(f"DROP TRIGGER notice_is_frozen{on}"))
    changed = db.session.get_one(Notice, notice_id).content.replace(b"913.8285", b"999.9999")
    db.session.execute(
        text("UPDATE notice SET content = :content WHERE id = :id"), {"content": changed, "id": notice_id}
    )
    db.session.commit()


@pytest.mark.rule("N9")
def test_an_entry_that_changed_behind_the_cases_back_is_left_to_a_person_and_counted_as_failed(app, caplog):
    drifted = notice(published_at=MORNING, existing=entry())
    begin_write()
    db.session.execute(text("UPDATE record_entry SET version = version + 1"))
    db.session.commit()

    assert close_windows.run(now=END + GRACE) == Outcome(done=0, failed=1)

    assert drifted.status is NoticeStatus.OPEN
    assert "在办理期间已有变化" in caplog.text


@pytest.mark.rule("N10")
def test_approval_version_trail_and_message_come_together(app):
    approved = notice(published_at=MORNING, case=application_with_address())

    begin_write()
    notices.close_window(approved.id, SYSTEM, now=END + GRACE)
    db.session.flush()
    assert counts() == (1, 1, 2)
    db.session.rollback()
    assert counts() == (0, 0, 0)

    close_windows.run(now=END + GRACE)
    assert counts() == (1, 1, 2)


def application_with_address():
    """A case whose applicant left an address to write to."""
    target = entry()
    change = ChangeRequest(target.section, target.number, target.origin, {**target.content, "amount": "913.8285"})
    applicant = Applicant("湖南三穗建筑工程有限公司", "91430000183764483Y", {"name": "李四", "email": "li@example.com"})
    clerk = acting(Role.CLERK)
    return done(
        lambda: intake.receive(
            Kind.CORRECTION, target.project, [change], applicant,
            channel=Channel.CLERK, actor=clerk, now=MORNING,
        )
    )  # fmt: skip


def counts():
    """Messages, versions written by a case, and lines the closing leaves."""
    closing = [Event.NOTICE_CLOSED_WITHOUT_OBJECTION.value, Event.RECORD_WRITTEN.value]
    return (
        db.session.scalar(select(func.count(OutboxMessage.id))),
        db.session.scalar(select(func.count(RecordVersion.id)).where(RecordVersion.application_id.is_not(None))),
        db.session.scalar(select(func.count(TrailEntry.id)).where(TrailEntry.event.in_(closing))),
    )


@pytest.mark.rule("N8")
def test_every_run_leaves_a_line_with_its_outcome(app):
    notice(published_at=MORNING)

    runner.recorded("close_windows", close_windows.run, now=END + GRACE)

    [line] = db.session.scalars(select(JobRun))
    assert (line.job, line.done, line.failed, line.error) == ("close_windows", 1, 0, "")
    assert line.started_at == END + GRACE
    assert line.finished_at is not None
    assert line.started_at <= line.finished_at < END + GRACE + timedelta(minutes=1)


def test_a_run_that_breaks_down_says_so_in_its_line_and_raises_nothing(app):
    def broken(*, now):
        raise ConnectionError("the disk is full")

    assert runner.recorded("close_windows", broken, now=END) == Outcome(0, 0)

    [line] = db.session.scalars(select(JobRun))
    assert line.error == "ConnectionError: the disk is full"
    assert line.finished_at is not None
