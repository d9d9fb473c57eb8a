"""The end of a window: approved exactly as noticed, or handed to a person, all or nothing: rules N5, N8, N9, N10."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import func

from portal.domain import filings, intake, notices
from portal.domain.actor import SYSTEM
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow, RuleViolation, Stale
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.outbox import OutboxMessage
from portal.models.record import RecordVersion
from portal.models.trail_entry import TrailEntry
from portal.models.words import Channel, DataLevel, Kind, NoticeStatus, Status
from tests.builders import MORNING, application, at, done, entry, notice, objection
from tests.domain.office import SECOND, by_sql, close, history, office, over, refused, said, sweep


def as_operator(statement: str, table: str, trigger: str, **values: object) -> None:
    """What somebody with all rights over the database could do: switch a guard off, and change what it guards."""
    where = f" ON {table}" if db.engine.dialect.name == "postgresql" else ""
    by_sql(f"DROP TRIGGER {trigger}{where}")
    by_sql(statement, **values)
    db.session.expire_all()


def stored() -> dict[str, int]:
    """How many rows there are of everything a closing may write."""
    tables = (TrailEntry, RecordVersion, OutboxMessage)
    return {table.__tablename__: db.session.scalar(db.select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.mark.rule("N9", "N8")
def test_a_quiet_window_approves_and_a_contested_one_waits_for_a_person(app: Flask):
    quiet, contested = notice(), notice()
    objection(contested)
    later = notice(published_at=at("2026-10-09 10:00"))

    assert sweep(over(quiet)) == (2, 0)
    assert sweep(over(quiet)) == (0, 0)

    assert [each.application.status for each in (quiet, contested, later)] == [
        Status.APPROVED, Status.CONTESTED, Status.ON_NOTICE,
    ]  # fmt: skip
    assert [each.status for each in (quiet, contested, later)] == [
        NoticeStatus.CLOSED_CLEAR, NoticeStatus.CLOSED_CONTESTED, NoticeStatus.OPEN,
    ]  # fmt: skip
    assert quiet.application.decided_by_id is None
    assert history(quiet.application)[-2:] == [
        ("notice_closed_without_objection", "system:scheduler"),
        ("record_written", "system:scheduler"),
    ]


@pytest.mark.rule("N9")
def test_what_is_written_is_byte_for_byte_what_was_on_notice(app: Flask):
    published = notice()
    close(published)
    [noticed] = json.loads(published.content)["changes"]
    [version] = db.session.scalars(db.select(RecordVersion).where(RecordVersion.notice_id == published.id))
    assert version.content == canonical_bytes(noticed["after"])
    assert version.content in published.content
    assert version.content_hash == noticed["after_hash"] == digest(version.content)
    assert version.entry.content == noticed["after"]
    assert said(Event.RECORD_WRITTEN)["after"]["content"] == noticed["after_hash"]


@pytest.mark.rule("N9")
def test_a_change_slipped_into_the_application_after_publication_does_not_reach_the_record(app: Flask):
    published = notice()
    [change] = published.application.changes
    slipped = json.dumps({**change.after, "amount": "9999.0000"})
    cast = "CAST(:after AS json)" if db.engine.dialect.name == "postgresql" else ":after"
    by_sql(f"UPDATE application_change SET after = {cast} WHERE id = :id", after=slipped, id=change.id)
    close(published)
    assert change.entry is not None
    assert change.entry.content["amount"] == "913.8285"


@pytest.mark.rule("N9", "N2")
@pytest.mark.parametrize("thorough", [False, True])
def test_tampered_content_is_never_approved(app: Flask, thorough: bool):
    published = notice()
    content = json.loads(published.content)
    content["changes"][0]["after"]["amount"] = "9999.0000"
    data = canonical_bytes(content)
    fresh_hash = digest(data) if thorough else published.content_hash
    as_operator(
        "UPDATE notice SET content = :content, content_hash = :hash WHERE id = :id",
        "notice", "notice_is_frozen", content=data, hash=fresh_hash, id=published.id,
    )  # fmt: skip
    before = stored()
    refused(lambda: close(published), RuleViolation, rule="N9")
    assert sweep(over(published)) == (0, 1)
    db.session.expire_all()
    assert (stored(), published.status, published.application.status) == (before, NoticeStatus.OPEN, Status.ON_NOTICE)
    assert published.application.changes[0].entry.version == 1  # type: ignore[union-attr]


@pytest.mark.rule("N10")
def test_closing_approval_record_trail_and_message_are_stored_together_or_not_at_all(app: Flask):
    target, desk = entry(), office()
    request = ChangeRequest(target.section, target.number, target.origin, {**target.content, "amount": "913.8285"})
    case = done(
        lambda: intake.receive(
            Kind.CORRECTION, target.project, [request], Applicant("某公司", contact={"email": "a@example.com"}),
            channel=Channel.CLERK, actor=desk.clerk, now=MORNING,
        )
    )  # fmt: skip
    published, before = notice(case=case), None
    by_sql("UPDATE record_entry SET version = version + 1 WHERE id = :id", id=target.id)  # the last write will fail
    before = stored()
    refused(lambda: close(published), Stale)
    db.session.expire_all()
    assert (stored(), case.status, published.status, published.closed_at) == (
        before, Status.ON_NOTICE, NoticeStatus.OPEN, None,
    )  # fmt: skip

    by_sql("UPDATE record_entry SET version = version - 1 WHERE id = :id", id=target.id)
    close(published)
    assert {name: count - before[name] for name, count in stored().items()} == {
        "trail_entry": 2, "record_version": 1, "outbox_message": 1,
    }  # fmt: skip
    message = db.session.scalars(db.select(OutboxMessage)).one()
    assert (message.key, message.sent_at) == (f"{case.number}/approved", None)
    assert "a@example.com" not in json.dumps(message.facts)


@pytest.mark.rule("N8")
def test_a_window_closes_only_after_its_end_and_the_grace_and_only_once(app: Flask):
    published = notice()
    for too_early in (published.ends_at - SECOND, published.ends_at, over(published) - SECOND):
        refused(lambda when=too_early: close(published, now=when), NotAllowedNow, rule="N8")  # type: ignore[misc]
    close(published, now=over(published))
    before = stored()
    refused(lambda: close(published), NotAllowedNow, rule="N8")
    assert stored() == before


@pytest.mark.rule("N9", "O1")
def test_a_filing_still_being_received_holds_the_window_until_its_ticket_runs_out(app: Flask):
    published = notice()
    done(lambda: filings.begin(published.id, now=published.ends_at - SECOND))
    refused(lambda: close(published), NotAllowedNow, rule="O1")
    assert sweep(over(published)) == (0, 0)
    assert published.application.status is Status.ON_NOTICE
    ticket_end = published.ends_at + 30 * 60 * SECOND
    refused(lambda: close(published, now=ticket_end - SECOND), NotAllowedNow, rule="O1")
    assert close(published, now=ticket_end).status is Status.APPROVED


@pytest.mark.rule("N5")
def test_a_provisional_window_is_never_closed(app: Flask):
    published = notice(published_at=at("2027-12-27 10:00"))
    assert published.provisional
    refused(lambda: close(published), NotAllowedNow, rule="N5")
    assert sweep(at("2028-12-01 10:00")) == (0, 0)
    assert published.application.status is Status.ON_NOTICE


@pytest.mark.rule("N9", "L2")
def test_a_quiet_upgrade_above_the_bureau_goes_on_to_the_next_tier_and_writes_nothing(app: Flask):
    published = notice(case=application(existing=entry(), kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.A))
    before = stored()["record_version"]
    assert close(published).status is Status.REPORTED
    assert stored()["record_version"] == before
    assert published.application.changes[0].claim is not None


@pytest.mark.rule("N9")
def test_only_the_window_says_yes_by_itself_and_the_system_is_named_for_it(app: Flask):
    published = notice()
    close(published)
    facts = said(Event.NOTICE_CLOSED_WITHOUT_OBJECTION, published.application)
    assert (facts["actor"], facts["as"]) == (SYSTEM.name, "system")
    assert facts["before"] == {"status": "on_notice", "notice": published.content_hash}
    assert facts["after"] == {"status": "approved"}
    assert db.session.get_one(Notice, published.id).closed_at == over(published)
    assert notices.goes_up(published.application) is False
