"""申请 on the progress page: each case and its limit, the list answered item by item, taking it back (S7, V1, V2)."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs import send_mail
from jobs.runner import Outcome
from portal.domain import deficiencies, dialogue
from portal.extensions import db
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.deficiency import DeficiencyNotice
from portal.models.record import RecordEntry
from portal.models.words import Origin, Role, Section, Status
from tests import builders
from tests.builders import MORNING, at, done, online_application
from tests.domain.office import blank
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.support.files import pdf
from tests.support.postbox import Postbox, server

AMOUNT, CONTRACT = "1/field/amount", "1/contract"


class Applicant:
    """Somebody who applied online for these entries, with his receipt at the progress page."""

    def __init__(self, client: FlaskClient, *entries: RecordEntry, now: datetime = MORNING) -> None:
        self.client = client
        self.receipt, self.code = online_application(*entries, now=now)
        self.cases = self.receipt.cases
        self.number = self.receipt.number

    def look(self) -> str:
        answer = self.client.post("/progress", data={"number": self.number, "code": self.code})
        assert answer.status_code == 200, words(answer.text)
        return answer.text

    def send(self, noun: str, **fields: Any) -> TestResponse:
        data = {"code": self.code} | {name.replace("__", "-"): value for name, value in fields.items()}
        return self.client.post(f"/progress/{self.number}/{noun}", data=data, content_type="multipart/form-data")

    def answer(self, notice: DeficiencyNotice, *, button: str = "send", **items: Any) -> TestResponse:
        """items: text_0="…", value_1="…", files_0=(…) by the item's place in the list."""
        named = {}
        for name, value in items.items():
            what, _, place = name.partition("_")
            named[f"answer-{notice.id}-{what}-{notice.items[int(place)].id}"] = value
        return self.send("corrections", **{"list": notice.number, button: "1"}, **named)


def contract_and_permit() -> tuple[RecordEntry, RecordEntry]:
    """Entries of one project whose corrections go different ways: two linked cases (rule S7)."""
    works = builders.project()
    permit = builders.entry(
        works, section=Section.CONSTRUCTION_PERMIT, origin=Origin.ONLINE, number="SX-001",
        content=blank(Section.CONSTRUCTION_PERMIT, permit_number="430181202203010101", issue_date="2022-03-01"),
    )  # fmt: skip
    return builders.entry(works), permit


def told(case: Application, *about: str, when: str = "2026-10-09 10:00") -> DeficiencyNotice:
    notes = dict.fromkeys(about or (CONTRACT, AMOUNT), "请补正")
    clerk = builders.acting(Role.CLERK)
    return done(lambda: deficiencies.draw_up(case, notes, actor=clerk, now=at(when)))


@pytest.mark.rule("S7", "V1")
def test_each_linked_case_shows_its_step_and_what_comes_next_by_whom_until_when(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-08 10:00")
    who = Applicant(client, *contract_and_permit(), now=at("2026-10-08 09:00"))
    page = words(who.look())
    assert "这张回执含2件申请" in page
    for case in who.cases:
        assert case.number in page
    assert page.count("不晚于2026年10月14日（星期三）一次告知全部内容") == 2
    assert page.count("告知期限：10月14日 周三 24:00 · 还剩5个工作日") == 2
    assert "线上办理事项变更" in page
    time_is("2026-10-15 10:00")
    assert "自2026年10月8日（星期四）起即为受理" in words(who.look())


@pytest.mark.rule("V1")
def test_the_list_is_answered_item_by_item_and_nothing_typed_or_uploaded_is_lost(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 11:00")
    who = Applicant(client)
    [case] = who.cases
    notice = told(case)
    page = who.look()
    assert "需要补正2项，已一次列全" in words(page)
    assert "已有数据：913.83 万元" in words(page)

    wrong = who.answer(notice, text_0="原件在附件", files_0=(BytesIO(pdf()), "合同.pdf"), value_1="很多钱")
    assert wrong.status_code == 422
    assert f'id="answer-{notice.id}-value-{notice.items[1].id}-error"' in wrong.text
    assert "合同.pdf" in wrong.text
    later = who.look()
    assert "原件在附件" in later
    assert 'value="很多钱"' in later
    assert "移除文件 合同.pdf" in later
    db.session.refresh(case)
    assert case.status is Status.DEFICIENT

    saved = who.answer(notice, button="save", text_0="原件在附件，第3页", value_1="")
    assert "还没有送出" in saved.text
    missing = who.answer(notice, text_0="原件在附件，第3页", value_1="")
    assert missing.status_code == 422
    assert "第2项" in words(missing.text)

    sent = who.answer(notice, text_0="原件在附件，第3页", value_1="913.90")
    assert sent.status_code == 200, words(sent.text)
    assert "补正已送达办理部门" in sent.text
    assert "不晚于2026年10月15日（星期四）一次告知全部内容" in words(sent.text)
    assert "补正后的内容：913.90 万元" in words(sent.text)
    db.session.expire_all()
    assert (case.status, case.changes[0].after["amount"]) == (Status.RECEIVED, "913.9")
    again = who.answer(notice, text_0="再送一次", value_1="1")
    assert "已经补正" in again.text
    db.session.expire_all()
    assert case.changes[0].after["amount"] == "913.9"


@pytest.mark.rule("V1")
def test_a_kept_file_is_taken_out_again_and_a_bad_one_is_named_beside_its_item(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 11:00")
    who = Applicant(sqlite_client)
    notice = told(who.cases[0])
    files = [(BytesIO(pdf("一")), "一.pdf"), (BytesIO(b"MZ"), "二.pdf")]
    bad = who.answer(notice, files_0=files[1], text_1="见合同")
    assert bad.status_code == 422
    assert "实际格式不在允许范围内" in bad.text
    assert "见合同" in bad.text
    kept = who.answer(notice, button="save", files_0=files[0])
    [file_id] = re.findall(r'name="remove" value="(\d+)"', kept.text)
    gone = who.answer(notice, button="save", text_0="")
    assert "一.pdf" in gone.text
    removed = who.send("corrections", list=notice.number, remove=file_id)
    assert "一.pdf" not in removed.text
    for hostile in ("0", "x", "9" * 40, "-1"):
        assert who.send("corrections", list=notice.number, remove=hostile).status_code == 200
    long = who.answer(notice, text_0="长" * 3000, text_1="a")
    assert long.status_code == 422
    assert "不超过2000字" in long.text


@pytest.mark.rule("V1", "O4")
def test_only_the_holder_of_the_code_answers_and_only_his_own_list(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 11:00")
    me, other = Applicant(sqlite_client), Applicant(sqlite_client)
    notice = told(other.cases[0])
    assert "不再需要补正" in me.answer(notice, text_0="插手", text_1="插手").text
    assert me.send("application-withdrawal", case=other.cases[0].number).status_code in (404, 422)
    other.code = me.code
    assert other.answer(notice, text_0="插手", text_1="插手").status_code == 404
    db.session.expire_all()
    assert other.cases[0].status is Status.DEFICIENT
    assert all(not item.answer for item in notice.items)


@pytest.mark.rule("V1")
def test_the_office_sees_no_draft_and_the_applicant_his_own_files(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 11:00")
    who = Applicant(sqlite_client)
    notice = told(who.cases[0])
    who.answer(notice, button="save", files_0=(BytesIO(pdf()), "草稿.pdf"))
    file = db.session.scalars(db.select(Attachment).where(Attachment.deficiency_item_id.is_not(None))).one()
    found = dialogue.file_of(who.cases[0], file.id)
    assert found is not None
    assert found.name == "草稿.pdf"
    own = who.send("files", file=str(file.id))
    assert own.status_code == 200
    assert own.mimetype == "application/pdf"


@pytest.mark.rule("S7")
def test_a_case_is_taken_back_only_with_a_confirmation_and_only_that_one(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 11:00")
    who = Applicant(client, *contract_and_permit())
    first, second = who.cases
    unsure = who.send("application-withdrawal", case=first.number)
    assert unsure.status_code == 422
    assert "请勾选确认" in unsure.text
    sure = who.send("application-withdrawal", case=first.number, **{f"withdrawal-{first.number}-sure": "y"})
    assert sure.status_code == 200, words(sure.text)
    assert "业绩档案保持原样" in sure.text
    db.session.expire_all()
    assert (first.status, second.status) == (Status.WITHDRAWN, Status.RECEIVED)
    twice = who.send("application-withdrawal", case=first.number, **{f"withdrawal-{first.number}-sure": "y"})
    assert twice.status_code == 409


@pytest.mark.rule("S7", "O4")
def test_linked_cases_share_one_dialogue(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 11:00")
    who, clerk = Applicant(sqlite_client, *contract_and_permit()), builders.acting(Role.CLERK)
    who.send("messages", **{"message-text": "请问施工许可需要原件吗"})
    second = who.cases[1]
    assert [said.text for said in dialogue.of(second)] == ["请问施工许可需要原件吗"]
    done(lambda: dialogue.answer(second, "需要，扫描件即可", actor=clerk, now=at("2026-10-09 12:00")))
    assert "需要，扫描件即可" in who.look()


@pytest.mark.rule("V1", "N10")
def test_the_list_is_told_by_mail_with_the_way_to_answer_it_and_without_its_content(app: Flask) -> None:
    receipt, _code = online_application(email="zhouming@example.org")
    told(receipt.cases[0])
    postbox = Postbox()
    with server(app, postbox):
        assert send_mail.run(now=at("2026-10-09 10:01")) == Outcome(1, 0)
    [letter] = postbox.letters
    assert letter["To"] == "zhouming@example.org"
    assert "需要补正" in letter["Subject"]
    body = letter.get_content()
    assert f"https://gs.example.gov.cn/progress?number={receipt.number}" in body
    assert "合同" not in body


@pytest.mark.rule("N2", "S7")
def test_the_notice_of_a_case_taken_back_stays_readable_and_says_so(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 11:00")
    who = Applicant(sqlite_client)
    [case] = who.cases
    notice = builders.notice(case=case, published_at=at("2026-10-09 10:00"))
    assert "公示到2026年10月15日" in words(who.look())
    who.send("application-withdrawal", case=case.number, **{f"withdrawal-{case.number}-sure": "y"})
    page = sqlite_client.get(f"/notices/{notice.reference}")
    assert page.status_code in (200, 410)
    assert "申请单位已撤回申请" in words(page.text)
