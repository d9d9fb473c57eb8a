"""升级督办: an objection that is not answered in time goes one tier up, once, and the tier above says something to it
(rules O8, E1).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain import escalation, ladder, notices, objections, online_intake, policy, scoreboard
from portal.domain.actor import PUBLIC, SYSTEM, Actor
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound, RuleViolation
from portal.domain.ladder import OBJECTION_ANSWER
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.escalation import Escalation
from portal.models.objection import Objection
from portal.models.words import Disposition, EscalationOutcome, FilingStatus, LimitStep, Role, Status
from tests import builders
from tests.builders import acting, at, done, notice, objection
from tests.domain.office import SECOND, WHY, by_sql, close, history, office, over, refused, rule_all, said

ARRIVED = at("2026-09-30 10:00")
LAST_DAY, OVERDUE = date(2026, 10, 27), at("2026-10-28 00:00")
"""Fifteen working days after 30 September 2026, with the holiday and the make-up days between."""
CITY, PROVINCE = "430100", "430000"
TEXT = "请于三日内逐条裁定并答复异议人"


def contested(code: str = "430181") -> Objection:
    """An objection that waits for its ruling, before the bureau with this code."""
    about = builders.entry(builders.project(area_code=code)) if code != "430181" else None
    filed = objection(notice(existing=about))
    close(filed.notice)
    return filed


def escalate(filed: Objection, now: datetime = OVERDUE) -> Escalation:
    return done(lambda: escalation.escalate_overdue_objection(filed.id, SYSTEM, now=now))


def above(*roles: Role, code: str = CITY) -> Actor:
    return acting(*(roles or (Role.DECIDER,)), bureau_code=code)


@pytest.mark.rule("O8", "E1")
def test_the_instant_its_limit_is_over_it_goes_to_the_tier_above_and_one_second_before_it_does_not(app: Flask):
    filed = contested()
    assert OBJECTION_ANSWER.limit(filed.arrived_at).last_day == LAST_DAY
    refused(partial(escalation.escalate_overdue_objection, filed.id, SYSTEM, now=OVERDUE - SECOND), NotAllowedNow)
    taken = escalate(filed)
    assert (taken.from_bureau.code, taken.bureau.code, taken.by_discipline) == ("430181", CITY, False)
    assert (taken.step, taken.last_day, taken.escalated_at) == (LimitStep.OVERDUE, LAST_DAY, OVERDUE)
    assert history(filed.notice.application)[-1] == ("objection_escalated", "system:scheduler")
    told = said(Event.OBJECTION_ESCALATED)
    assert told["detail"] == {
        "objection": filed.number, "last_day": "2026-10-27", "handled_by": "长沙市住房和城乡建设局",
    }  # fmt: skip
    assert (told["bureau"], told["subject"]["ref"]) == ("430181", filed.number)


@pytest.mark.rule("O8", "E1")
def test_it_is_taken_up_once(app: Flask):
    filed = contested()
    escalate(filed)
    again = partial(escalation.escalate_overdue_objection, filed.id, SYSTEM, now=OVERDUE + timedelta(days=40))
    refused(again, NotAllowedNow, rule="O8")
    assert len(db.session.scalars(select(Escalation)).all()) == 1


@pytest.mark.rule("O8", "C2")
def test_a_citys_goes_to_the_province_and_the_provinces_own_to_its_discipline_office(app: Flask):
    of_city = escalate(contested("430100"))
    assert (of_city.bureau.code, of_city.by_discipline) == (PROVINCE, False)
    filed = contested()
    by_sql("UPDATE bureau SET parent_id = NULL WHERE code = '430181'")  # as if nobody stood above it
    taken = escalate(filed)
    assert (taken.bureau.code, taken.by_discipline) == ("430181", True)
    assert taken.watched_by == "浏阳市住房和城乡建设局纪检监察机构"
    decider, discipline = above(code="430181"), above(Role.DISCIPLINE_OFFICER, code="430181")
    act = partial(escalation.instruct, taken, TEXT, now=OVERDUE)
    refused(partial(act, actor=decider), NotAllowed, rule="O8")
    done(partial(act, actor=discipline))
    assert said(Event.ESCALATION_INSTRUCTED)["as"] == "discipline_officer"


@pytest.mark.rule("O8")
def test_what_is_answered_withdrawn_or_without_a_case_is_left_alone(app: Flask):
    answered, withdrawn = contested(), contested()
    rule_all(answered.notice.application, Disposition.DISMISSED, office().decider, now=over(answered.notice))
    done(lambda: objections.withdraw(withdrawn, now=over(withdrawn.notice)))
    receipt, _ = builders.online_application()
    gone = objection(notice(case=receipt.cases[0]))
    close(gone.notice)
    done(lambda: online_intake.withdraw(receipt.cases[0], actor=PUBLIC, now=over(gone.notice)))
    assert receipt.cases[0].status is Status.WITHDRAWN
    assert [each.status for each in (answered, withdrawn, gone)] == [
        FilingStatus.ANSWERED, FilingStatus.WITHDRAWN, FilingStatus.RECEIVED,
    ]  # fmt: skip
    for filed in (answered, withdrawn, gone):
        refused(partial(escalation.escalate_overdue_objection, filed.id, SYSTEM, now=OVERDUE), NotAllowedNow, rule="O8")
    assert {score.overdue for score in scoreboard.scoreboard(now=OVERDUE).scores} == {0}


@pytest.mark.rule("O8", "N2")
def test_a_notice_that_was_retracted_leaves_its_objection_to_be_answered_in_time_all_the_same(app: Flask):
    filed, publisher = objection(notice()), acting(Role.PUBLISHER)
    done(lambda: notices.retract(filed.notice, "内容填写有误，重新公示", actor=publisher, now=ARRIVED))
    assert escalate(filed).last_day == LAST_DAY


@pytest.mark.rule("O8", "N5")
def test_nothing_is_taken_up_on_a_guessed_limit(app: Flask):
    filed = objection(notice(published_at=at("2026-12-21 10:00")))
    late = partial(escalation.escalate_overdue_objection, filed.id, SYSTEM, now=at("2027-03-01 09:00"))
    refused(late, NotAllowedNow, rule="N5")


@pytest.mark.rule("O8", "E1")
def test_the_office_is_warned_three_working_days_before_the_limit_ends_and_the_setting_may_be_changed(app: Flask):
    def step(day: str) -> LimitStep | None:
        return ladder.reached(LAST_DAY, OBJECTION_ANSWER.horizons(date.fromisoformat(day)))

    assert [step(f"2026-10-{day}") for day in (21, 22, 25, 26, 27, 28)] == [
        None, LimitStep.WARNING, LimitStep.WARNING, LimitStep.WARNING, LimitStep.DUE, LimitStep.OVERDUE,
    ]  # fmt: skip
    one, other = (above(code=PROVINCE) for _ in range(2))
    done(
        lambda: policy.enact(
            "objection.warning_working_days", 1, date(2026, 10, 20), "本平台设定：届满前一天提醒",
            entered_by=one, confirmed_by=other, now=ARRIVED,
        )
    )  # fmt: skip
    assert [step(f"2026-10-{day}") for day in (22, 26)] == [None, LimitStep.WARNING]


@pytest.mark.rule("O8")
@pytest.mark.parametrize("today", [date(2026, 10, 8), date(2026, 10, 27), date(2026, 10, 28), date(2026, 11, 1)])
@pytest.mark.parametrize("step", list(LimitStep))
def test_what_began_before_the_instant_has_reached_the_step_and_nothing_else_has(
    sqlite_app: Flask, today: date, step: LimitStep
):
    before = OBJECTION_ANSWER.began_before(step, today)
    horizon = OBJECTION_ANSWER.horizons(today)[step]
    assert OBJECTION_ANSWER.limit(before - SECOND).last_day <= horizon < OBJECTION_ANSWER.limit(before).last_day


@pytest.mark.rule("O8", "E1")
def test_a_limit_that_was_lengthened_keeps_its_length_for_what_had_begun(sqlite_app: Flask):
    one, other = (above(code=PROVINCE) for _ in range(2))
    done(
        lambda: policy.enact(
            "objection.answer_working_days", 20, date(2026, 10, 1), "本平台设定：延长为20个工作日",
            entered_by=one, confirmed_by=other, now=ARRIVED,
        )
    )  # fmt: skip
    assert OBJECTION_ANSWER.began_before(LimitStep.OVERDUE, OVERDUE.date()) == at("2026-10-01 00:00")


@pytest.mark.rule("O8", "E1")
@pytest.mark.parametrize(
    ("act", "outcome", "event"),
    [
        (escalation.instruct, EscalationOutcome.INSTRUCTED, Event.ESCALATION_INSTRUCTED),
        (escalation.send_back, EscalationOutcome.RETURNED, Event.ESCALATION_RETURNED),
    ],
)
def test_the_bureau_above_instructs_or_sends_back_once_and_the_text_is_not_in_the_trail(
    app: Flask, act, outcome, event
):
    filed, supervisor = contested(), above()
    taken = escalate(filed)
    for short in ("", "  同意 "):
        assert refused(partial(act, taken, short, actor=supervisor, now=OVERDUE), RuleViolation).field == "text"
    refused(partial(act, taken, "督" * 2001, actor=supervisor, now=OVERDUE), RuleViolation, rule="O8")
    done(partial(act, taken, TEXT, actor=supervisor, now=OVERDUE))
    assert (taken.outcome, taken.outcome_text, taken.acted_at) == (outcome, TEXT, OVERDUE)
    assert history(filed.notice.application)[-1] == (event.value, supervisor.name)
    assert TEXT not in str(said(event))
    refused(partial(escalation.instruct, taken, TEXT, actor=supervisor, now=OVERDUE), NotAllowedNow, rule="O8")
    assert filed.status is FilingStatus.RECEIVED  # the answer is still owed, and by the same bureau


@pytest.mark.rule("O8", "A3", "A4")
def test_only_a_decider_of_the_bureau_above_who_had_no_part_in_the_case_says_something_to_it(app: Flask):
    filed = contested()
    taken = escalate(filed)
    for actor in (
        above(code="430181"), above(code=PROVINCE), above(code="430200"), above(Role.CLERK), above(Role.AUDITOR),
        above(Role.DISCIPLINE_OFFICER), above(Role.VERIFIER, Role.COMPLAINT_HANDLER),
    ):  # fmt: skip
        refused(partial(escalation.instruct, taken, TEXT, actor=actor, now=OVERDUE), NotAllowed)
        assert not escalation.may_act(taken, actor)
    mover = above(Role.DECIDER)
    verification = filed.notice.application.verifications[0]
    done(lambda: setattr(verification, "verifier_id", mover.user_id))
    refused(partial(escalation.instruct, taken, TEXT, actor=mover, now=OVERDUE), NotAllowed, rule="A4")


@pytest.mark.rule("O8")
def test_an_answer_given_meanwhile_ends_it(app: Flask):
    filed, supervisor = contested(), above()
    taken = escalate(filed)
    assert db.session.scalars(escalation.to_act_on(supervisor)).all() == [taken]
    rule_all(filed.notice.application, Disposition.DISMISSED, office().decider, now=OVERDUE)
    assert db.session.scalars(escalation.to_act_on(supervisor)).all() == []
    refused(partial(escalation.instruct, taken, TEXT, actor=supervisor, now=OVERDUE), NotAllowedNow, rule="O8")
    assert WHY not in taken.outcome_text


@pytest.mark.rule("A5", "C2")
def test_it_is_read_where_the_case_is_read_and_the_provinces_own_also_at_its_discipline_office(app: Flask):
    filed = contested()
    taken = escalate(filed)
    for reader in (above(), above(code="430181"), above(Role.INSPECTOR, code=PROVINCE), above(Role.AUDITOR)):
        assert escalation.find(filed.number, reader) is taken
    for stranger in (
        above(code="430200"), above(code="430211"), above(Role.DISCIPLINE_OFFICER, code=PROVINCE),
        above(Role.ACCOUNT_ADMINISTRATOR),
    ):  # fmt: skip
        refused(partial(escalation.find, filed.number, stranger), NotFound, rule="A5")
    done(lambda: setattr(taken, "by_discipline", True))
    province = builders.bureau(PROVINCE)
    done(lambda: setattr(taken, "bureau_id", province.id))
    assert escalation.find(filed.number, above(Role.DISCIPLINE_OFFICER, code=PROVINCE)) is taken
