"""A case from its receipt to its end, each step by the officer whose duty it is (rules V3–V5, N1–N3, O5, O6, A4)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from jobs import approve_after_recheck
from portal import clock
from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.objection import ObjectionGround
from portal.models.record import RecordEntry
from portal.models.supervision_case import SupervisionCase
from portal.models.words import Disposition, Finding, NoticeStatus, Origin, Role, Section, Sector, Status
from tests import builders
from tests.builders import at
from tests.support import files

PDF = files.pdf()
VERIFICATION = {
    "verification-method": "archive_check",
    "verification-matter": "content",
    "verification-day": "2026-09-30",
    "verification-persons": "档案室 周明",
    "verification-finding": "true",
    "verification-note": "合同原件与申请内容一致",
}


def reloaded(case: Application) -> Application:
    """The case as it is stored now."""
    db.session.rollback()
    return db.session.get_one(Application, case.id)


def page_of(case: Application) -> str:
    """Address of the case's page."""
    return f"/office/applications/{case.number}"


def contested(*texts: str, verifier=None) -> Application:
    """A case whose window ended with these objections."""
    notice = builders.notice(verifier=verifier)
    for text in texts or ("合同金额与实际不符",):
        builders.objection(notice, text)
    builders.done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:20")))
    return notice.application


@pytest.mark.rule("V3")
def test_a_verifier_records_what_he_found_with_evidence_and_confirms(app, at_any_desk):
    case = builders.application()
    desk = at_any_desk(builders.officer(Role.VERIFIER))
    before = desk.get(page_of(case)).get_data(as_text=True)
    assert "还没有核实“申请内容”属实的记录" in before  # confirming is there, disabled, with the reason

    scan = {"verification-files": (io.BytesIO(PDF), "合同.pdf")}
    answer = desk.post(page_of(case) + "/verifications", {**VERIFICATION, **scan}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert desk.post(page_of(case) + "/confirmation").status_code == 303

    case = reloaded(case)
    assert case.status is Status.VERIFIED
    assert [file.name for file in case.verifications[0].evidence] == ["合同.pdf"]
    download = desk.client.get(f"/office/attachments/{case.verifications[0].evidence[0].id}")
    assert download.data.startswith(b"%PDF")
    assert download.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.rule("V3")
def test_confirming_too_early_is_refused_with_what_is_missing(app, at_any_desk):
    case = builders.application()
    desk = at_any_desk(builders.officer(Role.VERIFIER))
    answer = desk.post(page_of(case) + "/confirmation")
    assert answer.status_code == 422
    assert "还没有核实“申请内容”属实的记录" in answer.get_data(as_text=True)
    assert reloaded(case).status is Status.RECEIVED


@pytest.mark.rule("V4")
def test_outside_housing_three_more_matters_are_owed(sqlite_app, at_desk):
    project = builders.project(sector=Sector.OTHER_POWER)
    case = builders.application(existing=builders.entry(project))
    desk = at_desk(builders.officer(Role.VERIFIER))
    desk.get(page_of(case))
    desk.post(page_of(case) + "/verifications", VERIFICATION)
    html = desk.get(page_of(case)).get_data(as_text=True)
    for matter in ("立项", "开工报告", "竣工验收"):
        assert f"还没有核实“{matter}”属实的记录" in html


@pytest.mark.rule("V5")
def test_falsification_ends_the_case_and_opens_a_supervision_case(sqlite_app, at_desk):
    case = builders.application()
    desk = at_desk(builders.officer(Role.VERIFIER))
    desk.get(page_of(case))
    desk.post(page_of(case) + "/verifications", {**VERIFICATION, "verification-finding": "falsified"})
    answer = desk.post(page_of(case) + "/rejection", {"rejection-reason": "合同印章系伪造"})
    assert answer.status_code == 303
    assert reloaded(case).status is Status.REJECTED
    assert db.session.scalar(db.select(SupervisionCase)).application_id == case.id
    assert "合同印章系伪造" in desk.get("/office/supervision-cases").get_data(as_text=True)


@pytest.mark.rule("N3")
def test_publishing_shows_the_window_first_and_retraction_opens_a_new_full_one(app, at_any_desk):
    case = builders.verify(builders.application())
    desk = at_any_desk(builders.officer(Role.PUBLISHER))
    preview = desk.get(page_of(case)).get_data(as_text=True)
    assert "现在发布，公示至" in preview

    assert desk.post(page_of(case) + "/notice").status_code == 303
    first = db.session.scalars(db.select(Notice)).one()
    assert first.status is NoticeStatus.OPEN
    assert (
        desk.post(f"/office/notices/{first.reference}/retraction", {"retraction-reason": "单位名称有误"}).status_code
        == 303
    )
    assert reloaded(case).status is Status.VERIFIED
    assert desk.post(page_of(case) + "/notice").status_code == 303
    db.session.rollback()
    assert [notice.status for notice in db.session.scalars(db.select(Notice).order_by(Notice.id))] == [
        NoticeStatus.RETRACTED,
        NoticeStatus.OPEN,
    ]
    assert "单位名称有误" in desk.get(page_of(case)).get_data(as_text=True)


@pytest.mark.rule("O5", "O6", "O7")
def test_a_decider_rules_on_each_ground_and_then_concludes(app, at_any_desk):
    case = contested("合同金额与实际不符", "承包单位名称不对")
    desk = at_any_desk(builders.officer(Role.DECIDER))
    assert "还有2条异议理由没有裁定" in desk.get(page_of(case)).get_data(as_text=True)
    early = desk.post(page_of(case) + "/conclusion", {"conclusion-reason": "异议不成立，予以办理"})
    assert early.status_code == 409
    assert "异议不成立，予以办理" in early.get_data(as_text=True)  # what was typed is kept

    for ground in db.session.scalars(db.select(ObjectionGround)).all():
        name = f"ground-{ground.id}"
        sent = {f"{name}-disposition": "dismissed", f"{name}-reason": "经核对合同原件，金额无误"}
        assert desk.post(f"/office/grounds/{ground.id}/ruling", sent).status_code == 303
    assert desk.post(page_of(case) + "/conclusion", {"conclusion-reason": "异议均不成立，予以办理"}).status_code == 303
    assert reloaded(case).status is Status.AWAITING_RECHECK
    assert approve_after_recheck.run(now=clock.now() + timedelta(days=30)) == (1, 0)
    assert reloaded(case).status is Status.APPROVED
    assert db.session.scalars(db.select(RecordEntry)).one().content["amount"] == "913.8285"


@pytest.mark.rule("A4")
def test_whoever_verified_sees_why_he_may_not_decide(sqlite_app, at_desk):
    both = builders.officer(Role.VERIFIER, Role.DECIDER)
    from portal.domain.accounts import actor_of

    case = contested(verifier=actor_of(both))
    desk = at_desk(both)
    assert "您核实过此件，不能再由您审核办理" in desk.get(page_of(case)).get_data(as_text=True)
    ground = db.session.scalars(db.select(ObjectionGround)).one()
    sent = {f"ground-{ground.id}-disposition": "dismissed", f"ground-{ground.id}-reason": "经核对无误"}
    answer = desk.post(f"/office/grounds/{ground.id}/ruling", sent)
    assert answer.status_code == 403
    assert "经核对无误" in answer.get_data(as_text=True)


@pytest.mark.rule("S4")
def test_an_online_permit_is_changed_without_a_notice_by_another_person(sqlite_app, at_desk):
    content = {"permit_number": "430181202301010101", "project_name": "长寿路改造"}
    entry = builders.entry(
        section=Section.CONSTRUCTION_PERMIT, origin=Origin.ONLINE, content=content, number="430181202301010101"
    )
    case = builders.application(existing=entry, after={**content, "project_name": "长寿路提质改造"})
    builders.verify(case)
    desk = at_desk(builders.officer(Role.DECIDER))
    html = desk.get(page_of(case)).get_data(as_text=True)
    assert "办理线上变更" in html
    assert "本件不需要公示" in html
    sent = {"online-change-reason": "与许可系统一致，予以变更"}
    assert desk.post(page_of(case) + "/online-change", sent).status_code == 303
    assert reloaded(case).status is Status.APPROVED


def test_the_second_of_two_officers_is_told_what_changed_and_keeps_his_words(app, at_any_desk):
    case = builders.application()
    first, second = (at_any_desk(builders.officer(Role.VERIFIER)) for _ in range(2))
    for desk in (first, second):
        html = desk.get(page_of(case)).get_data(as_text=True)
    seen = html.split('name="verification-seen"')[1].split('value="')[1].split('"')[0]
    first.post(page_of(case) + "/verifications", VERIFICATION)
    first.post(page_of(case) + "/confirmation")

    late = second.post(
        page_of(case) + "/verifications",
        {**VERIFICATION, "verification-seen": seen, "verification-note": "现场查看，与申请一致"},
    )
    html = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "当前状态为“核实属实”" in html
    assert "您打开页面之后有了变化" in html
    assert "现场查看，与申请一致" in html
    assert len(reloaded(case).verifications) == 1


def test_two_deciders_ruling_at_once_the_second_learns_that_it_was_ruled_on(app, at_any_desk):
    case = contested()
    ground_id = db.session.scalars(db.select(ObjectionGround.id)).one()
    first, second = (at_any_desk(builders.officer(Role.DECIDER)) for _ in range(2))
    for desk in (first, second):
        desk.get(page_of(case))
    upheld = {f"ground-{ground_id}-disposition": "upheld", f"ground-{ground_id}-reason": "金额确有出入"}
    dismissed = {f"ground-{ground_id}-disposition": "dismissed", f"ground-{ground_id}-reason": "金额并无出入"}
    assert first.post(f"/office/grounds/{ground_id}/ruling", upheld).status_code == 303
    late = second.post(f"/office/grounds/{ground_id}/ruling", dismissed)
    assert late.status_code == 409
    assert "这条理由已经裁定" in late.get_data(as_text=True)
    assert "金额并无出入" in late.get_data(as_text=True)
    begin_write()
    assert db.session.get_one(ObjectionGround, ground_id).disposition is Disposition.UPHELD


def test_a_file_that_is_not_what_its_name_says_is_refused_and_nothing_is_stored(sqlite_app, at_desk):
    case = builders.application()
    desk = at_desk(builders.officer(Role.VERIFIER))
    desk.get(page_of(case))
    files = {"verification-files": (io.BytesIO(b"MZ" + b"\0" * 200), "合同.pdf")}
    answer = desk.post(page_of(case) + "/verifications", {**VERIFICATION, **files}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "实际格式不在允许范围内" in answer.get_data(as_text=True)
    assert not reloaded(case).verifications


def test_officers_of_the_bureau_above_see_the_case_and_may_not_act_on_it(sqlite_app, at_desk):
    case = builders.application()
    desk = at_desk(builders.officer(Role.VERIFIER, bureau_code="430100"))
    html = desk.get(page_of(case)).get_data(as_text=True)
    assert "上级单位可以查看和督办，不能代为办理" in html
    answer = desk.post(page_of(case) + "/verifications", VERIFICATION)
    assert answer.status_code == 403
    assert not reloaded(case).verifications


def test_findings_of_every_kind_show_on_the_page(sqlite_app, at_desk):
    case = builders.application()
    desk = at_desk(builders.officer(Role.VERIFIER))
    desk.get(page_of(case))
    desk.post(page_of(case) + "/verifications", {**VERIFICATION, "verification-finding": "untrue"})
    html = desk.get(page_of(case)).get_data(as_text=True)
    assert Finding.UNTRUE.label in html
    assert "已有核实不属实的记录" in html
