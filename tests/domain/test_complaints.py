"""投诉举报 through its whole life at the office: taken in, told about in time, answered."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain import (
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
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.filings import Identity
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.trail_entry import TrailEntry
from portal.models.words import (
    ComplaintFinding,
    ComplaintMatter,
    ComplaintStatus,
    ComplaintTarget,
    IdentityMode,
    Purpose,
    Role,
)
from tests import builders
from tests.builders import at, bureau, done
from tests.complaints import CITY, NOW, OUTCOME, PROVINCE, TEXT, complain, conclude, events_of, handler, take
from tests.domain.office import history, refused, said


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
