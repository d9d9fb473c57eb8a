"""Putting a case on notice, freezing it, taking it back: rules N1, N2, N3."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from portal.domain import notices
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus, Role, Status
from tests.builders import COUNTY, MORNING, acting, application, at, contract, done, entry, notice, objection, verify
from tests.domain.office import close, database_refuses, history, office, over, refused, said


@pytest.mark.rule("N1")
def test_a_notice_says_everything_the_rule_asks_for(app: Flask):
    target = entry(content=contract("861.2800"))
    published = notice(case=application(existing=target, after=contract("913.8285")))
    content = json.loads(published.content)
    case = published.application
    assert content["title"] == f"关于{target.project.name}合同信息修正的公示"
    assert any("2025年2月14日" in basis for basis in content["basis"])
    assert content["applicant"] == {"name": case.applicant_name, "code": case.applicant_code}
    [verification] = content["verifications"]
    assert verification | {"department": "建筑管理科", "method": "archive_check", "day": "2026-09-30"} == verification
    [change] = content["changes"]
    assert (change["before"]["amount"], change["after"]["amount"]) == ("861.28", "913.8285")
    assert change["after_hash"] == digest(canonical_bytes(change["after"]))
    assert content["window"] == {
        "first_day": "2026-10-08",
        "last_day": "2026-10-13",
        "ends_at": "2026-10-14T00:00:00+08:00",
        "provisional": False,
    }
    assert content["bureau"].keys() == {"code", "name", "address", "telephone"}
    assert content["bureau"]["code"] == COUNTY
    assert content["published_at"] == "2026-09-30T10:00:00+08:00"
    assert content["reference"] == published.reference == f"GS{COUNTY}-2026-00001"


@pytest.mark.rule("N3")
def test_the_window_is_stored_once_as_days_and_as_a_half_open_instant(app: Flask):
    published = notice(published_at=at("2026-09-30 23:59"))
    db.session.expire_all()
    assert (published.first_day.isoformat(), published.last_day.isoformat()) == ("2026-10-08", "2026-10-13")
    assert published.ends_at == at("2026-10-14 00:00")
    assert published.calendar_version


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("slip", "named"),
    [
        ("湖南三穗公司（李工13812345678）", "手机号码"),
        ("联系人身份证430181199003077512", "身份证号"),
        ("电话0731-88950065", "电话号码"),
        ("邮箱someone@example.com", "电子邮箱"),
    ],
)
def test_what_holds_personal_data_is_not_published_and_the_refusal_does_not_repeat_it(
    sqlite_app: Flask, slip: str, named: str
):
    target = entry()
    case = verify(application(existing=target, after={**target.content, "contractor_name": slip}))
    publisher = acting(Role.PUBLISHER)
    refusal = refused(lambda: notices.publish(case, actor=publisher, now=MORNING), rule="N1")
    assert named in refusal.message
    assert slip[-6:] not in refusal.message
    assert db.session.scalar(db.select(db.func.count()).select_from(Notice)) == 0
    assert case.status is Status.VERIFIED


@pytest.mark.rule("N1")
def test_the_persons_who_verified_are_not_named_to_the_public(sqlite_app: Flask):
    published = notice()
    [verification] = published.application.verifications
    assert verification.persons not in published.content.decode()
    assert verification.verifier.display_name not in published.content.decode()


@pytest.mark.rule("N2")
def test_the_hash_on_the_page_is_that_of_the_canonical_bytes(app: Flask):
    published = notice()
    assert digest(published.content) == published.content_hash
    assert canonical_bytes(json.loads(published.content)) == published.content
    assert said(Event.NOTICE_PUBLISHED, published.application)["after"]["notice"] == published.content_hash


@pytest.mark.rule("N2")
def test_the_database_itself_keeps_a_published_notice_as_it_is(app: Flask):
    published = notice()
    before, row = published.content_hash, published.id
    by_hand = {
        "content": "content = 'changed'",
        "content_hash": f"content_hash = '{'0' * 64}'",
        "reference": "reference = 'GS-other'",
        "application_id": "application_id = application_id + 1",
        "bureau_id": "bureau_id = bureau_id + 1",
        "published_at": "published_at = '2020-01-01 00:00:00'",
    }
    for assignment in by_hand.values():
        if db.engine.dialect.name == "postgresql":
            assignment = assignment.replace("'changed'", "'changed'::bytea").replace("00:00'", "00:00'::timestamptz")
        assert "frozen" in database_refuses(f"UPDATE notice SET {assignment} WHERE id = :id", id=row)
    assert "kept" in database_refuses("DELETE FROM notice WHERE id = :id", id=row)
    columns = ", ".join(column.name for column in Notice.__table__.columns)
    if db.engine.dialect.name == "sqlite":
        others = columns.replace("content_hash", "'0'")
        assert "refuses replacement" in database_refuses(f"REPLACE INTO notice ({columns}) SELECT {others} FROM notice")
        new_id = others.replace("id,", "id + 100,", 1)
        assert "refuses replacement" in database_refuses(f"REPLACE INTO notice ({columns}) SELECT {new_id} FROM notice")
        database_refuses(f"UPDATE OR REPLACE notice SET content_hash = '0' WHERE id = {row}")
    else:
        database_refuses("TRUNCATE notice CASCADE")
        database_refuses(
            f"INSERT INTO notice ({columns}) SELECT {columns} FROM notice "
            "ON CONFLICT (id) DO UPDATE SET content_hash = '0'"
        )
    db.session.expire_all()
    assert (published.content_hash, digest(published.content)) == (before, before)


@pytest.mark.rule("N2")
def test_a_retraction_needs_a_reason_keeps_the_old_notice_and_the_new_one_gets_a_full_window(app: Flask):
    first = notice()
    case, desk = first.application, office()
    refused(lambda: notices.retract(first, "错", actor=desk.publisher, now=at("2026-10-12 09:00")), rule="N2")
    reason = "附件脱敏不完整，撤回后重新公示"
    done(lambda: notices.retract(first, reason, actor=desk.publisher, now=at("2026-10-12 09:00")))
    assert (first.status, first.retraction_reason, case.status) == (NoticeStatus.RETRACTED, reason, Status.VERIFIED)
    second = done(lambda: notices.publish(case, actor=desk.publisher, now=at("2026-10-12 15:00")))
    assert second.last_day.isoformat() == "2026-10-19"
    assert second.reference != first.reference
    assert digest(first.content) == first.content_hash
    assert case.notices == [first, second]
    refused(lambda: notices.retract(first, reason, actor=desk.publisher, now=at("2026-10-12 16:00")), NotAllowedNow)
    refused(lambda: close(first, now=over(second)), NotAllowedNow, rule="N8")
    assert close(second).status is Status.APPROVED
    assert [event for event, _ in history(case) if "notice" in event] == [
        "notice_published", "notice_retracted", "notice_published", "notice_closed_without_objection",
    ]  # fmt: skip


@pytest.mark.rule("N2", "N9")
def test_an_objection_to_a_retracted_notice_keeps_the_case_contested(app: Flask):
    first = notice()
    objection(first)
    case, publisher = first.application, acting(Role.PUBLISHER)
    done(lambda: notices.retract(first, "更正公示文字后重新公示", actor=publisher, now=at("2026-10-09 09:00")))
    second = done(lambda: notices.publish(case, actor=publisher, now=at("2026-10-09 10:00")))
    assert close(second).status is Status.CONTESTED
    assert second.status is NoticeStatus.CLOSED_CONTESTED


@pytest.mark.rule("N2", "V3")
def test_one_case_has_one_running_notice(app: Flask):
    published = notice()
    publisher = acting(Role.PUBLISHER)
    refused(lambda: notices.publish(published.application, actor=publisher, now=MORNING), NotAllowedNow)
    assert len(published.application.notices) == 1
