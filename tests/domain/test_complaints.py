"""投诉举报 through its whole life: who handles it, by when, how it ends, and what its filer may still do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain import (
    complaint_access,
    complaint_followup,
    complaint_handling,
    complaint_moves,
    complaints,
    filings,
    policy,
)
from portal.domain.actor import PUBLIC
from portal.domain.complaint_moves import Step
from portal.domain.complaint_routing import Subject
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound, RuleViolation
from portal.domain.filings import Identity
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.trail_entry import TrailEntry
from portal.models.words import (
    ComplaintFinding,
    ComplaintMatter,
    ComplaintStage,
    ComplaintStatus,
    ComplaintTarget,
    IdentityMode,
    Purpose,
    Rating,
    Role,
)
from tests import builders
from tests.builders import COUNTY, at, bureau, done
from tests.complaints import CITY, NOW, OUTCOME, PROVINCE, TEXT, complain, conclude, handler, take
from tests.domain.office import history, refused, said


def events_of(complaint: Complaint) -> list[str]:
    query = select(TrailEntry.event).where(TrailEntry.subject_ref == complaint.number).order_by(TrailEntry.id)
    return list(db.session.scalars(query))


@pytest.mark.rule("C2")
@pytest.mark.parametrize(
    ("matter", "target", "code", "handled_by", "against"),
    [
        (ComplaintMatter.FALSE_RECORD, ComplaintTarget.COMPANY, COUNTY, "浏阳市住房和城乡建设局", None),
        (ComplaintMatter.OTHER, ComplaintTarget.OTHER, COUNTY, "浏阳市住房和城乡建设局", None),
        (ComplaintMatter.FALSE_RECORD, ComplaintTarget.BUREAU, COUNTY, "长沙市住房和城乡建设局", COUNTY),
        (ComplaintMatter.DELAY, ComplaintTarget.OTHER, COUNTY, "长沙市住房和城乡建设局", COUNTY),
        (ComplaintMatter.STAFF_CONDUCT, ComplaintTarget.PERSON, CITY, "湖南省住房和城乡建设厅", CITY),
        (ComplaintMatter.OTHER, ComplaintTarget.BUREAU, PROVINCE, "湖南省住房和城乡建设厅纪检监察机构", PROVINCE),
    ],
)
def test_it_goes_to_the_bureau_of_the_matter_and_past_whoever_is_complained_about(
    app: Flask,
    matter: ComplaintMatter,
    target: ComplaintTarget,
    code: str,
    handled_by: str,
    against: str | None,
) -> None:
    filed = complain(matter, target, code=code, described="质监站张某")
    assert filed.handled_by == handled_by
    assert (filed.against.code if filed.against else None) == against


@pytest.mark.rule("C2")
def test_a_false_record_goes_to_the_locality_and_a_tampered_one_above_it(app: Flask) -> None:
    project = builders.project()
    about: dict[str, Any] = {"project_id": project.id, "place_id": None}
    false = complain(ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT, **about)
    tampered = complain(ComplaintMatter.TAMPERING, ComplaintTarget.PROJECT, **about)
    assert false.bureau.code == COUNTY
    assert (tampered.bureau.code, tampered.against and tampered.against.code) == (CITY, COUNTY)


@pytest.mark.rule("C2", "A5")
def test_nobody_but_its_own_desk_touches_a_complaint(app: Flask) -> None:
    filed = complain()
    for stranger in (handler(COUNTY), handler(PROVINCE), handler("430200")):
        refused(lambda: complaint_handling.register(filed, actor=stranger, now=NOW), NotFound)  # noqa: B023
    decider = handler(CITY, Role.DECIDER)
    refused(lambda: complaint_handling.register(filed, actor=decider, now=NOW), NotAllowed)
    own = handler()
    done(lambda: complaint_handling.register(filed, actor=own, now=NOW))
    assert filed.status is ComplaintStatus.REGISTERED


@pytest.mark.rule("C2")
def test_about_the_province_only_its_discipline_office_reads(app: Flask) -> None:
    filed, desk, discipline = complain(code=PROVINCE), handler(PROVINCE), handler(PROVINCE, Role.DISCIPLINE_OFFICER)
    refused(lambda: complaint_handling.register(filed, actor=desk, now=NOW), NotFound)
    done(lambda: complaint_handling.register(filed, actor=discipline, now=NOW))
    assert filed.by_discipline
    assert said(Event.COMPLAINT_REGISTERED)["as"] == Role.DISCIPLINE_OFFICER.value
    assert list(db.session.scalars(complaint_access.readable(desk))) == []
    assert list(db.session.scalars(complaint_access.readable(discipline))) == [filed.id]


@pytest.mark.rule("C3", "C4")
def test_told_in_fifteen_days_and_answered_in_sixty_with_one_extension(app: Flask) -> None:
    filed, officer = complain(), handler()
    assert filed.due_on == date(2026, 10, 24)
    take(filed, officer, now=at("2026-10-20 09:00"))
    assert (filed.status, filed.due_on) == (ComplaintStatus.INVESTIGATING, date(2026, 12, 19))
    later = at("2026-12-10 09:00")
    done(lambda: complaint_handling.extend(filed, "需要外地档案馆协查", actor=officer, now=later))
    assert filed.due_on == date(2027, 1, 18)
    refused(
        lambda: complaint_handling.extend(filed, "还需要更多时间", actor=officer, now=later), NotAllowedNow, rule="C3"
    )
    conclude(filed, officer, ComplaintFinding.PARTLY, now=later)
    assert [filed.status, filed.due_on] == [ComplaintStatus.CONCLUDED, None]
    assert (filed.rounds[0].finding, filed.rounds[0].outcome) == (ComplaintFinding.PARTLY, OUTCOME)
    assert events_of(filed)[-1] == Event.ACCOUNTABILITY_PROPOSED.value
    assert said(Event.COMPLAINT_CONCLUDED)["detail"] == {"stage": "answer", "finding": "partly"}


@pytest.mark.rule("C3")
def test_a_kind_of_complaint_may_have_limits_of_its_own(app: Flask) -> None:
    people = [builders.acting(Role.DECIDER, bureau_code=PROVINCE) for _ in range(2)]
    done(
        lambda: policy.enact(
            "complaint.accept_days.delay", 7, date(2026, 1, 1), "省厅内部规定：拖延的从快",
            entered_by=people[0], confirmed_by=people[1], now=NOW,
        )
    )  # fmt: skip
    assert complain(ComplaintMatter.DELAY).due_on == date(2026, 10, 16)
    assert complain(ComplaintMatter.OTHER).due_on == date(2026, 10, 24)


@pytest.mark.rule("C3", "C4")
def test_refused_it_ends_with_the_reason(app: Flask) -> None:
    filed, officer = complain(), handler()
    refused(lambda: complaint_handling.refuse(filed, "不", actor=officer, now=NOW), rule="C3")
    done(lambda: complaint_handling.refuse(filed, "已依法进入诉讼程序，请向法院反映", actor=officer, now=NOW))
    assert (filed.status, filed.due_on) == (ComplaintStatus.NOT_ACCEPTED, None)
    assert filed.told == "已依法进入诉讼程序，请向法院反映"


@pytest.mark.rule("C2", "C3")
def test_passed_on_it_never_comes_to_whom_it_is_about(app: Flask) -> None:
    filed, officer = complain(code=CITY), handler(PROVINCE)
    for accused in (CITY, COUNTY):
        to = bureau(accused)
        refused(
            lambda: complaint_handling.pass_on(filed, to, "请你局办理此件", actor=officer, now=NOW),  # noqa: B023
            rule="C2",
        )
    other = bureau("430200")
    later = at("2026-10-19 10:00")
    done(lambda: complaint_handling.pass_on(filed, other, "属株洲市管辖，转其办理", actor=officer, now=later))
    assert (filed.status, filed.bureau.code, filed.due_on) == (
        ComplaintStatus.PASSED_ON, "430200", date(2026, 11, 3),
    )  # fmt: skip
    take(filed, handler("430200"), now=later)
    assert filed.status is ComplaintStatus.INVESTIGATING


@pytest.mark.rule("C2", "A4")
def test_who_recuses_himself_or_handled_the_matter_stays_out(app: Flask) -> None:
    filed, first, second = complain(), handler(), handler()
    done(lambda: complaint_handling.recuse(filed, "被反映人是我的近亲属", actor=first, now=NOW))
    refused(lambda: complaint_handling.register(filed, actor=first, now=NOW), NotAllowed, rule="C2")
    done(lambda: complaint_handling.register(filed, actor=second, now=NOW))
    assert [(each.account_id, each.reason) for each in filed.recusals] == [(first.user_id, "被反映人是我的近亲属")]
    assert Event.COMPLAINT_RECUSED.value in events_of(filed)

    both = builders.acting(Role.VERIFIER, Role.COMPLAINT_HANDLER, bureau_code=COUNTY)
    notice = builders.notice(verifier=both)
    about = complain(ComplaintMatter.OTHER, ComplaintTarget.NOTICE, notice_id=notice.id, place_id=None)
    done(lambda: setattr(db.session.get_one(Complaint, about.id), "bureau_id", both.bureau_id))
    refused(lambda: complaint_handling.register(about, actor=both, now=NOW), NotAllowed, rule="A4")
    other = complain(ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT, project_id=notice.application.project_id)
    refused(lambda: complaint_handling.register(other, actor=both, now=NOW), NotAllowed, rule="A4")
    assert list(db.session.scalars(complaint_access.readable(both))) == []
    assert set(db.session.scalars(complaint_access.readable(handler(COUNTY)))) == {about.id, other.id}
    assert filed.id not in set(db.session.scalars(complaint_access.readable(first)))


MAY = """
    received       register refuse pass_on withdraw
    registered     accept refuse pass_on withdraw
    passed_on      register refuse pass_on withdraw
    not_accepted
    investigating  extend conclude withdraw
    concluded      rate close_by_rating reopen ask_review
    re_examining   conclude_review conclude_final_review withdraw
    re_examined    ask_final_review
    closed
"""


@pytest.mark.rule("C4")
def test_every_step_starts_only_where_the_flow_chart_says(app: Flask) -> None:
    by_hand = {name: set(steps) for name, *steps in map(str.split, MAY.strip().splitlines())}
    assert set(by_hand) == {status.value for status in ComplaintStatus}
    for status in ComplaintStatus:
        like = Complaint(status=status, due_on=NOW.date())
        assert {step.value for step in Step if complaint_moves.can(like, step)} == by_hand[status.value], status
        for step in set(Step) - {Step(name) for name in by_hand[status.value]}:
            with pytest.raises(NotAllowedNow):
                complaint_moves.move(like, step, PUBLIC, now=NOW)
            assert like.status is status


@pytest.mark.rule("C3", "C4")
def test_passed_on_to_somebody_outside_nothing_is_owed_until_it_comes_back(app: Flask) -> None:
    filed, officer = complain(), handler()
    done(lambda: complaint_handling.pass_on(filed, None, "属市场监管部门职责，请向其反映", actor=officer, now=NOW))
    assert (filed.status, filed.due_on, filed.bureau.code) == (ComplaintStatus.PASSED_ON, None, CITY)
    refused(lambda: complaint_followup.withdraw(filed, now=NOW), NotAllowedNow)
    refused(lambda: complaint_handling.refuse(filed, "已经转给别的单位了", actor=officer, now=NOW), NotAllowedNow)
    later = at("2026-11-20 10:00")
    done(lambda: complaint_handling.register(filed, actor=officer, now=later))
    assert (filed.status, filed.told, filed.due_on) == (ComplaintStatus.REGISTERED, "", date(2026, 12, 5))


@pytest.mark.rule("C5")
def test_not_solved_reopens_once_one_tier_up(app: Flask) -> None:
    filed, city = complain(), handler()
    take(filed, city)
    conclude(filed, city)
    refused(lambda: complaint_followup.rate(filed, Rating.NOT_SOLVED, "", now=NOW), rule="C5")
    done(lambda: complaint_followup.rate(filed, Rating.NOT_SOLVED, "当事人没有被询问过", now=NOW))
    assert (filed.status, filed.bureau.code) == (ComplaintStatus.INVESTIGATING, PROVINCE)
    assert filed.due_on == date(2026, 12, 8)
    conclude(filed, handler(PROVINCE))
    done(lambda: complaint_followup.rate(filed, Rating.NOT_SOLVED, "还是没有询问当事人", now=NOW))
    assert filed.status is ComplaintStatus.CONCLUDED
    assert [each.stage for each in filed.rounds] == [ComplaintStage.ANSWER, ComplaintStage.REOPENED]
    refused(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=NOW), NotAllowedNow, rule="C5")


@pytest.mark.rule("C5")
def test_solved_closes_it(app: Flask) -> None:
    filed, city = complain(), handler()
    refused(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=NOW), NotAllowedNow)
    take(filed, city)
    conclude(filed, city)
    done(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=NOW))
    assert filed.status is ComplaintStatus.CLOSED


@pytest.mark.rule("C3", "C4")
def test_examined_again_twice_each_one_tier_up_and_asked_for_in_thirty_days(app: Flask) -> None:
    filed = complain(ComplaintMatter.OTHER, ComplaintTarget.OTHER, described="工地围挡内违规堆土")
    county = handler(COUNTY)
    take(filed, county)
    conclude(filed, county)
    last = at("2026-11-08 23:59")
    done(lambda: complaint_followup.ask_review(filed, "没有到现场看过", now=last))
    assert (filed.status, filed.bureau.code, filed.due_on) == (
        ComplaintStatus.RE_EXAMINING, CITY, date(2026, 12, 8),
    )  # fmt: skip
    conclude(filed, handler(CITY), ComplaintFinding.UNSUBSTANTIATED, now=last)
    assert filed.status is ComplaintStatus.RE_EXAMINED
    refused(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=last), NotAllowedNow)
    late = last + timedelta(days=31)
    refused(lambda: complaint_followup.ask_review(filed, "市里也没有看现场", now=late), NotAllowedNow, rule="C3")
    done(lambda: complaint_followup.ask_review(filed, "市里也没有看现场", now=last))
    assert filed.bureau.code == PROVINCE
    conclude(filed, handler(PROVINCE), ComplaintFinding.SUBSTANTIATED, now=last)
    assert [filed.status, filed.rounds[-1].stage] == [ComplaintStatus.CLOSED, ComplaintStage.FINAL_REVIEW]


@pytest.mark.rule("C3")
def test_above_the_province_the_next_door_is_named(app: Flask) -> None:
    filed, province = complain(code=CITY), handler(PROVINCE)
    take(filed, province)
    conclude(filed, province)
    refusal = refused(lambda: complaint_followup.ask_review(filed, "答复没有依据", now=NOW), NotAllowedNow)
    assert "向其上一级机关请求复查、复核" in refusal.message


@pytest.mark.rule("C1", "O4")
def test_its_filer_may_take_it_back_until_it_is_answered(app: Flask) -> None:
    filed = complain()
    city = handler()
    done(lambda: complaint_followup.withdraw(filed, now=NOW))
    assert (filed.status, filed.due_on, filed.told) == (ComplaintStatus.CLOSED, None, "您已撤回，本件办结。")
    refused(lambda: complaint_handling.register(filed, actor=city, now=NOW), NotAllowedNow, rule="C4")


@pytest.mark.rule("C1")
def test_what_says_nothing_is_refused_by_field(app: Flask) -> None:
    place = bureau().id
    person = Subject(ComplaintMatter.OTHER, ComplaintTarget.PERSON, place_id=place)
    whole = Subject(ComplaintMatter.OTHER, ComplaintTarget.BUREAU, place_id=place)
    nameless = Identity(IdentityMode.REAL_NAME, {})
    for subject, text, identity, field in (
        (person, TEXT, filings.ANONYMOUS, "described"),
        (whole, "太短", filings.ANONYMOUS, "text"),
        (whole, "长" * 8001, filings.ANONYMOUS, "text"),
        (whole, TEXT, nameless, "name"),
    ):
        with pytest.raises(RuleViolation) as caught:
            complaints.check(subject, text, identity)
        assert caught.value.field == field


@pytest.mark.rule("C1")
def test_one_ticket_gives_one_complaint(app: Flask) -> None:
    place = bureau().id
    token = done(lambda: filings.begin_other(Purpose.COMPLAINT, now=NOW))
    subject = Subject(ComplaintMatter.OTHER, ComplaintTarget.BUREAU, place_id=place)
    numbers = {
        done(
            lambda: complaints.file(token, subject, TEXT, (), filings.ANONYMOUS, arrived_at=NOW, actor=PUBLIC, now=NOW)
        )
        for _ in range(2)
    }
    assert len(numbers) == 1
    assert db.session.scalar(select(func.count()).select_from(Complaint)) == 1


@pytest.mark.rule("C2", "C7", "T1")
def test_the_trail_names_no_filer_and_the_case_complained_about_tells_nothing(app: Flask) -> None:
    notice = builders.notice()
    before = history(notice.application)
    who = Identity(IdentityMode.CONFIDENTIAL, {"name": "王小明", "phone": "13907310000"})
    filed = complain(
        ComplaintMatter.NOTICE, ComplaintTarget.NOTICE, notice_id=notice.id, place_id=None, identity=who,
        described="质监站李某某",
    )  # fmt: skip
    city = handler()
    take(filed, city)
    done(lambda: complaint_handling.answer(filed, "请补充拍摄照片的时间", actor=city, now=NOW))
    conclude(filed, city)
    bodies = b"".join(db.session.scalars(select(TrailEntry.body)))
    for secret in ("王小明", "13907310000", "李某某", TEXT, OUTCOME):
        assert secret.encode() not in bodies
    assert history(notice.application) == before
