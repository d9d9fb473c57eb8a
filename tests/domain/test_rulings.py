"""Ruling on objections ground by ground, and deciding the case: rules O5, O6, A4."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.domain import decisions, objections
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowed, NotAllowedNow
from portal.domain.ladder import OBJECTION_ANSWER
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.outbox import OutboxMessage
from portal.models.words import Disposition, FilingStatus, Role, Status
from tests.builders import MORNING, acting, at, done, notice, objection
from tests.domain.office import WHY, close, history, office, over, refused, rule_all, said


@pytest.mark.rule("O5")
def test_nothing_is_decided_while_one_ground_is_open(app: Flask):
    published, desk = notice(), office()
    filed = objection(published, "合同金额与实际不符", "承包单位并未参与施工")
    case = published.application
    first, second = filed.grounds
    ruling = "经核对合同原件，金额一致"
    when = over(published)

    def rule(ground: object, disposition: Disposition, reason: str = ruling) -> None:
        done(lambda: objections.rule_on_ground(ground, disposition, reason, actor=desk.decider, now=when))  # type: ignore[arg-type]

    refused(lambda: rule(first, Disposition.DISMISSED), NotAllowedNow, rule="O5")  # the window is still open
    close(published)
    refused(lambda: rule(first, Disposition.DISMISSED, "不成立"), rule="O5")
    rule(first, Disposition.DISMISSED)
    refused(lambda: rule(first, Disposition.UPHELD), NotAllowedNow, rule="O5")
    refusal = refused(
        lambda: decisions.conclude_contested(case, WHY, actor=desk.decider, now=when), NotAllowedNow, rule="O5"
    )
    assert "还有1条" in refusal.message
    assert second.objection.status is FilingStatus.RECEIVED
    rule(second, Disposition.DISMISSED)
    assert filed.status is FilingStatus.ANSWERED
    assert (first.disposition_reason, first.ruled_by_id, first.ruled_at) == (ruling, desk.decider.user_id, when)
    assert [event for event, _ in history(case)][-3:] == ["ground_ruled", "ground_ruled", "objection_answered"]


@pytest.mark.rule("O6", "N9")
def test_all_dismissed_is_approved_as_noticed_by_a_person_after_the_window(app: Flask):
    published, desk = notice(), office()
    objection(published)
    case, when = published.application, over(published)
    refused(lambda: decisions.conclude_contested(case, WHY, actor=desk.decider, now=MORNING), NotAllowedNow, rule="O5")
    close(published)
    rule_all(case, Disposition.DISMISSED, desk.decider, now=when)
    refused(lambda: decisions.conclude_contested(case, "同意", actor=desk.decider, now=when))
    later = when + timedelta(days=30)  # nobody asked for a re-check in time
    done(lambda: decisions.conclude_contested(case, WHY, actor=desk.decider, now=later))
    assert (case.status, case.decided_by_id, case.decided_at) == (Status.APPROVED, desk.decider.user_id, later)
    entry = case.changes[0].entry
    assert entry is not None
    assert (entry.version, entry.content["amount"], entry.versions[0].notice_id) == (2, "913.8285", published.id)
    assert history(case)[-2:] == [("application_approved", desk.decider.name), ("record_written", desk.decider.name)]


@pytest.mark.rule("O6")
def test_one_ground_upheld_rejects_the_application_and_the_record_stays(app: Flask):
    published, desk = notice(), office()
    filed = objection(published, "合同金额与实际不符", "承包单位并未参与施工")
    case, when = published.application, over(published)
    close(published)
    for ground, disposition in zip(filed.grounds, (Disposition.DISMISSED, Disposition.UPHELD), strict=True):
        done(
            lambda ground=ground, disposition=disposition: objections.rule_on_ground(  # type: ignore[misc]
                ground, disposition, "经调阅档案核对，理由如上", actor=desk.decider, now=when
            )
        )
    done(lambda: decisions.conclude_contested(case, WHY, actor=desk.decider, now=when))
    entry = case.changes[0].entry
    assert entry is not None
    assert (case.status, entry.version, case.changes[0].claim) == (Status.REJECTED, 1, None)
    assert db.session.scalars(db.select(OutboxMessage)).all() == []  # he left no address


@pytest.mark.rule("O6", "A4")
def test_the_verifier_neither_rules_on_objections_nor_decides(app: Flask):
    both, desk = acting(Role.VERIFIER, Role.DECIDER), office()
    published = notice(verifier=both)
    [ground] = objection(published).grounds
    close(published)
    when, case = over(published), published.application
    ruling = "经核对原件，不成立"
    refused(lambda: objections.rule_on_ground(ground, Disposition.DISMISSED, ruling, actor=both, now=when), rule="A4")
    rule_all(case, Disposition.DISMISSED, desk.decider, now=when)
    refused(lambda: decisions.conclude_contested(case, WHY, actor=both, now=when), rule="A4")
    assert case.status is Status.CONTESTED


@pytest.mark.rule("O5")
def test_to_set_a_ground_aside_takes_two_and_any_other_disposition_overrules_the_proposal(app: Flask):
    published, desk = notice(), office()
    filed = objection(published, "与本公示无关的事情", "另一件无关的事情")
    close(published)
    first, second = filed.grounds
    when, other = over(published), acting(Role.DECIDER)

    def rule(ground: object, disposition: Disposition, actor: Actor = desk.decider) -> None:
        done(lambda: objections.rule_on_ground(ground, disposition, "与本公示无关", actor=actor, now=when))  # type: ignore[arg-type]

    rule(first, Disposition.INADMISSIBLE)
    assert (first.disposition, first.aside_by_id) == (None, desk.decider.user_id)
    refused(lambda: rule(first, Disposition.INADMISSIBLE), NotAllowed, rule="O5")
    refused(
        lambda: decisions.conclude_contested(published.application, WHY, actor=other, now=when),
        NotAllowedNow,
        rule="O5",
    )
    rule(first, Disposition.INADMISSIBLE, other)
    assert (first.disposition, first.ruled_by_id) == (Disposition.INADMISSIBLE, other.user_id)
    assert said(Event.GROUND_RULED)["detail"]["proposed_by"] == desk.decider.name
    rule(second, Disposition.INADMISSIBLE)
    rule(second, Disposition.DISMISSED, other)
    assert second.disposition is Disposition.DISMISSED
    assert "proposed_by" not in said(Event.GROUND_RULED)["detail"]
    assert filed.status is FilingStatus.ANSWERED
    assert [event for event, _ in history(published.application)].count("setting_aside_proposed") == 2


@pytest.mark.rule("O5")
def test_a_group_is_ruled_on_as_a_whole_and_each_ground_has_its_own_line(app: Flask):
    published, desk = notice(), office()
    filed = [objection(published, "合同金额与中标通知书不一致") for _ in range(3)]
    close(published)
    when = over(published)
    grounds = [each.grounds[0] for each in filed]
    refused(lambda: decisions.rule_on_group([], Disposition.DISMISSED, WHY, actor=desk.decider, now=when), rule="O5")
    done(lambda: decisions.rule_on_group(grounds[:2], Disposition.DISMISSED, WHY, actor=desk.decider, now=when))
    assert [event for event, _ in history(published.application)].count("ground_ruled") == 2
    refused(
        lambda: decisions.rule_on_group(grounds, Disposition.UPHELD, WHY, actor=desk.decider, now=when),
        NotAllowedNow,
        rule="O5",
    )
    assert [ground.disposition for ground in grounds] == [Disposition.DISMISSED, Disposition.DISMISSED, None]


@pytest.mark.rule("O8")
def test_an_objection_is_to_be_answered_within_fifteen_working_days_of_its_arrival(app: Flask):
    assert OBJECTION_ANSWER.limit(at("2026-10-09 23:59")).last_day == date(2026, 10, 29)
    assert OBJECTION_ANSWER.limit(at("2026-10-10 00:00")).last_day == date(2026, 10, 30)
