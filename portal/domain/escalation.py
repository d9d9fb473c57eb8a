"""升级督办: an objection that is not answered in time goes one tier up, which instructs or leaves it below (rules O8,
E1). The bureau of the locality goes on owing the answer: nobody above rules in its place (S3, L1).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, literal, select
from sqlalchemy.orm import joinedload

from portal.clock import beijing_date
from portal.domain import complaint_routing, permissions, texts, trail
from portal.domain.actor import Actor
from portal.domain.canonical import digest
from portal.domain.complaint_routing import Handler
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound
from portal.domain.ladder import OBJECTION_ANSWER, reached
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db, lock
from portal.models.application import Application
from portal.models.bureau import bureaus_within
from portal.models.escalation import ANSWERABLE, Escalation, escalations, still_waits
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.words import EscalationOutcome, FilingStatus, LimitStep, Role

DUTY = {False: Role.DECIDER, True: Role.DISCIPLINE_OFFICER}
"""Who acts for the bureau above, and who for the discipline office (rule C2)."""
_EVENTS = {
    EscalationOutcome.INSTRUCTED: Event.ESCALATION_INSTRUCTED,
    EscalationOutcome.RETURNED: Event.ESCALATION_RETURNED,
}


def of(objection: Objection) -> Escalation | None:
    """What was taken one tier up about this objection, if it was."""
    return db.session.scalar(select(Escalation).where(Escalation.objection_id == objection.id))


def escalate_overdue_objection(objection_id: int, actor: Actor, *, now: datetime) -> Escalation:
    """Hand an objection whose limit passed without an answer to the tier above its bureau, once (rules O8, E1).

    Above the province stands its discipline office, as for complaints (C2). Raises NotAllowedNow while the limit
    runs or rests on a guessed calendar (N5), once the objection is answered, withdrawn or without a case, and the
    second time.
    """
    objection = db.session.get_one(Objection, objection_id)
    notice = lock(Notice, objection.notice_id)  # as whoever rules on it, or withdraws it, does
    db.session.refresh(objection)
    if objection.status is not FilingStatus.RECEIVED or notice.application.status not in ANSWERABLE:
        raise NotAllowedNow("这件异议不再等待答复", rule="O8")
    limit = OBJECTION_ANSWER.limit(objection.arrived_at)
    if limit.provisional:
        raise NotAllowedNow("答复期限为暂定，放假安排公布前不升级", rule="N5")
    if reached(limit.last_day, OBJECTION_ANSWER.horizons(beijing_date(now))) is not LimitStep.OVERDUE:
        raise NotAllowedNow("答复期限尚未届满", rule="O8")
    if of(objection) is not None:
        raise NotAllowedNow("这件异议已经升级督办", rule="O8")
    above = complaint_routing.above(Handler(notice.bureau))
    assert above is not None  # a bureau has the tier above it, the province its discipline office
    escalation = Escalation(
        objection=objection,
        step=LimitStep.OVERDUE,
        last_day=limit.last_day,
        from_bureau_id=notice.bureau_id,
        bureau_id=above.bureau.id,
        by_discipline=above.by_discipline,
        escalated_at=now,
    )
    db.session.add(escalation)
    trail.record(
        Event.OBJECTION_ESCALATED,
        actor=actor,
        now=now,
        subject=("objection", objection.number),
        case=notice.application.number,
        bureau=notice.bureau.code,
        acting_as=Role.SYSTEM.value,
        detail={"objection": objection.number, "last_day": limit.last_day.isoformat(), "handled_by": above.name},
    )
    return escalation


def instruct(escalation: Escalation, text: str, *, actor: Actor, now: datetime) -> None:
    """The bureau above tells the one below what to do; the text stands on the case (rules O8, E1).

    Raises NotAllowed for anybody else, and for who verified or ruled in the case (A4); NotAllowedNow once it was
    acted upon or the objection no longer waits; RuleViolation without a text.
    """
    _act(escalation, EscalationOutcome.INSTRUCTED, text, actor=actor, now=now)


def send_back(escalation: Escalation, reason: str, *, actor: Actor, now: datetime) -> None:
    """The bureau above leaves it to the one below, with a reason the filer reads too. Raises as `instruct`."""
    _act(escalation, EscalationOutcome.RETURNED, reason, actor=actor, now=now)


def may_act(escalation: Escalation, actor: Actor) -> bool:
    """True if the actor sits where it was handed to, and holds the duty that acts there."""
    here = escalation.bureau_id == actor.bureau_id and actor.has(DUTY[escalation.by_discipline])
    return here and permissions.can(actor, Permission.SUPERVISE)


def readable(actor: Actor) -> Select[Escalation]:
    """What the actor may read: about the cases of his bureau and of those below (rule A5), and what lies at his
    discipline office (C2).
    """
    at_discipline = Escalation.by_discipline & (Escalation.bureau_id == actor.bureau_id)
    within = Escalation.from_bureau_id.in_(bureaus_within(actor.bureau_path or "/"))
    sees_cases, is_discipline = permissions.can(actor, Permission.SEE_CASES), actor.has(Role.DISCIPLINE_OFFICER)
    return escalations().where((within & literal(sees_cases)) | (at_discipline & literal(is_discipline)))


def to_act_on(actor: Actor) -> Select[Escalation]:
    """What waits for the actor himself to instruct or send back."""
    desks = [by_discipline for by_discipline, duty in DUTY.items() if actor.has(duty)]
    return escalations().where(
        Escalation.bureau_id == actor.bureau_id,
        Escalation.by_discipline.in_(desks),
        Escalation.outcome.is_(None),
        still_waits(),
    )


def find(objection_number: str, actor: Actor) -> Escalation:
    """The escalation of the objection with this number, to be read by the actor. Raises NotFound (rules A5, C2)."""
    found = db.session.scalar(readable(actor).where(Objection.number == objection_number[:24]))
    if found is None:
        raise NotFound("没有找到这件督办，请核对编号", rule="A5")
    return found


def of_case(application: Application) -> dict[int, Escalation]:
    """What was taken up about the objections of one case, by the objection's id."""
    query = (
        escalations()
        .where(Application.id == application.id)
        .options(joinedload(Escalation.bureau), joinedload(Escalation.acted_by))
    )
    return {each.objection_id: each for each in db.session.scalars(query)}


def _act(escalation: Escalation, outcome: EscalationOutcome, text: str, *, actor: Actor, now: datetime) -> None:
    if not may_act(escalation, actor):
        raise NotAllowed(f"此件由{escalation.watched_by}督办", rule="O8")
    objection = escalation.objection
    application = objection.notice.application
    permissions.require_other_than_verifier(actor, application)
    if actor.user_id in {ground.ruled_by_id for ground in objection.grounds}:
        raise NotAllowed("您裁定过这件异议，不能再由您督办", rule="A4")
    lock(Escalation, escalation.id)
    if escalation.outcome is not None:
        raise NotAllowedNow(f"这件督办已经{escalation.outcome.label}，不能再更改", rule="O8")
    if not escalation.waits:
        raise NotAllowedNow("这件异议不再等待答复，不需要督办", rule="O8")
    said = texts.require(text, texts.OPINION, "请写明意见", rule="O8", field="text")
    escalation.outcome, escalation.outcome_text = outcome, said
    escalation.acted_by_id, escalation.acted_at = actor.account_id, now
    trail.record(
        _EVENTS[outcome],
        actor=actor,
        now=now,
        subject=("objection", objection.number),
        case=application.number,
        acting_as=DUTY[escalation.by_discipline].value,
        after={"text": digest(said.encode())},
        detail={"objection": objection.number, "by": escalation.watched_by},
    )
