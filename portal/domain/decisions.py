"""审核办理 by a person: a contested case, or a change of what online business generated (rules S4, O5–O7, A4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.domain import (
    notices,
    objections,
    outbox,
    permissions,
    rechecks,
    records,
    texts,
    workflow,
)
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


def rule_on_group(
    grounds: Sequence[ObjectionGround], disposition: Disposition, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Give several grounds that say much the same one disposition: each gets its own, with its own line in the trail,
    all or none (rule O5).

    Raises RuleViolation if none is named, and whatever `objections.rule_on_ground` refuses about one of them.
    """
    if not grounds:
        raise RuleViolation("请勾选要裁定的理由", rule="O5", field="grounds")
    for ground in grounds:
        objections.rule_on_ground(ground, disposition, reason, actor=actor, now=now)


def conclude_contested(application: Application, reason: str, *, actor: Actor, now: datetime) -> None:
    """Decide a contested case once every ground has its disposition (rules O5, O6).

    Any ground upheld, by this bureau or on a re-check: rejected. All dismissed or set aside: approved, what is
    written being what was on notice; while an objector may ask for a re-check, or asked for one that is not decided,
    the approval waits for it (rule O7). Raises NotAllowedNow while a ground is open, NotAllowed for whoever verified
    the case (A4).
    """
    _may_decide(application, actor)
    if application.status is not Status.CONTESTED:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，没有待裁定的异议", rule="O5")
    dispositions = [ground.disposition for ground in grounds_of(application)]
    if None in dispositions:
        raise NotAllowedNow(f"还有{dispositions.count(None)}条异议理由没有裁定，不能办结", rule="O5")
    _say_why(application, reason, actor, rule="O6")
    if Disposition.UPHELD in dispositions or rechecks.overturned(application):
        _reject(application, actor, now)
        return
    until = rechecks.still_open(application, now=now)
    if until is not None:
        last_day = until.last_day.isoformat()
        workflow.move(application, Step.DISMISS_OBJECTIONS_WAIT, actor, now=now, detail={"last_day": last_day})
        rechecks.begin_wait(application, until)
        return
    _approve(application, Step.DISMISS_OBJECTIONS, Step.DISMISS_OBJECTIONS_UPGRADE, actor, now)


def end_wait(application_id: int, actor: Actor, *, now: datetime) -> None:
    """Approve, as a person decided, once nobody can ask for a re-check any more or every re-check confirmed (rule O7).

    Raises NotAllowedNow while one may still be asked for or is not decided, and if the case does not wait.
    """
    application = lock(Application, application_id)
    if application.status is not Status.AWAITING_RECHECK:
        rechecks.end_wait(application, now=now)  # it was withdrawn meanwhile: there is nothing to wait for
        return
    if rechecks.still_open(application, now=now) is not None:
        raise NotAllowedNow("申请复核的期限未满，或复核尚未作出", rule="O7")
    rechecks.end_wait(application, now=now)
    _approve(application, Step.WAIT_OVER, Step.WAIT_OVER_UPGRADE, actor, now)


def _reject(application: Application, actor: Actor, now: datetime) -> None:
    detail = {"reason": application.decision_text}
    workflow.move(application, Step.UPHOLD_OBJECTION, actor, now=now, detail=detail)
    outbox.tell_applicant(application, "rejected", now=now)


def _approve(application: Application, approves: Step, reports: Step, actor: Actor, now: datetime) -> None:
    """All objections are dismissed: approved as it was on notice, or on to the next tier (rules O6, L2, N9)."""
    if notices.goes_up(application):
        workflow.move(application, reports, actor, now=now, detail={"to": "parent"})
        return
    notice = application.notices[-1]
    workflow.move(
        application,
        approves,
        actor,
        now=now,
        before={"notice": notice.content_hash},
        detail={"reason": application.decision_text},
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
    _say_why(application, reason, actor, rule="S4")
    workflow.move(application, Step.CHANGE_ONLINE, actor, now=now, detail={"reason": application.decision_text})
    for change in application.changes:
        records.apply_change(change, canonical_bytes(change.after), notice_id=None, actor=actor, now=now)
    outbox.tell_applicant(application, "approved", now=now)


def _may_decide(application: Application, actor: Actor) -> None:
    permissions.require_own(actor, Permission.DECIDE, application.bureau)
    permissions.require_other_than_verifier(actor, application)
    lock(Application, application.id)


def _say_why(application: Application, reason: str, actor: Actor, *, rule: str) -> None:
    application.decision_text = texts.require(reason, texts.REASON, "请写明办理意见", rule=rule)
    application.decided_by_id = actor.account_id
