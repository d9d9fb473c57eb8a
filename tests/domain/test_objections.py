"""Objecting, in time and too late, and the receipt for it: rules O1, O2, O3, O4, O9."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.domain import filings, objections, receipts
from portal.domain.actor import PUBLIC
from portal.domain.attachments import StoredFile
from portal.domain.errors import WindowClosed
from portal.domain.filings import ANONYMOUS, Ground, Identity
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.words import FilingStatus, IdentityMode, NoticeStatus, Role, Status
from tests import builders
from tests.builders import MORNING, acting, at, done, notice
from tests.domain.office import SECOND, close, over, refused, said

MINUTE = timedelta(minutes=1)
PHOTO = StoredFile("现场照片.jpg", "image/jpeg", 2048, "b" * 64, "bb/" + "b" * 64)
SAYS = (Ground("合同金额与公示不符，附照片", [PHOTO]), Ground("承包单位并未参与施工"))


def begin(about: Notice, when: datetime) -> str:
    return done(lambda: filings.begin(about.id, now=when))


def file(
    about: Notice, token: str, arrived_at: datetime, *grounds: Ground, identity: Identity = ANONYMOUS
) -> Objection:
    said_ = grounds or SAYS[1:]
    number = done(
        lambda: objections.file(
            about.id,
            token,
            said_,
            identity,
            arrived_at=arrived_at,
            actor=PUBLIC,
            now=arrived_at,
        )
    )
    objection: Objection = builders.filed(number)
    return objection


@pytest.mark.rule("O1")
def test_one_second_before_the_end_it_is_taken_and_at_the_end_instant_not(app: Flask):
    published = notice()
    expired = begin(published, MORNING)  # its ticket ran out long ago: only the window counts
    late = begin(published, MORNING)
    assert file(published, expired, published.ends_at - SECOND).notice_id == published.id
    refused(lambda: file(published, late, published.ends_at), WindowClosed, rule="O1")


@pytest.mark.rule("O1")
def test_a_filing_begun_in_time_is_taken_until_its_ticket_runs_out_half_an_hour_past_the_end(app: Flask):
    published = notice()
    ends = published.ends_at
    early, slow = (begin(published, ends - SECOND) for _ in range(2))
    assert file(published, early, ends + 30 * MINUTE - SECOND).arrived_at == ends + 30 * MINUTE - SECOND
    refused(lambda: file(published, slow, ends + 30 * MINUTE), WindowClosed)
    assert close(published, now=ends + 30 * MINUTE).status is Status.CONTESTED


@pytest.mark.rule("O1")
def test_a_ticket_lives_two_hours_and_nobody_holds_a_window_open_for_ever(app: Flask):
    published = notice()
    ends = published.ends_at
    lives = {
        "long before the end": (ends - 5 * 60 * MINUTE, ends - 3 * 60 * MINUTE),
        "a little before": (ends - 100 * MINUTE, ends + 20 * MINUTE),
        "at the last second": (ends - SECOND, ends + 30 * MINUTE),
        "at the end instant": (ends, ends),
        "later": (ends + 5 * MINUTE, ends + 5 * MINUTE),
    }
    for name, (begun, until) in lives.items():
        token = begin(published, begun)
        ticket = db.session.scalars(
            db.select(IntakeTicket).where(IntakeTicket.token_hash == receipts.token_hash(token))
        ).one()
        assert ticket.holds_until == until, name
    refused(lambda: file(published, token, ends + 6 * MINUTE), WindowClosed)


@pytest.mark.rule("O1")
def test_a_ticket_that_is_worked_with_lives_anew_and_one_that_is_too_late_does_not(app: Flask):
    published = notice()
    ends = published.ends_at
    token = begin(published, ends - 5 * 60 * MINUTE)
    ticket_id = filings.find_ticket(token).id

    def held_after(arrived: datetime) -> datetime:
        done(lambda: objections.hold(ticket_id, arrived_at=arrived))
        return db.session.get_one(IntakeTicket, ticket_id).holds_until

    assert held_after(ends - 4 * 60 * MINUTE) == ends - 2 * 60 * MINUTE
    assert held_after(ends - 10 * MINUTE) == ends + 30 * MINUTE
    assert held_after(ends - 4 * 60 * MINUTE) == ends + 30 * MINUTE  # an older request does not shorten it
    assert held_after(ends + 20 * MINUTE) == ends + 30 * MINUTE
    assert held_after(ends + 40 * MINUTE) == ends + 30 * MINUTE
    late = filings.find_ticket(begin(published, ends + MINUTE))
    done(lambda: objections.hold(late.id, arrived_at=ends + 2 * MINUTE))
    assert late.holds_until == ends + MINUTE
    done(lambda: objections.hold(0, arrived_at=ends))
    file(published, token, ends)
    held = filings.find_ticket(token).holds_until
    assert held_after(ends + MINUTE) == held


@pytest.mark.rule("O1", "N9")
def test_arrival_decides_and_not_the_moment_it_was_written_down(app: Flask):
    published = notice()
    token, arrived = begin(published, MORNING), published.ends_at - SECOND
    number = done(
        lambda: objections.file(
            published.id, token, SAYS, ANONYMOUS, arrived_at=arrived, actor=PUBLIC, now=arrived + 5 * MINUTE
        )
    )
    filed = builders.filed(number)
    assert (filed.arrived_at, filed.recorded_at) == (arrived, arrived + 5 * MINUTE)
    assert close(published).status is Status.CONTESTED


@pytest.mark.rule("O1")
def test_the_ticket_of_one_notice_does_not_open_another(app: Flask):
    first, second = notice(), notice()
    token = begin(second, second.ends_at - SECOND)
    refused(lambda: file(first, token, first.ends_at), WindowClosed)


@pytest.mark.rule("O1", "N2")
def test_to_a_retracted_or_closed_notice_nobody_objects(app: Flask):
    from portal.domain import notices

    retracted, publisher = notice(), acting(Role.PUBLISHER)
    token = begin(retracted, MORNING)
    done(lambda: notices.retract(retracted, "更正后重新公示", actor=publisher, now=at("2026-10-09 09:00")))
    refused(lambda: file(retracted, token, at("2026-10-09 09:01")), WindowClosed)
    closed = notice()
    late = begin(closed, MORNING)
    close(closed)
    refused(lambda: file(closed, late, over(closed)), WindowClosed)


@pytest.mark.rule("O3", "O4")
def test_an_objection_has_several_grounds_each_with_its_text_and_files(app: Flask):
    published = notice()
    token = begin(published, MORNING)
    filed = file(published, token, MORNING, *SAYS)
    assert [(ground.position, ground.text) for ground in filed.grounds] == [(1, SAYS[0].text), (2, SAYS[1].text)]
    assert [[file_.sha256 for file_ in ground.evidence] for ground in filed.grounds] == [[PHOTO.sha256], []]
    facts = said(Event.OBJECTION_FILED, published.application)
    assert facts["detail"] == {"notice": published.reference, "grounds": 2, "files": 1, "identity": "anonymous"}
    assert not any(SAYS[1].text in str(value) for value in facts.values())


@pytest.mark.rule("O3")
def test_an_objection_says_something_and_not_without_end(app: Flask):
    published = notice()
    token = begin(published, MORNING)
    for grounds in ([Ground("  ")], [Ground("不对")], [Ground("理" * 4001)], [Ground("金额与合同不符")] * 11):
        refused(lambda grounds=grounds: file(published, token, MORNING, *grounds), rule="O3")  # type: ignore[misc]
    assert file(published, token, MORNING, *[Ground("金额与合同不符")] * 10).status is FilingStatus.RECEIVED


@pytest.mark.rule("O2")
def test_anonymous_real_name_and_confidential_objections_weigh_the_same(app: Flask):
    person = {"name": "测试甲", "phone": "13800000001"}
    for mode in IdentityMode:
        published = notice()
        identity = ANONYMOUS if mode is IdentityMode.ANONYMOUS else Identity(mode, person)
        filed = file(published, begin(published, MORNING), MORNING, identity=identity)
        assert (filed.vault_entry_id is None) == (mode is IdentityMode.ANONYMOUS)
        assert close(published).status is Status.CONTESTED
    nameless = notice()
    token = begin(nameless, MORNING)
    refused(lambda: file(nameless, token, MORNING, identity=Identity(IdentityMode.REAL_NAME, {})), rule="O2")


@pytest.mark.rule("O4")
def test_sent_twice_it_is_one_objection_with_one_receipt_and_only_its_code_opens_it(app: Flask):
    published = notice()
    token = begin(published, MORNING)
    first, again = file(published, token, MORNING), file(published, token, MORNING + MINUTE)
    assert first.id == again.id
    assert db.session.scalar(db.select(db.func.count()).select_from(Objection)) == 1
    code = receipts.code_for(token)
    assert receipts.code_fits(first.number, code, first.code_hash)
    assert receipts.code_fits(first.number, code.lower().replace("-", " "), first.code_hash)
    assert not receipts.code_fits(first.number, receipts.code_for("another"), first.code_hash)
    assert len(code.replace("-", "")) * 4.9 > 80
    assert receipts.valid_number(first.number.lower()) == first.number
    slip = first.number[:-3] + ("2" if first.number[-3] != "2" else "3") + first.number[-2:]
    assert receipts.valid_number(slip) is None


@pytest.mark.rule("O9", "C2")
def test_too_late_it_becomes_a_complaint_in_one_step_with_everything_in_it_one_tier_up(app: Flask):
    published = notice()
    ends = published.ends_at
    token = begin(published, ends + MINUTE)
    identity = Identity(IdentityMode.CONFIDENTIAL, {"name": "测试乙", "phone": "13800000002"})

    def send() -> str:
        return objections.file_or_complain(
            published.id, token, SAYS, identity, arrived_at=ends + 2 * MINUTE, actor=PUBLIC, now=ends + 2 * MINUTE
        )

    number = done(send)
    complaint = builders.filed(number)
    assert isinstance(complaint, Complaint)
    assert complaint.text == f"{SAYS[0].text}\n\n{SAYS[1].text}"
    assert [file_.sha256 for file_ in complaint.evidence] == [PHOTO.sha256]
    assert (complaint.bureau.code, complaint.notice_id) == ("430100", published.id)
    assert complaint.vault_entry_id is not None
    assert receipts.code_fits(complaint.number, receipts.code_for(token), complaint.code_hash)
    assert done(send) == number
    refused(lambda: file(published, token, ends + 3 * MINUTE), WindowClosed)
    assert said(Event.COMPLAINT_FILED)["detail"]["handled_by"] == "长沙市住房和城乡建设局"
    assert close(published).status is Status.APPROVED  # it was no objection


@pytest.mark.rule("O9")
def test_in_time_the_same_step_files_an_objection(app: Flask):
    published = notice()
    token = begin(published, MORNING)
    number = done(
        lambda: objections.file_or_complain(
            published.id, token, SAYS, ANONYMOUS, arrived_at=MORNING, actor=PUBLIC, now=MORNING
        )
    )
    assert isinstance(builders.filed(number), Objection)
    assert db.session.scalars(db.select(Complaint)).all() == []


@pytest.mark.rule("O9")
def test_what_was_typed_is_kept_sealed_with_the_ticket_until_it_is_sent(app: Flask):
    published = notice()
    token = begin(published, MORNING)
    typed = {"ground-0": "合同金额与公示不符", "name": "测试丙"}
    done(lambda: filings.keep_draft(filings.find_ticket(token), typed))
    ticket = filings.find_ticket(token)
    assert filings.draft(ticket) == typed
    assert ticket.draft is not None
    assert "测试丙".encode() not in ticket.draft
    file(published, token, MORNING)
    assert filings.find_ticket(token).draft is None
    assert published.status is NoticeStatus.OPEN
