"""投诉举报 at the desk that handles them: through every state by the page's own forms, and out of sight of everybody
else.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain import accounts, complaint_followup, dialogue
from portal.domain.attachments import StoredFile
from portal.domain.filings import Identity
from portal.extensions import db
from portal.models.account import Account
from portal.models.attachment import Attachment
from portal.models.bureau import Bureau
from portal.models.words import (
    ComplaintFinding,
    ComplaintMatter,
    ComplaintStatus,
    ComplaintTarget,
    IdentityMode,
    Role,
)
from tests import builders
from tests.backoffice.conftest import Desk, SetClock
from tests.builders import COUNTY, bureau, done
from tests.complaints import CITY, NOW, OUTCOME, PROVINCE, TEXT, about_a_site, complain, conclude, handler, take
from tests.support.files import pdf

AtDesk = Callable[[Account], Desk]
HANDLER = Role.COMPLAINT_HANDLER


def officer(code: str = CITY, role: Role = HANDLER) -> Account:
    return builders.officer(role, bureau_code=code)


def shown(desk: Desk, number: str) -> str:
    answer = desk.get(f"/office/complaints/{number}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.rule("C2", "C7", "A5")
def test_only_its_own_desk_sees_it_and_it_sees_no_name(app: Flask, at_any_desk: AtDesk) -> None:
    who = Identity(IdentityMode.CONFIDENTIAL, {"name": "王小明", "phone": "13907310000"})
    filed = complain(identity=who)
    number = filed.number
    own = at_any_desk(officer())
    page, listed = shown(own, number), own.get("/office/complaints").text
    assert TEXT in page
    assert "身份已封存" in page
    assert number in listed
    for secret in ("王小明", "13907310000"):
        assert secret not in page + listed
    for code, role in (
        (COUNTY, HANDLER),
        (PROVINCE, HANDLER),
        (PROVINCE, Role.DISCIPLINE_OFFICER),
        ("430200", HANDLER),
    ):
        stranger = at_any_desk(officer(code, role))
        assert stranger.get(f"/office/complaints/{number}").status_code == 404
        assert stranger.post(f"/office/complaints/{number}/registration").status_code == 404
        assert number not in stranger.get("/office/complaints?view=all").text
        assert number not in stranger.get("/office/").text
    assert at_any_desk(officer(CITY, Role.DECIDER)).get(f"/office/complaints/{number}").status_code == 403


@pytest.mark.rule("C2")
def test_about_the_province_its_discipline_office_alone_sees_files_and_all(app: Flask, at_any_desk: AtDesk) -> None:
    filed = complain(code=PROVINCE)
    number = filed.number
    file = StoredFile("录音.pdf", "application/pdf", 3, "1" * 64, "11/1")
    done(lambda: dialogue.say(filed, "补充一份材料", [file], now=NOW))
    file_id = db.session.scalars(select(Attachment.id)).one()
    discipline = at_any_desk(officer(PROVINCE, Role.DISCIPLINE_OFFICER))
    assert f"/office/complaints/{number}/files/{file_id}" in shown(discipline, number)
    assert "投诉举报" in discipline.get("/office/").text
    desk = at_any_desk(officer(PROVINCE))
    for address in (f"/office/complaints/{number}", f"/office/complaints/{number}/files/{file_id}"):
        assert desk.get(address).status_code == 404
    assert desk.get(f"/office/attachments/{file_id}").status_code == 404
    discipline.get(f"/office/complaints/{number}")
    assert discipline.post(f"/office/complaints/{number}/registration").status_code == 303
    assert filed.status is ComplaintStatus.REGISTERED


@pytest.mark.rule("C3", "C4", "C1")
def test_a_complaint_is_registered_accepted_asked_about_extended_and_answered(
    app: Flask, at_any_desk: AtDesk, time_is: SetClock
) -> None:
    filed = complain()
    number, address = filed.number, f"/office/complaints/{filed.number}"
    time_is("2026-10-12 09:00")
    desk = at_any_desk(officer())
    assert "在此之前告知受理、不予受理或者转送" in shown(desk, number)
    assert desk.post(f"{address}/registration").status_code == 303
    assert desk.post(f"{address}/acceptance").status_code == 303
    db.session.expire_all()
    assert (filed.status, str(filed.due_on)) == (ComplaintStatus.INVESTIGATING, "2026-12-11")
    said = desk.post(
        f"{address}/messages",
        {"messages-text": "请说明照片拍摄的时间", "messages-files": (io.BytesIO(pdf()), "需要补充的材料.pdf")},
        content_type="multipart/form-data",
    )
    assert said.status_code == 303
    page = shown(desk, number)
    assert "请说明照片拍摄的时间" in page
    file = re.findall(rf'href="({address}/files/\d+)"', page)[0]
    assert desk.client.get(file).data.startswith(b"%PDF")
    assert desk.post(f"{address}/extension", {"extension-reason": "需要外地档案馆协查"}).status_code == 303
    assert "期限只能延长一次，已经延长过" in shown(desk, number)
    short = desk.post(f"{address}/conclusion", {"conclusion-finding": "partly", "conclusion-outcome": "属实"})
    assert short.status_code == 422
    assert "请写明核查的事实、意见和依据" in short.text
    ended = desk.post(f"{address}/conclusion", {"conclusion-finding": "partly", "conclusion-outcome": OUTCOME})
    assert ended.status_code == 303
    db.session.expire_all()
    assert (filed.status, filed.rounds[0].finding) == (ComplaintStatus.CONCLUDED, ComplaintFinding.PARTLY)
    page = shown(desk, number)
    for sentence in (
        "已登记1件投诉举报",
        "受理投诉举报",
        "办理期限延长至2027年1月10日",
        "部分属实，已答复提交人",
        "已提请追究责任",
    ):
        assert sentence in page


@pytest.mark.rule("C3", "C4")
def test_refused_it_ends_with_the_reason_told(sqlite_app: Flask, at_desk: AtDesk) -> None:
    filed = complain()
    address = f"/office/complaints/{filed.number}"
    desk = at_desk(officer())
    shown(desk, filed.number)
    empty = desk.post(f"{address}/refusal", {"refusal-reason": ""})
    assert empty.status_code == 422
    assert "请写明不予受理的理由" in empty.text
    assert desk.post(f"{address}/refusal", {"refusal-reason": "已进入诉讼程序，请向法院反映"}).status_code == 303
    page = shown(desk, filed.number)
    assert "已进入诉讼程序" in page
    assert "本件已经结束，没有后续操作" in page


@pytest.mark.rule("C2", "C3")
def test_passed_on_it_leaves_the_desk_and_is_never_offered_to_whom_it_is_about(app: Flask, at_any_desk: AtDesk) -> None:
    filed = complain(code=CITY)
    number, address = filed.number, f"/office/complaints/{filed.number}"
    desk, there = at_any_desk(officer(PROVINCE)), at_any_desk(officer("430200"))
    page = shown(desk, number)
    offered = set(re.findall(r'<option value="(\w+)">', page))
    assert {"430200", "outside"} <= offered
    below = set(db.session.scalars(select(Bureau.code).where(Bureau.path.startswith(bureau(CITY).path))))
    assert not offered & (below | {PROVINCE})
    forged = desk.post(f"{address}/transfer", {"transfer-to": COUNTY, "transfer-reason": "请浏阳市局自行办理"})
    assert forged.status_code == 422
    sent = desk.post(f"{address}/transfer", {"transfer-to": "430200", "transfer-reason": "属株洲市管辖，转其办理"})
    assert sent.location == "/office/complaints"
    assert desk.get(address).status_code == 404
    assert number in there.get("/office/complaints").text
    assert "属株洲市管辖" in shown(there, number)
    outside = there.post(
        f"{address}/transfer", {"transfer-to": "outside", "transfer-reason": "属人社部门职责，转其办理"}
    )
    assert outside.status_code == 303
    page = shown(there, number)
    assert "已转送其他单位" in page
    assert "确认：不予受理" not in page
    there.post(f"{address}/registration")
    db.session.expire_all()
    assert filed.status is ComplaintStatus.REGISTERED


@pytest.mark.rule("C2", "A4")
def test_who_recuses_himself_or_took_part_in_the_matter_reads_it_no_more(app: Flask, at_any_desk: AtDesk) -> None:
    first, second = officer(), officer()
    filed = complain()
    number, address = filed.number, f"/office/complaints/{filed.number}"
    desk = at_any_desk(first)
    shown(desk, number)
    left = desk.post(f"{address}/recusal", {"recusal-reason": "被反映人是我的近亲属"})
    assert left.location == "/office/complaints"
    assert number not in desk.get("/office/complaints?view=all").text.replace(f"您已回避 {number}", "")
    refused = desk.get(address)
    assert refused.status_code == 403
    assert "您已回避此件" in refused.text
    assert "一名经办人员回避" in shown(at_any_desk(second), number)

    both = builders.officer(Role.VERIFIER, HANDLER)
    notice = builders.notice(verifier=accounts.actor_of(both))
    about = complain(
        ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT,
        project_id=notice.application.project_id, place_id=None,
    )  # fmt: skip
    barred = at_any_desk(both).get(f"/office/complaints/{about.number}")
    assert barred.status_code == 403
    assert "应当回避" in barred.text
    assert at_any_desk(officer(COUNTY)).get(f"/office/complaints/{about.number}").status_code == 200


@pytest.mark.rule("C6")
def test_what_was_found_untrue_is_pointed_at_the_record(sqlite_app: Flask, at_desk: AtDesk) -> None:
    project = builders.project()
    filed = complain(ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT, project_id=project.id, place_id=None)
    take(filed, handler(COUNTY))
    conclude(filed, handler(COUNTY), ComplaintFinding.SUBSTANTIATED)
    page = shown(at_desk(officer(COUNTY)), filed.number)
    assert "据实删除或者更正" in page
    assert f"/office/records/{project.number}" in page


def test_a_re_examination_shows_why_it_was_asked_for(sqlite_app: Flask, at_desk: AtDesk) -> None:
    filed, _ = about_a_site()
    take(filed, handler(COUNTY))
    conclude(filed, handler(COUNTY))
    done(lambda: complaint_followup.ask_review(filed, "没有到现场看过", now=NOW))
    desk = at_desk(officer())
    page = shown(desk, filed.number)
    assert "没有到现场看过" in page
    assert OUTCOME in page
    address = f"/office/complaints/{filed.number}"
    assert "延长办理期限" not in page
    said = {"conclusion-finding": "substantiated", "conclusion-outcome": OUTCOME}
    assert desk.post(f"{address}/conclusion", said).status_code == 303
    db.session.expire_all()
    assert filed.status is ComplaintStatus.RE_EXAMINED
