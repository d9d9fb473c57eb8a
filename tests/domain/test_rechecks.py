"""复核: the objector asks the bureau above within five working days of the answer, and the approval waits (rule O7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain import decisions, objections, rechecks
from portal.domain.actor import SYSTEM, Actor
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound
from portal.extensions import db
from portal.models.application import Application
from portal.models.objection import Objection
from portal.models.outbox import OutboxMessage
from portal.models.recheck import Recheck, RecheckWait
from portal.models.words import Disposition, RecheckOutcome, Role, Status
from tests.builders import acting, at, done, notice, objection
from tests.domain.office import GRACE, SECOND, WHY, close, history, office, refused, rule_all

ANSWERED = at("2026-10-14 15:00")
LAST_DAY, END = date(2026, 10, 21), at("2026-10-22 00:00")
REASON = "合同原件与答复所说的不是同一份"
CITY = "430100"


def answered(*texts: str, dispositions: Disposition = Disposition.DISMISSED, code: str = "430181") -> Objection:
    """An objection that was answered on 14 October 2026, its case still contested."""
    published = notice()
    filed = objection(published, *texts)
    close(published)
    rule_all(published.application, dispositions, office(code).decider, now=ANSWERED)
    return filed


def waiting() -> tuple[Objection, Application]:
    """An objection that was dismissed, and its case, which a person has decided and which waits."""
    filed = answered()
    case = filed.notice.application
    decider = acting(Role.DECIDER)
    done(lambda: decisions.conclude_contested(case, WHY, actor=decider, now=ANSWERED))
    assert case.status is Status.AWAITING_RECHECK
    return filed, case


def ask(filed: Objection, when: datetime = ANSWERED) -> Recheck:
    done(lambda: rechecks.ask(filed, REASON, arrived_at=when, now=when))
    found = rechecks.of(filed)
    assert found is not None
    return found


def above() -> Actor:
    return acting(Role.DECIDER, bureau_code=CITY)


def decide(found: Recheck, outcome: RecheckOutcome, when: datetime = ANSWERED) -> None:
    """The bureau above decides."""
    decider = above()
    done(lambda: rechecks.decide(found, outcome, WHY, actor=decider, now=when))


@pytest.mark.rule("O7")
def test_it_is_asked_until_24_00_of_the_fifth_working_day_after_the_answer(app: Flask):
    filed, _ = waiting()
    until = rechecks.limit_of(filed)
    assert until is not None
    assert (until.last_day, until.ends_at, until.provisional) == (LAST_DAY, END, False)
    refused(lambda: rechecks.ask(filed, REASON, arrived_at=END, now=END), NotAllowedNow, rule="O7")
    found = ask(filed, END - SECOND)
    assert (found.bureau.code, found.decide_by) == (CITY, date(2026, 11, 11))
    refused(lambda: rechecks.ask(filed, REASON, arrived_at=ANSWERED, now=ANSWERED), NotAllowedNow, rule="O7")


@pytest.mark.rule("O7")
def test_arrival_decides_even_if_it_is_written_down_later(app: Flask):
    filed, _ = waiting()
    done(lambda: rechecks.ask(filed, REASON, arrived_at=END - SECOND, now=END + timedelta(seconds=40)))
    assert rechecks.of(filed) is not None


@pytest.mark.rule("O7")
def test_before_the_answer_and_where_everything_was_upheld_there_is_nothing_to_re_check(app: Flask):
    unanswered = objection(notice())
    refused(lambda: rechecks.ask(unanswered, REASON, arrived_at=ANSWERED, now=ANSWERED), NotAllowedNow, rule="O7")
    won = answered(dispositions=Disposition.UPHELD)
    refused(lambda: rechecks.ask(won, REASON, arrived_at=ANSWERED, now=ANSWERED), NotAllowedNow, rule="O7")
    lost = answered()
    refused(lambda: rechecks.ask(lost, "不服", arrived_at=ANSWERED, now=ANSWERED), rule="O7")
    refused(lambda: rechecks.ask(lost, "不" * 4001, arrived_at=ANSWERED, now=ANSWERED), rule="O7")


@pytest.mark.rule("O7")
def test_whoever_withdrew_asks_for_nothing(app: Flask):
    published = notice()
    filed = objection(published)
    done(lambda: objections.withdraw(filed, now=ANSWERED))
    close(published)
    rule_all(published.application, Disposition.DISMISSED, office().decider, now=ANSWERED)
    refused(lambda: rechecks.ask(filed, REASON, arrived_at=ANSWERED, now=ANSWERED), NotAllowedNow, rule="O7")


@pytest.mark.rule("O7", "N8")
def test_all_dismissed_waits_for_the_time_to_ask_and_is_then_approved_by_the_system(app: Flask):
    filed, case = waiting()
    when = END + GRACE
    refused(lambda: decisions.end_wait(case.id, SYSTEM, now=when - SECOND), NotAllowedNow, rule="O7")
    done(lambda: decisions.end_wait(case.id, SYSTEM, now=when))
    assert (case.status, case.decided_at) == (Status.APPROVED, when)
    assert case.decided_by_id is not None  # a person decided, the system only waited
    assert case.changes[0].entry is not None
    assert case.changes[0].entry.content["amount"] == "913.8285"
    wait = db.session.scalars(select(RecheckWait)).one()
    assert (wait.last_day, wait.ended_at) == (LAST_DAY, when)
    refused(lambda: rechecks.ask(filed, REASON, arrived_at=ANSWERED, now=when), NotAllowedNow, rule="O7")
    assert [event for event, _ in history(case)][-3:] == ["approval_waits", "application_approved", "record_written"]


@pytest.mark.rule("O7")
def test_while_a_re_check_is_open_nothing_is_approved_and_confirmed_it_is(app: Flask):
    filed, case = waiting()
    found = ask(filed)
    later = END + timedelta(days=10)
    refused(lambda: decisions.end_wait(case.id, SYSTEM, now=later), NotAllowedNow, rule="O7")
    decide(found, RecheckOutcome.CONFIRMED, later)
    assert [case.status] == [Status.AWAITING_RECHECK]
    done(lambda: decisions.end_wait(case.id, SYSTEM, now=later))
    assert case.status is Status.APPROVED


@pytest.mark.rule("O6", "O7")
def test_overturned_it_is_rejected_and_the_record_stays(app: Flask):
    filed, case = waiting()
    found, when, by = ask(filed), ANSWERED + timedelta(days=1), above()
    decide(found, RecheckOutcome.OVERTURNED, when)
    assert (case.status, case.decision_text) == (Status.REJECTED, WHY)
    assert case.changes[0].entry is not None
    assert case.changes[0].entry.version == 1
    assert db.session.scalars(select(RecheckWait)).one().ended_at == when
    assert db.session.scalars(select(OutboxMessage)).all() == []  # he left no address
    refused(lambda: rechecks.decide(found, RecheckOutcome.CONFIRMED, WHY, actor=by, now=when), NotAllowedNow, rule="O7")


@pytest.mark.rule("O6", "O7")
def test_overturned_while_other_grounds_are_open_the_case_can_only_be_rejected(app: Flask):
    published, desk = notice(), office()
    first, second = objection(published), objection(published, "承包单位并未参与施工")
    close(published)
    case = published.application
    done(
        lambda: objections.rule_on_ground(
            first.grounds[0], Disposition.DISMISSED, WHY, actor=desk.decider, now=ANSWERED
        )
    )
    found = ask(first)
    decide(found, RecheckOutcome.OVERTURNED)
    assert [case.status] == [Status.CONTESTED]
    done(
        lambda: objections.rule_on_ground(
            second.grounds[0], Disposition.DISMISSED, WHY, actor=desk.decider, now=ANSWERED
        )
    )
    done(lambda: decisions.conclude_contested(case, WHY, actor=desk.decider, now=ANSWERED))
    assert case.status is Status.REJECTED


@pytest.mark.rule("O7", "A4", "A5")
def test_only_a_decider_above_who_neither_verified_nor_ruled_decides_it(app: Flask):
    filed, _ = waiting()
    found = ask(filed)

    def by(actor: Actor, outcome: RecheckOutcome = RecheckOutcome.CONFIRMED, why: str = WHY) -> object:
        return lambda: rechecks.decide(found, outcome, why, actor=actor, now=ANSWERED)

    refused(by(acting(Role.DECIDER)), NotAllowed, rule="O7")  # type: ignore[arg-type]
    refused(by(acting(Role.DECIDER, bureau_code="430000")), NotAllowed, rule="O7")  # type: ignore[arg-type]
    refused(by(acting(Role.CLERK, bureau_code=CITY)), NotAllowed, rule="A3")  # type: ignore[arg-type]
    refused(by(above(), why="同意"), rule="O7")  # type: ignore[arg-type]
    for code in ("430181", "430200"):
        stranger = acting(Role.DECIDER, bureau_code=code)
        refused(lambda stranger=stranger: rechecks.find(filed.number, stranger), NotFound, rule="A5")  # type: ignore[misc]
    assert rechecks.find(filed.number, above()) is found


@pytest.mark.rule("O7")
def test_one_confirmed_and_one_still_to_be_asked_for_waits_for_the_second(app: Flask):
    published, desk = notice(), office()
    first, second = objection(published), objection(published, "承包单位并未参与施工")
    close(published)
    case = published.application
    rule_all(case, Disposition.DISMISSED, desk.decider, now=ANSWERED)
    done(lambda: decisions.conclude_contested(case, WHY, actor=desk.decider, now=ANSWERED))
    found = ask(first)
    decide(found, RecheckOutcome.CONFIRMED)
    refused(lambda: decisions.end_wait(case.id, SYSTEM, now=END), NotAllowedNow, rule="O7")
    ask(second, END - SECOND)
    refused(lambda: decisions.end_wait(case.id, SYSTEM, now=END + timedelta(days=1)), NotAllowedNow, rule="O7")


@pytest.mark.rule("O7", "N5")
def test_a_limit_whose_year_nobody_knows_yet_is_not_ended_on_a_guess(app: Flask):
    published = notice(published_at=at("2026-12-21 10:00"))
    filed = objection(published)
    close(published)
    case, when = published.application, at("2026-12-29 10:00")
    rule_all(case, Disposition.DISMISSED, office().decider, now=when)
    decider = acting(Role.DECIDER)
    done(lambda: decisions.conclude_contested(case, WHY, actor=decider, now=when))
    until = rechecks.limit_of(filed)
    assert until is not None
    assert until.provisional
    late = until.ends_at + timedelta(days=30)
    refused(lambda: decisions.end_wait(case.id, SYSTEM, now=late), NotAllowedNow, rule="O7")
    done(lambda: rechecks.ask(filed, REASON, arrived_at=late, now=late))
