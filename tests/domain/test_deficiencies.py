"""The one-time deficiency notice and its answer: rules V1, V2, S5, and taking an application back."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from flask import Flask

from portal.domain import checklists, deficiencies, intake, notices, online_intake, resubmissions, workdays
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.attachments import StoredFile
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.resubmissions import Answer
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.application import Application, ApplicationChange
from portal.models.deficiency import DeficiencyItem, DeficiencyNotice
from portal.models.outbox import OutboxMessage
from portal.models.project import Project
from portal.models.words import Channel, Kind, NoticeStatus, Origin, Role, Section, Sector, Status
from tests import builders
from tests.builders import acting, application, at, done, entry, online_application, project
from tests.domain.office import blank, database_refuses, history, refused, said, sweep

NEXT_DAY = at("2026-10-09 09:00")  # the first working day after MORNING
AMOUNT, CONTRACT = "1/field/amount", "1/contract"
WHY = "首次告知时遗漏，经复核合同附件后发现"


def told(case: Application, notes: dict[str, str] | None = None, **more: Any) -> DeficiencyNotice:
    """A list told to the applicant, by default about the amount and the contract itself."""
    clerk = more.pop("clerk", None) or acting(Role.CLERK)
    wanted = notes if notes is not None else {AMOUNT: "与合同原件不符", CONTRACT: ""}
    return done(lambda: deficiencies.draw_up(case, wanted, actor=clerk, now=NEXT_DAY, **more))


def answered(notice: DeficiencyNotice, *answers: Answer, now: Any = NEXT_DAY) -> None:
    """The list answered, its items in order; "见说明" where no answer is given for one."""
    given = [*answers, *[Answer("见说明，合同未约定")] * (len(notice.items) - len(answers))]
    by_id = {item.id: answer for item, answer in zip(notice.items, given, strict=True)}
    done(lambda: resubmissions.keep(notice, by_id, now=now))
    done(lambda: resubmissions.resubmit(notice, actor=PUBLIC, now=now))


def paper(name: str = "合同.pdf", digit: str = "c") -> StoredFile:
    return StoredFile(name, "application/pdf", 2048, digit * 64, f"{digit * 2}/{digit * 64}")


@pytest.mark.rule("V1")
def test_everything_missing_is_told_at_once_from_a_checklist_of_the_kind_and_its_sections(app: Flask):
    receipt, _code = online_application()
    case = receipt.cases[0]
    asked = checklists.checklist(case)
    assert {"paper/application", "paper/why_wrong", CONTRACT, AMOUNT} <= {each.key for each in asked}
    notice = told(case)
    assert case.status is Status.DEFICIENT
    assert [item.label for item in notice.items] == [
        f"合同 {case.changes[0].entry_number}：合同协议书",
        f"合同 {case.changes[0].entry_number}：合同金额（万元）",
    ]
    assert notice.issued_at == NEXT_DAY
    assert said(Event.DEFICIENCIES_LISTED, case)["detail"]["items"] == 2
    [letter] = db.session.scalars(db.select(OutboxMessage)).all()
    assert letter.template == "application_deficient"
    assert letter.facts["receipt"] == receipt.number
    assert "不符" not in str(letter.facts)


@pytest.mark.rule("V1", "V4")
def test_each_kind_and_sector_has_its_own_checklist():
    def keys(kind: Kind, sector: Sector, section: Section = Section.CONTRACT) -> set[str]:
        case = Application(kind=kind, project=Project(sector=sector), changes=[])
        case.changes = [ApplicationChange(section=section, entry_number="1", position=1, after=blank(section))]
        return {each.key for each in checklists.checklist(case)}

    supplement = keys(Kind.SUPPLEMENT, Sector.HOUSING)
    assert "paper/why_missing" in supplement
    assert "paper/commencement_report" not in supplement
    assert "paper/commencement_report" in keys(Kind.CORRECTION, Sector.OTHER)
    upgrade = keys(Kind.LEVEL_UPGRADE, Sector.HOUSING)
    assert "paper/penalty" in upgrade
    assert not any("/field/" in key for key in upgrade)
    for section in Section:
        assert any(key.startswith("1/field/") for key in keys(Kind.CORRECTION, Sector.HOUSING, section))


@pytest.mark.rule("S5", "V1")
def test_the_portal_sees_by_itself_that_the_scan_and_a_required_field_are_missing(app: Flask):
    target = entry()
    case = application(existing=target, after={**target.content, "signing_date": None})
    owed = {each.key for each in checklists.checklist(case) if each.owed}
    assert owed == {"paper/application", "1/field/signing_date"}


@pytest.mark.rule("V1")
def test_nothing_told_within_five_working_days_and_the_application_counts_as_accepted(app: Flask):
    case = application(now=at("2026-10-12 09:00"))  # a Monday: the fifth day is the next Monday
    calendar = workdays.load_calendar(db.session)
    last = deficiencies.acceptance(case, calendar, date(2026, 10, 19))
    assert (last.tell_until.last_day, last.accepted_on, last.by_silence) == (date(2026, 10, 19), None, False)
    over = deficiencies.acceptance(case, calendar, date(2026, 10, 20))
    assert (over.accepted_on, over.by_silence) == (date(2026, 10, 12), True)
    clerk = acting(Role.CLERK)
    draw_up = partial(deficiencies.draw_up, case, {CONTRACT: ""}, actor=clerk)
    refusal = refused(lambda: draw_up(now=at("2026-10-20 00:00")), NotAllowedNow, rule="V1")
    assert "自收到之日起即为受理" in refusal.message
    assert done(lambda: draw_up(now=at("2026-10-19 23:59"))).issued_at is not None


@pytest.mark.rule("V1", "N5")
def test_a_limit_nobody_knows_yet_accepts_nothing_by_silence(app: Flask):
    case = application(now=at("2026-12-25 09:00"))
    calendar = workdays.load_calendar(db.session)
    answer = deficiencies.acceptance(case, calendar, date(2027, 1, 20))
    assert answer.tell_until.provisional
    assert answer.accepted_on is None


@pytest.mark.rule("V1")
def test_what_is_no_list_is_refused(app: Flask):
    case, clerk = application(), acting(Role.CLERK)
    draw_up = partial(deficiencies.draw_up, case, actor=clerk, now=NEXT_DAY)
    refused(lambda: draw_up({}), rule="V1")
    refused(lambda: draw_up({"9/field/amount": ""}), rule="V1")
    refused(lambda: draw_up({CONTRACT: "长" * 1001}), rule="V1")
    refused(lambda: deficiencies.draw_up(case, {CONTRACT: ""}, actor=acting(Role.DECIDER), now=NEXT_DAY), NotAllowed)
    elsewhere = acting(Role.CLERK, bureau_code="430211")
    refused(lambda: deficiencies.draw_up(case, {CONTRACT: ""}, actor=elsewhere, now=NEXT_DAY), NotFound)
    told(case)
    refused(lambda: draw_up({CONTRACT: ""}), NotAllowedNow, rule="V1")


@pytest.mark.rule("V1")
def test_the_answer_brings_the_case_back_with_its_content_as_it_is_now_wanted(app: Flask):
    case = online_application()[0].cases[0]
    notice = told(case, {"paper/application": "公章不清", AMOUNT: "与原件不符", CONTRACT: ""})
    new_scan = paper("申请表新.pdf", "d")
    answered(notice, Answer(files=[new_scan]), Answer("原件已附", files=[paper()]), Answer(value="913.90"))
    assert case.status is Status.RECEIVED
    assert case.changes[0].after["amount"] == "913.9"
    assert case.scan_sha256 == new_scan.sha256
    assert [item.answered_with for item in notice.items] == ["", "", "913.90 万元"]
    assert history(case)[-1] == ("deficiencies_supplied", "public")
    assert said(Event.DEFICIENCIES_SUPPLIED, case)["detail"]["files"] == 2
    again = deficiencies.acceptance(case, workdays.load_calendar(db.session), date(2026, 10, 9))
    assert again.tell_until.last_day == date(2026, 10, 15)  # counted from the answer


@pytest.mark.rule("V1")
def test_every_item_wants_an_answer_and_what_was_kept_waits_meanwhile(app: Flask):
    case = online_application()[0].cases[0]
    notice = told(case)
    contract, amount = notice.items
    keep = partial(resubmissions.keep, notice, now=NEXT_DAY)
    done(lambda: keep({contract.id: Answer("见附件", files=[paper()]), amount.id: Answer(value="很多钱")}))
    problems = resubmissions.gaps(notice)
    assert [problem.field for problem in problems] == [f"value-{amount.id}"]
    refused(lambda: resubmissions.resubmit(notice, actor=PUBLIC, now=NEXT_DAY), rule="S10")
    done(lambda: keep({amount.id: Answer(), contract.id: Answer()}, dropped=contract.files[0].id))
    assert [problem.field for problem in resubmissions.gaps(notice)] == [f"text-{contract.id}", f"text-{amount.id}"]
    assert case.status is Status.DEFICIENT
    files = [paper(f"{at_}.pdf", f"{at_:x}") for at_ in range(11)]
    [too_many] = done(lambda: keep({contract.id: Answer(files=files)}))
    assert too_many.field == f"files-{contract.id}"
    assert contract.files == []


@pytest.mark.rule("V1")
def test_a_list_is_answered_once_by_the_applicant_or_at_the_desk(app: Flask):
    case = application()
    notice = told(case)
    given = {item.id: Answer("到窗口提交原件") for item in notice.items}
    done(lambda: resubmissions.keep(notice, given, now=NEXT_DAY))
    for stranger, kind in ((acting(Role.DECIDER), NotAllowed), (acting(Role.CLERK, bureau_code="430211"), NotFound)):
        refused(partial(resubmissions.resubmit, notice, actor=stranger, now=NEXT_DAY), kind)
    clerk = acting(Role.CLERK)
    done(lambda: resubmissions.resubmit(notice, actor=clerk, now=NEXT_DAY))
    assert history(case)[-1] == ("deficiencies_supplied", clerk.name)
    refused(lambda: resubmissions.resubmit(notice, actor=PUBLIC, now=NEXT_DAY), NotAllowedNow)
    refused(lambda: resubmissions.keep(notice, given, now=NEXT_DAY), NotAllowedNow)


@pytest.mark.rule("S2", "V1")
def test_a_correction_whose_answer_leaves_nothing_to_correct_is_told_so(app: Flask):
    target = entry()
    same = str(target.content["amount"])
    notice = told(application(existing=target))
    given = {item.id: Answer("见说明", value=same if item.about == AMOUNT else "") for item in notice.items}
    done(lambda: resubmissions.keep(notice, given, now=NEXT_DAY))
    refusal = refused(lambda: resubmissions.resubmit(notice, actor=PUBLIC, now=NEXT_DAY), rule="S2")
    assert "可以撤回" in refusal.message


@pytest.mark.rule("V2")
def test_a_second_list_about_what_the_resubmission_changed_is_in_force_at_once(app: Flask):
    case = application()
    answered(told(case), Answer("见附件"), Answer(value="913.90"))
    again = told(case, {AMOUNT: "大小写金额不一致"})
    assert (again.round, again.reason, again.signed_by_id) == (2, "", None)
    assert case.status is Status.DEFICIENT


@pytest.mark.rule("V2")
def test_a_second_list_about_anything_else_needs_a_public_reason_and_a_second_person(app: Flask):
    case, clerk = application(), acting(Role.CLERK, Role.DECIDER)
    answered(told(case))
    extra = {AMOUNT: "", "1/field/signing_date": "与中标日期矛盾"}
    refusal = refused(lambda: told(case, extra), rule="V2")
    assert "合同签订日期" in refusal.message
    refused(lambda: told(case, extra, reason="漏了"), rule="V2")

    first = told(case, extra, reason=WHY, clerk=clerk)
    assert (first.issued_at, case.status) == (None, Status.RECEIVED)
    number = first.number
    drawn = told(case, extra, reason=WHY + "，附件二", clerk=clerk)  # takes its place
    assert [each.number for each in case.deficiency_notices if each.issued_at is None] == [drawn.number] != [number]
    refused(lambda: deficiencies.sign(drawn, actor=clerk, now=NEXT_DAY), NotAllowed, rule="V2")
    refused(lambda: deficiencies.sign(drawn, actor=acting(Role.CLERK), now=NEXT_DAY), NotAllowed)
    second = acting(Role.DECIDER)
    done(lambda: deficiencies.sign(drawn, actor=second, now=NEXT_DAY))
    assert (case.status, drawn.round) == (Status.DEFICIENT, 2)
    public = said(Event.DEFICIENCIES_LISTED, case)["detail"]
    assert (public["reason"], public["signed_by"]) == (WHY + "，附件二", second.name)
    refused(lambda: deficiencies.sign(drawn, actor=second, now=NEXT_DAY), NotAllowedNow)


@pytest.mark.rule("V2")
def test_the_database_too_wants_two_people_under_a_second_list_with_a_reason(app: Flask):
    case = application()
    answered(told(case))
    drawn = told(case, {"1/field/signing_date": ""}, reason=WHY)
    issue = "UPDATE deficiency_notice SET issued_at = drawn_up_at WHERE id = :id"
    assert "two_people" in database_refuses(issue, id=drawn.id)
    alone = issue.replace("SET", "SET signed_by_id = drawn_up_by_id,")
    assert "two_people" in database_refuses(alone, id=drawn.id)


@pytest.mark.rule("S5", "V1")
def test_a_date_asked_for_may_show_that_the_supplement_is_closed_and_nothing_changes(app: Flask):
    works = project(accepted_on=None)
    content = blank(Section.CONTRACT, number="HT-1")
    clerk, early = acting(Role.CLERK), at("2025-06-20 09:00")

    def supplement() -> Application:
        return intake.receive(
            Kind.SUPPLEMENT, works,
            [ChangeRequest(Section.CONTRACT, "HT-1", Origin.OFFLINE, content)],
            Applicant("某公司"), channel=Channel.CLERK, actor=clerk, now=early,
        )  # fmt: skip

    case = done(supplement)
    asked = {"1/field/signing_date": "请补日期"}
    notice = done(lambda: deficiencies.draw_up(case, asked, actor=clerk, now=early))
    item: DeficiencyItem = notice.items[0]
    done(lambda: resubmissions.keep(notice, {item.id: Answer(value="2024-09-01")}, now=early))
    refusal = refused(lambda: resubmissions.resubmit(notice, actor=PUBLIC, now=early), rule="S5")
    assert "不能补录" in refusal.message
    assert (case.status, case.changes[0].after["signing_date"]) == (Status.DEFICIENT, None)
    done(lambda: resubmissions.keep(notice, {item.id: Answer(value="2024-08-31")}, now=early))
    done(lambda: resubmissions.resubmit(notice, actor=PUBLIC, now=at("2026-09-30 10:00")))  # received in time
    assert case.changes[0].after["signing_date"] == "2024-08-31"


@pytest.mark.rule("S7", "N2")
def test_the_applicant_takes_his_application_back_and_an_open_notice_goes_with_it(app: Flask):
    published = builders.notice()
    case = published.application
    done(lambda: online_intake.withdraw(case, actor=PUBLIC, now=NEXT_DAY))
    assert (case.status, published.status) == (Status.WITHDRAWN, NoticeStatus.RETRACTED)
    assert published.retraction_reason == online_intake.WITHDRAWN
    assert history(case)[-1] == ("application_withdrawn", "public")
    refused(lambda: online_intake.withdraw(case, actor=PUBLIC, now=NEXT_DAY), NotAllowedNow)
    sweep(at("2026-10-20 10:00"))
    assert case.status is Status.WITHDRAWN
    assert application(existing=case.changes[0].entry).status is Status.RECEIVED  # its entries are free again


@pytest.mark.rule("S7")
def test_what_is_decided_is_not_taken_back(app: Flask):
    published = builders.notice()
    done(lambda: notices.close_window(published.id, SYSTEM, now=at("2026-10-14 10:00")))
    refused(
        lambda: online_intake.withdraw(published.application, actor=PUBLIC, now=at("2026-10-14 11:00")), NotAllowedNow
    )
