"""复核: whoever objected may ask the bureau above whether the answer was right; the approval waits for it (rule O7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from portal.clock import beijing_date, midnight_after
from portal.domain import outbox, permissions, policy, texts, trail, workdays, workflow
from portal.domain.actor import PUBLIC, Actor
from portal.domain.canonical import digest
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.domain.windows import Limit
from portal.domain.workflow import Step
from portal.extensions import db, insert, lock
from portal.models.application import Application
from portal.models.bureau import Bureau, bureaus_within
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.recheck import Recheck, RecheckWait
from portal.models.words import Disposition, FilingStatus, RecheckOutcome, Role, Status

WAITING = (Status.CONTESTED, Status.AWAITING_RECHECK)
"""States of a case in which a re-check can still change something."""


def of(objection: Objection) -> Recheck | None:
    """The re-check this objector asked for, if he did."""
    return db.session.scalar(select(Recheck).where(Recheck.objection_id == objection.id))


def limit_of(objection: Objection) -> Limit | None:
    """Until when its filer may ask for a re-check; None where he cannot: not answered, withdrawn, all upheld, or
    nobody stands above the bureau.

    Counted from the answer under the calendar as it is known now; the day he was told moves later only (rule N6).
    """
    if objection.answered_at is None or objection.recheck_last_day is None:
        return None
    fresh = _count(objection.answered_at)
    last_day = max(objection.recheck_last_day, fresh.last_day)
    return Limit(last_day, midnight_after(last_day), fresh.provisional)


def offer(objection: Objection, *, now: datetime) -> None:
    """The objection is answered: fix until when its filer may ask for a re-check, if he has reason to and somebody
    to ask.
    """
    objection.answered_at = now
    dismissed = any(ground.disposition is not Disposition.UPHELD for ground in objection.grounds)
    if dismissed and objection.notice.bureau.parent_id is not None:
        objection.recheck_last_day = _count(now).last_day


def ask(objection: Objection, reason: str, *, arrived_at: datetime, now: datetime) -> None:
    """The filer asks the bureau above to look again; from this commit on the approval waits for it (rule O7).

    arrived_at: when the request reached the server, which decides whether it was in time. Raises NotAllowedNow
    before the answer, too late, a second time and once the case is decided; RuleViolation without a reason.
    """
    application = lock(Application, objection.notice.application_id)  # whoever ends the wait comes before or after us
    until = limit_of(objection)
    if until is None:
        raise NotAllowedNow("这件异议现在不能申请复核", rule="O7")
    if of(objection) is not None:
        raise NotAllowedNow("已经申请过复核，一件异议可以申请一次", rule="O7")
    if application.status not in WAITING:
        raise NotAllowedNow(f"此件{application.status.label}，不能再申请复核；可以提出投诉举报", rule="O7")
    if arrived_at >= until.ends_at and not until.provisional:
        raise NotAllowedNow("申请复核的期限已过；可以提出投诉举报", rule="O7")
    said = texts.require(reason, texts.RECHECK, "请写明为什么不同意答复", rule="O7")
    above = objection.notice.bureau.parent
    assert above is not None  # `offer` saw to that
    asked = beijing_date(now)
    days = policy.value("recheck.decide_working_days", asked)
    insert(
        Recheck,
        objection_id=objection.id,
        bureau_id=above.id,
        reason=said,
        asked_at=arrived_at,
        decide_by=workdays.limit(asked, days, workdays.load_calendar(db.session)).last_day,
    )
    trail.record(
        Event.RECHECK_ASKED,
        actor=PUBLIC,
        now=now,
        subject=("objection", objection.number),
        case=application.number,
        bureau=above.code,
        after={"reason": digest(said.encode())},
        detail={"objection": objection.number, "to": above.code},
    )


def decide(recheck: Recheck, outcome: RecheckOutcome, reason: str, *, actor: Actor, now: datetime) -> None:
    """The bureau above confirms the answer, or finds the objection right: then the case is rejected (rules O6, O7).

    A case whose other grounds are still open keeps waiting for its decision, which then can only be a rejection.
    Raises NotAllowed for another bureau's officer, NotAllowedNow for the second decision.
    """
    if actor.bureau_id != recheck.bureau_id:
        raise NotAllowed(f"此件由{recheck.bureau.name}复核", rule="O7")
    permissions.require(actor, Permission.DECIDE)
    application = lock(Application, recheck.objection.notice.application_id)
    permissions.require_other_than_verifier(actor, application)
    if actor.user_id in {ground.ruled_by_id for ground in recheck.objection.grounds}:
        raise NotAllowed("您裁定过这件异议，不能再由您复核", rule="A4")
    db.session.refresh(recheck)
    if recheck.outcome is not None:
        raise NotAllowedNow("这件复核已经作出结论", rule="O7")
    if application.status not in WAITING:
        raise NotAllowedNow(f"此件{application.status.label}，不再需要复核", rule="O7")
    said = texts.require(reason, texts.OPINION, "请写明复核理由", "，理由将答复异议人", rule="O7")
    recheck.outcome, recheck.outcome_reason = outcome, said
    recheck.decided_by_id, recheck.decided_at = actor.account_id, now
    trail.record(
        Event.RECHECK_DECIDED,
        actor=actor,
        now=now,
        subject=("objection", recheck.objection.number),
        case=application.number,
        bureau=recheck.bureau.code,
        acting_as=Role.DECIDER.value,
        after={"reason": digest(said.encode())},
        detail={"objection": recheck.objection.number, "outcome": outcome.value},
    )
    if outcome is RecheckOutcome.OVERTURNED and application.status is Status.AWAITING_RECHECK:
        application.decided_by_id, application.decision_text = actor.account_id, said
        workflow.move(application, Step.RECHECK_OVERTURNS, actor, now=now, detail={"reason": said})
        end_wait(application, now=now)
        outbox.tell_applicant(application, "rejected", now=now)


def begin_wait(application: Application, until: Limit) -> None:
    """The approval waits until nobody can ask any more."""
    db.session.add(RecheckWait(application_id=application.id, last_day=until.last_day, ends_at=until.ends_at))


def end_wait(application: Application, *, now: datetime) -> None:
    """The wait is over, whatever came of it."""
    wait = db.session.scalar(select(RecheckWait).where(RecheckWait.application_id == application.id))
    if wait is not None:
        wait.ended_at = now


def still_open(application: Application, *, now: datetime) -> Limit | None:
    """The limit the approval must wait for, or None if nothing is in its way (rule O7).

    In its way: a re-check that is not decided, a time to ask that is not over (with the same grace as a notice
    window, rule N8) or whose end is only guessed (rule N5).
    """
    waiting: list[Limit] = []
    for objection in _objections(application):
        recheck, until = of(objection), limit_of(objection)
        if until is None or (recheck is not None and recheck.outcome is not None):
            continue
        if recheck is not None or until.provisional or now < closes_at(until):
            waiting.append(until)
    return max(waiting, key=lambda each: each.ends_at) if waiting else None


def closes_at(until: Limit) -> datetime:
    """The first instant at which a wait may be ended."""
    return until.ends_at + timedelta(minutes=policy.value("notice.grace_minutes", until.last_day))


def overturned(application: Application) -> bool:
    """True if the bureau above found one of its objections right."""
    return any(
        recheck is not None and recheck.outcome is RecheckOutcome.OVERTURNED
        for recheck in map(of, _objections(application))
    )


def within(path: str) -> Select[Recheck]:
    """Re-checks that this bureau or one below it makes (rule A5)."""
    return select(Recheck).where(Recheck.bureau_id.in_(bureaus_within(path)))


def to_decide(bureau_id: int | None) -> Select[Recheck]:
    """Re-checks that wait for this bureau's own decision."""
    return (
        select(Recheck)
        .join(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .join(Application, Notice.application_id == Application.id)
        .where(Recheck.bureau_id == bureau_id, Recheck.outcome.is_(None), Application.status.in_(WAITING))
    )


def find(objection_number: str, actor: Actor) -> Recheck:
    """The re-check of the objection with this number, within the actor's bureau. Raises NotFound (rule A5)."""
    query = within(actor.bureau_path or "/").join(Objection).where(Objection.number == objection_number[:24])
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("没有找到这件复核，请核对编号", rule="A5")
    return found


def above(objection: Objection) -> Bureau | None:
    """Who would look again."""
    return objection.notice.bureau.parent


def _objections(application: Application) -> Iterable[Objection]:
    """Answered objections to any notice of the case whose filers did not withdraw them."""
    query = (
        select(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Notice.application_id == application.id, Objection.status == FilingStatus.ANSWERED)
        .order_by(Objection.id)
    )
    return db.session.scalars(query).all()


def _count(answered_at: datetime) -> Limit:
    answered = beijing_date(answered_at)
    days = policy.value("recheck.ask_working_days", answered)
    return workdays.limit(answered, days, workdays.load_calendar(db.session))
