"""Finding out whether it is true: rules V3, V4, V5, S6."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.clock import beijing_date
from portal.domain import notices, verifications
from portal.domain.actor import Actor
from portal.domain.attachments import StoredFile
from portal.domain.errors import NotAllowed, NotAllowedNow
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.application import Application
from portal.models.outbox import OutboxMessage
from portal.models.supervision_case import SupervisionCase
from portal.models.verification import Verification
from portal.models.words import Finding, Matter, Role, Sector, Status, VerificationMethod
from tests.builders import MORNING, acting, application, at, done, entry, project, verify
from tests.domain.office import history, office, refused, said

SCAN = StoredFile("合同扫描件.pdf", "application/pdf", 1024, "a" * 64, "aa/" + "a" * 64)


def look(case: Application, by: Actor, **more: Any) -> Verification:
    """One act of fact-finding, plausible but for what is said."""
    given = {
        "method": VerificationMethod.SITE_VISIT,
        "matter": Matter.CONTENT,
        "day": beijing_date(MORNING),
        "persons": "建管科两名工作人员",
        "finding": Finding.TRUE,
        "note": "现场与申请内容一致",
        **more,
    }
    return done(lambda: verifications.record(case, **given, actor=by, now=MORNING))


@pytest.mark.rule("V3")
def test_a_verification_names_its_method_day_persons_finding_and_evidence(app: Flask):
    case, verifier = application(), acting(Role.VERIFIER)
    made = look(case, verifier, method=VerificationMethod.JOINT_REVIEW, files=[SCAN])
    assert [file.sha256 for file in made.evidence] == [SCAN.sha256]
    facts = said(Event.VERIFICATION_RECORDED, case)
    assert facts["detail"] == {
        "method": "joint_review", "matter": "content", "day": "2026-09-30", "finding": "true", "files": 1,
    }  # fmt: skip
    assert facts["after"] == {"files": [SCAN.sha256]}
    assert [method.label for method in VerificationMethod] == [
        "现场踏勘", "调阅档案资料", "平台信息共享", "协调相关单位配合审核",
    ]  # fmt: skip


@pytest.mark.rule("V3")
@pytest.mark.parametrize(
    ("field", "wrong"), [("persons", " "), ("note", "一致"), ("day", beijing_date(MORNING) + timedelta(days=1))]
)
def test_an_incomplete_verification_or_one_of_tomorrow_is_refused(sqlite_app: Flask, field: str, wrong: object):
    case, verifier = application(), acting(Role.VERIFIER)
    assert refused(lambda: look(case, verifier, **{field: wrong}), rule="V3").field == field
    assert case.verifications == []


@pytest.mark.rule("V3")
def test_nothing_goes_on_notice_before_its_content_was_found_true(app: Flask):
    case, desk = application(), office()
    refused(lambda: notices.publish(case, actor=desk.publisher, now=MORNING), NotAllowedNow)
    refused(lambda: verifications.confirm_true(case, actor=desk.verifier, now=MORNING), rule="V3")
    look(case, desk.verifier, matter=Matter.COMPLETION_ACCEPTANCE)
    refusal = refused(lambda: verifications.confirm_true(case, actor=desk.verifier, now=MORNING), rule="V3")
    assert "申请内容" in refusal.message
    look(case, desk.verifier)
    done(lambda: verifications.confirm_true(case, actor=desk.verifier, now=MORNING))
    assert case.status is Status.VERIFIED
    published = done(lambda: notices.publish(case, actor=desk.publisher, now=MORNING))
    assert published.application.status is Status.ON_NOTICE


@pytest.mark.rule("V3", "V5")
def test_one_finding_of_untruth_outweighs_any_number_of_true_ones(app: Flask):
    case, verifier = application(), acting(Role.VERIFIER)
    look(case, verifier)
    look(case, verifier, finding=Finding.UNTRUE, note="合同金额与档案不一致")
    refusal = refused(lambda: verifications.confirm_true(case, actor=verifier, now=MORNING), rule="V3")
    assert "不属实" in refusal.message


@pytest.mark.rule("V3")
def test_after_it_is_confirmed_no_verification_is_added(app: Flask):
    verifier = acting(Role.VERIFIER)
    case = verify(application(), verifier)
    refused(lambda: look(case, verifier), NotAllowedNow, rule="V3")


@pytest.mark.rule("V4", "S6")
@pytest.mark.parametrize("sector", [Sector.OTHER_POWER, Sector.OTHER_MINING, Sector.OTHER])
def test_outside_housing_and_municipal_works_three_matters_are_owed_one_by_one(sqlite_app: Flask, sector: Sector):
    case, verifier = application(existing=entry(project(sector=sector))), acting(Role.VERIFIER)
    today = date(2026, 9, 30)
    look(case, verifier)
    owed = [Matter.PROJECT_APPROVAL, Matter.COMMENCEMENT_REPORT, Matter.COMPLETION_ACCEPTANCE]
    assert [matter.label for matter in owed] == ["立项", "开工报告", "竣工验收"]
    for at_, matter in enumerate(owed):
        gaps = verifications.missing(case, today)
        assert len(gaps) == len(owed) - at_
        assert matter.label in gaps[0]
        refused(lambda: verifications.confirm_true(case, actor=verifier, now=MORNING))
        look(case, verifier, matter=matter)
    done(lambda: verifications.confirm_true(case, actor=verifier, now=MORNING))
    assert case.status is Status.VERIFIED


@pytest.mark.rule("V5")
def test_untrue_is_rejected_with_its_reason_the_applicant_is_told_and_his_entry_is_free_again(app: Flask):
    from portal.domain.intake import Applicant, ChangeRequest, receive
    from portal.models.words import Channel, Kind

    target, desk = entry(), office()
    request = ChangeRequest(target.section, target.number, target.origin, {**target.content, "amount": "1.00"})
    case = done(
        lambda: receive(
            Kind.CORRECTION, target.project, [request], Applicant("某公司", contact={"email": "a@example.com"}),
            channel=Channel.CLERK, actor=desk.clerk, now=MORNING,
        )
    )  # fmt: skip
    reason = "档案中的合同原件金额与申请不符"
    refused(lambda: verifications.reject_untrue(case, reason, actor=desk.verifier, now=MORNING), rule="V5")
    look(case, desk.verifier, finding=Finding.UNTRUE, note="金额与原件不符")
    refused(lambda: verifications.reject_untrue(case, "不符", actor=desk.verifier, now=MORNING), rule="V5")
    assert done(lambda: verifications.reject_untrue(case, reason, actor=desk.verifier, now=MORNING)) is None
    assert (case.status, case.decision_text) == (Status.REJECTED, reason)
    assert said(Event.APPLICATION_REJECTED, case)["detail"] == {"reason": reason}
    assert [message.key for message in db.session.scalars(db.select(OutboxMessage))] == [f"{case.number}/rejected"]
    assert application(existing=target, now=at("2026-10-09 10:00")).status is Status.RECEIVED


@pytest.mark.rule("V5")
def test_falsification_opens_a_supervision_case_besides(app: Flask):
    case, verifier = application(), acting(Role.VERIFIER)
    look(case, verifier, finding=Finding.FALSIFIED, note="印章系伪造，已取证")
    opened = done(lambda: verifications.reject_untrue(case, "提交伪造的合同", actor=verifier, now=MORNING))
    assert opened is not None
    assert db.session.scalars(db.select(SupervisionCase)).one() is opened
    assert opened.application is case
    assert [event for event, _ in history(case)][-2:] == ["application_rejected", "supervision_case_opened"]


@pytest.mark.rule("V3", "A3", "A5")
def test_only_a_verifier_of_the_bureau_verifies(app: Flask):
    case = application()
    refused(lambda: look(case, acting(Role.DECIDER)), NotAllowed, rule="A3")
    refused(lambda: look(case, acting(Role.VERIFIER, bureau_code="430100")), NotAllowed, rule="S3")
