"""The page on which an officer tells an applicant everything that is missing, once (rules V1, V2)."""

from __future__ import annotations

from io import BytesIO

import pytest

from portal import clock
from portal.domain import deficiencies, resubmissions
from portal.domain.actor import PUBLIC
from portal.domain.resubmissions import Answer
from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.deficiency import DeficiencyNotice
from portal.models.words import Role, Status
from tests import builders
from tests.builders import at, done
from tests.public.reading import words
from tests.support.files import pdf

CONTRACT, AMOUNT, DATE = "1-contract", "1-field-amount", "1-field-signing_date"
WHY = "首次告知时遗漏，经复核合同附件后发现"


def page_of(case) -> str:
    return f"/office/applications/{case.number}/deficiencies"


def fresh(case=None):
    """A case received just now: its five working days run."""
    return case or builders.application(now=clock.now())


def told(case, *about: str) -> DeficiencyNotice:
    notes = dict.fromkeys((key.replace("-", "/") for key in about), "")
    clerk = builders.acting(Role.CLERK)
    return done(lambda: deficiencies.draw_up(case, notes, actor=clerk, now=clock.now()))


def answered(notice: DeficiencyNotice) -> None:
    now = clock.now()
    done(lambda: resubmissions.keep(notice, {item.id: Answer("见说明") for item in notice.items}, now=now))
    done(lambda: resubmissions.resubmit(notice, actor=PUBLIC, now=now))


@pytest.mark.rule("V1")
def test_the_officer_ticks_what_is_missing_and_the_applicant_is_told_all_of_it(app, at_any_desk):
    desk, case = at_any_desk(builders.officer(Role.CLERK)), fresh()
    assert f'href="{page_of(case)}"' in desk.get(f"/office/applications/{case.number}").text
    page = desk.get(page_of(case)).text
    assert "系统发现缺少" in page  # no stamped application came with it
    assert "还剩5个工作日" in words(page)
    sent = {"ask-paper-application": "y", f"ask-{AMOUNT}": "y", f"note-{AMOUNT}": "与合同原件不符"}
    answer = desk.post(page_of(case), sent)
    assert answer.status_code == 303, words(answer.text)
    db.session.expire_all()
    assert case.status is Status.DEFICIENT
    [notice] = case.deficiency_notices
    assert [(item.about, item.note) for item in notice.items] == [
        ("paper/application", ""), ("1/field/amount", "与合同原件不符"),
    ]  # fmt: skip
    again = words(desk.get(answer.location).text)
    assert "已一次性告知，共2项" in again
    assert "等待申请人补正" in again or "到窗口补正" in again
    shown = words(desk.get(f"/office/applications/{case.number}").text)
    assert "待补正" in shown
    assert "一次性告知与补正（1份）" in shown


@pytest.mark.rule("V1")
def test_an_empty_list_and_an_overlong_note_are_named_and_what_was_ticked_stays(sqlite_app, at_desk):
    desk, case = at_desk(builders.officer(Role.CLERK)), fresh()
    desk.get(page_of(case))
    empty = desk.post(page_of(case), {})
    assert empty.status_code == 422
    assert "请至少选择一项" in empty.text
    long = desk.post(page_of(case), {f"ask-{AMOUNT}": "y", f"note-{AMOUNT}": "长" * 1001})
    assert long.status_code == 422
    assert f'checked id="ask-{AMOUNT}"' in long.text
    db.session.expire_all()
    assert case.deficiency_notices == []


@pytest.mark.rule("V1")
def test_after_five_working_days_the_page_says_it_is_accepted_and_offers_nothing(sqlite_app, at_desk):
    desk, case = at_desk(builders.officer(Role.CLERK)), builders.application(now=at("2026-09-01 09:00"))
    page = words(desk.get(page_of(case)).text)
    assert "已视为受理" in page
    assert "送达申请人" not in page
    late = desk.post(page_of(case), {f"ask-{AMOUNT}": "y"})
    assert late.status_code == 409
    assert "自收到之日起即为受理" in late.text
    assert "告知期限已过" in desk.get(f"/office/applications/{case.number}").text


@pytest.mark.rule("V2")
def test_a_second_list_waits_for_its_reason_and_another_persons_signature(app, at_any_desk):
    case = fresh()
    answered(told(case, CONTRACT))
    clerk = at_any_desk(builders.officer(Role.CLERK))
    page = words(clerk.get(page_of(case)).text)
    assert "不在本次补正内" in page
    refused = clerk.post(page_of(case), {f"ask-{DATE}": "y"})
    assert refused.status_code == 422
    assert "补正须一次告知" in refused.text
    drawn = clerk.post(page_of(case), {f"ask-{DATE}": "y", "reason": WHY})
    assert drawn.status_code == 303, words(drawn.text)
    assert "待另一人签署" in words(clerk.get(page_of(case)).text)
    db.session.expire_all()
    number = case.deficiency_notices[-1].number
    assert case.status is Status.RECEIVED
    assert clerk.post(f"{page_of(case)}/{number}/signature").status_code == 403

    decider = at_any_desk(builders.officer(Role.DECIDER))
    assert "签署再次告知" in decider.get(f"/office/applications/{case.number}").text
    assert WHY in decider.get(page_of(case)).text
    assert decider.post(f"{page_of(case)}/nothing/signature").status_code == 404
    signed = decider.post(f"{page_of(case)}/{number}/signature")
    assert signed.status_code == 303, words(signed.text)
    db.session.expire_all()
    assert case.deficiency_notices[-1].issued_at is not None
    assert WHY in decider.get(f"/office/applications/{case.number}").text


@pytest.mark.rule("V1", "S8")
def test_what_an_applicant_brings_to_the_desk_is_taken_in_there(app, at_any_desk):
    desk, case = at_any_desk(builders.officer(Role.CLERK)), fresh()
    notice = told(case, CONTRACT, AMOUNT)
    contract, amount = notice.items
    here = f"{page_of(case)}/{notice.number}/answer"
    desk.get(page_of(case))
    missing = desk.post(here, {f"text-{contract.id}": "原件已核对"})
    assert missing.status_code == 422
    assert "还没有补正" in missing.text
    brought = {
        f"text-{contract.id}": "原件已核对",
        f"files-{contract.id}": (BytesIO(pdf()), "合同.pdf"),
        f"value-{amount.id}": "913.90",
    }
    taken = desk.post(here, brought, content_type="multipart/form-data")
    assert taken.status_code == 303, words(taken.text)
    db.session.expire_all()
    assert (case.status, case.changes[0].after["amount"]) == (Status.RECEIVED, "913.9")
    page = words(desk.get(page_of(case)).text)
    assert "补正为：913.90 万元" in page
    assert "由收件人员录入" in words(desk.get(f"/office/applications/{case.number}").text)
    [file] = db.session.scalars(db.select(Attachment).where(Attachment.deficiency_item_id == contract.id)).all()
    assert desk.client.get(f"/office/attachments/{file.id}").mimetype == "application/pdf"
    assert desk.post(here, brought | {f"files-{contract.id}": ""}).status_code == 409


@pytest.mark.rule("V1", "A5")
def test_a_draft_of_the_applicant_and_another_bureaus_list_are_out_of_reach(sqlite_app, at_desk):
    case = fresh()
    notice = told(case, CONTRACT)
    stored = builders.SCAN
    done(lambda: resubmissions.keep(notice, {notice.items[0].id: Answer("草稿", files=[stored])}, now=clock.now()))
    [file] = db.session.scalars(db.select(Attachment).where(Attachment.deficiency_item_id.is_not(None))).all()
    desk = at_desk(builders.officer(Role.CLERK))
    assert desk.get(f"/office/attachments/{file.id}").status_code == 404
    verifier = at_desk(builders.officer(Role.PUBLISHER))
    assert "草稿" not in verifier.get(page_of(case)).text
    elsewhere = at_desk(builders.officer(Role.CLERK, bureau_code="430211"))
    assert elsewhere.get(page_of(case)).status_code == 404
    assert elsewhere.post(page_of(case), {f"ask-{AMOUNT}": "y"}).status_code == 404
