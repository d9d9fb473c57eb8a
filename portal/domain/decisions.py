"""审核办理 by a person: a contested case, or a change of what online business generated (rules S4, O5, O6, A4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.domain import notices, outbox, permissions, records, workflow
from portal.domain.actor import Actor
from portal.domain.canonical import canonical_bytes
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.workflow import Step
from portal.extensions import db, lock
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.words import Disposition, Route, Status


def grounds_of(application: Application) -> list[ObjectionGround]:
    """Every ground of every objection to any notice of this case."""
    query = (
        select(ObjectionGround)
        .join(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Notice.application_id == application.id)
        .order_by(ObjectionGround.id)
    )
    return list(db.session.scalars(query))


def conclude_contested(application: Application, reason: str, *, actor: Actor, now: datetime) -> None:
    """Decide a contested case once every ground has its disposition (rules O5, O6).

    Any ground upheld: rejected. All dismissed: approved, what is written being what was on notice. Raises
    NotAllowedNow while a ground is open, NotAllowed for whoever verified the case (A4).
    """
    _may_decide(application, actor)
    if application.status is not Status.CONTESTED:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，没有待裁定的异议", rule="O5")
    dispositions = [ground.disposition for ground in grounds_of(application)]
    if None in dispositions:
        raise NotAllowedNow(f"还有{dispositions.count(None)}条异议理由没有裁定，不能办结", rule="O5")
    _say_why(application, reason, actor)
    detail = {"reason": application.decision_text}
    if Disposition.UPHELD in dispositions:
        workflow.move(application, Step.UPHOLD_OBJECTION, actor, now=now, detail=detail)
        outbox.tell_applicant(application, "rejected", now=now)
        return
    if notices.goes_up(application):
        workflow.move(application, Step.DISMISS_OBJECTIONS_UPGRADE, actor, now=now, detail={"to": "parent"})
        return
    notice = application.notices[-1]
    workflow.move(
        application,
        Step.DISMISS_OBJECTIONS,
        actor,
        now=now,
        before={"notice": notice.content_hash},
        detail=detail,
    )
    notices.write_noticed_content(notice, actor=actor, now=now)
    outbox.tell_applicant(application, "approved", now=now)


def change_online(application: Application, reason: str, *, actor: Actor, now: datetime) -> None:
    """Change a verified section that online business generated, without a notice (rule S4). Raises NotAllowed for
    the verifier (A4).
    """
    _may_decide(application, actor)
    if application.route is not Route.ONLINE_CHANGE:
        raise RuleViolation("此件须经公示，不能直接变更", rule="S4")
    _say_why(application, reason, actor)
    workflow.move(application, Step.CHANGE_ONLINE, actor, now=now, detail={"reason": application.decision_text})
    for change in application.changes:
        records.apply_change(change, canonical_bytes(change.after), notice_id=None, actor=actor, now=now)
    outbox.tell_applicant(application, "approved", now=now)


def _may_decide(application: Application, actor: Actor) -> None:
    permissions.require_own(actor, Permission.DECIDE, application.bureau)
    permissions.require_other_than_verifier(actor, application)
    lock(Application, application.id)


def _say_why(application: Application, reason: str, actor: Actor) -> None:
    if len(reason.strip()) < 5:
        raise RuleViolation("请写明办理意见（不少于5个字）", field="reason")
    application.decision_text = reason.strip()
    application.decided_by_id = actor.account_id
