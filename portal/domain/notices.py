"""公示: publish, retract, close (rules N1–N3, N5–N10)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload, undefer

from portal.clock import beijing_date, midnight_after
from portal.domain import (
    alert_matching,
    notice_content,
    outbox,
    permissions,
    policy,
    public_copies,
    publication_watch,
    records,
    texts,
    trail,
    verifications,
    workdays,
    workflow,
)
from portal.domain.actor import Actor
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.domain.workflow import Step
from portal.extensions import UtcDateTime, db, lock
from portal.models.application import Application, ApplicationChange
from portal.models.counter import next_number
from portal.models.notice import Notice, WindowChange, holding_tickets
from portal.models.objection import Objection
from portal.models.search import grams
from portal.models.words import DataLevel, Kind, NoticeStatus, Role, Route, Status

# built once: closing asks both for every notice
_WHAT_WAS_SAID = select(
    holding_tickets(bindparam("notice_id"), bindparam("instant", type_=UtcDateTime)).exists(),
    select(func.count(Objection.id))
    .join(Notice)
    .where(Notice.application_id == bindparam("application_id"))
    .scalar_subquery(),
)
"""Whether a filing about the notice is still being received (rule O1); how many objected to any notice of its case,
also to one retracted since (rule N9).
"""
_CASE = (
    select(Application)
    .where(Application.id == bindparam("application_id"))
    .options(
        joinedload(Application.bureau),
        joinedload(Application.project),
        joinedload(Application.changes).joinedload(ApplicationChange.entry),
    )
)
"""The case with everything its closing touches."""


def publish(application: Application, *, actor: Actor, now: datetime, shown: str | None = None) -> Notice:
    """Put a verified case on notice for its working days; content and window are frozen from here on (rules N1–N3, N5),
    and with them the public copies of its evidence.

    shown: fingerprint of the copies the publisher was shown, if he was. Raises RuleViolation if the case is not
    verified (V3), needs no notice (S4) or would publish personal data, or copies he was not shown (N1).
    """
    permissions.require_own(actor, Permission.PUBLISH_NOTICE, application.bureau)
    lock(Application, application.id)
    if application.route is not Route.NOTICE:
        raise RuleViolation(f"此件按“{application.route.label}”办理，不需要公示", rule="S4")
    copies = public_copies.prepared(application)
    if shown is not None and application.status is Status.VERIFIED and shown != public_copies.fingerprint(copies):
        raise NotAllowedNow("公开材料刚刚有变动，请核对下面将要公开的内容后再发布", rule="N1")
    today = beijing_date(now)
    gaps = verifications.missing(application, today)
    if application.status is Status.VERIFIED and gaps:
        raise RuleViolation("；".join(gaps), rule="V3")
    calendar = workdays.load_calendar(db.session)
    window = workdays.open_window(today, calendar, policy.value("notice.working_days", today))
    prefix = f"GS{application.bureau.code}-{today.year}"
    reference = f"{prefix}-{next_number(prefix):05d}"
    content = notice_content.build(application, reference, window, copies=copies, now=now)
    notice_content.check_no_personal_data(content)
    data = canonical_bytes(content)
    notice = Notice(
        reference=reference,
        application=application,
        bureau_id=application.bureau_id,
        city_id=application.bureau.city_id or application.bureau_id,
        kind=application.kind,
        subject=application.subject,
        title=content["title"],
        company=application.applicant_name,
        content=data,
        content_hash=digest(data),
        status=NoticeStatus.OPEN,
        published_at=now,
        published_by=actor.name,
        first_day=window.first_day,
        last_day=window.last_day,
        ends_at=window.ends_at,
        provisional=window.provisional,
        calendar_version=calendar.version,
        grams=grams(*notice_content.searchable(content)),
    )
    db.session.add(notice)
    db.session.flush()
    alert_matching.announce(notice, content)
    workflow.move(
        application,
        Step.PUBLISH,
        actor,
        now=now,
        after={"notice": notice.content_hash, "window": {"last_day": window.last_day.isoformat()}},
        detail={
            "notice": reference,
            "first_day": window.first_day.isoformat(),
            "last_day": window.last_day.isoformat(),
            "provisional": window.provisional,
        },
    )
    return notice


def retract(notice: Notice, reason: str, *, actor: Actor, now: datetime) -> None:
    """Take a notice back, with its reason; it stays readable, and the case needs a new notice with a new full
    window (rule N2).
    """
    permissions.require_own(actor, Permission.PUBLISH_NOTICE, notice.bureau)
    lock(Notice, notice.id)
    if notice.status is not NoticeStatus.OPEN:
        raise NotAllowedNow("公示已经结束，不能撤回", rule="N2")
    why = texts.require(reason, texts.REASON, "请写明撤回公示的理由", "，理由将公开", rule="N2")
    notice.status, notice.closed_at, notice.retraction_reason = NoticeStatus.RETRACTED, now, why
    workflow.move(
        notice.application,
        Step.RETRACT,
        actor,
        now=now,
        before={"notice": notice.content_hash},
        detail={"notice": notice.reference, "reason": why},
    )


def closes_at(notice: Notice) -> datetime:
    """The first instant at which the window may be closed: its end plus the grace (rule N8)."""
    return notice.ends_at + timedelta(minutes=policy.value("notice.grace_minutes", beijing_date(notice.ends_at)))


def close_window(notice_id: int, actor: Actor, *, now: datetime) -> Notice:
    """End a notice window: approve if nobody objected, otherwise hand the case to a person (rules N8, N9, N10).

    The machine may say yes only when no one said no (公示无异议后予以审核办理). Everything it causes is in the present
    transaction. Raises NotAllowedNow while the window is open, provisional, held by a filing that is still being
    received or interrupted by a gap nobody has decided about, and once it is closed.
    """
    notice = lock(Notice, notice_id, undefer(Notice.content))
    if notice.status is not NoticeStatus.OPEN:
        raise NotAllowedNow("公示已经结束", rule="N8")
    if notice.calendar_version != workdays.load_calendar(db.session).version:
        settle(notice, actor=actor, now=now)  # its end is not what it was published as (N6)
    if notice.provisional:
        raise NotAllowedNow("截止日为暂定，放假安排公布前不得结束公示", rule="N5")
    if now < closes_at(notice):
        raise NotAllowedNow("公示期尚未届满", rule="N8")
    if publication_watch.interrupted(notice):
        raise NotAllowedNow("公示期内公示曾经中断，须由经办单位决定延长或者认可", rule="N7")
    # asked after the lock: whoever began or filed before us is seen, whoever comes after us sees this closing
    held, objections = db.session.execute(
        _WHAT_WAS_SAID, {"notice_id": notice.id, "instant": now, "application_id": notice.application_id}
    ).one()
    if held:
        raise NotAllowedNow("届满前开始的异议仍在提交中", rule="O1")
    application = db.session.execute(_CASE, {"application_id": notice.application_id}).unique().scalar_one()
    notice.closed_at = now
    detail: dict[str, Any] = {"notice": notice.reference}
    if objections:
        notice.status = NoticeStatus.CLOSED_CONTESTED
        detail["objections"] = objections
        workflow.move(application, Step.CLOSE_CONTESTED, actor, now=now, detail=detail)
        return notice
    notice.status = NoticeStatus.CLOSED_CLEAR
    if goes_up(application):
        workflow.move(application, Step.CLOSE_CLEAR_UPGRADE, actor, now=now, detail=detail)
        return notice
    workflow.move(application, Step.CLOSE_CLEAR, actor, now=now, before={"notice": notice.content_hash}, detail=detail)
    write_noticed_content(notice, actor=actor, now=now)
    outbox.tell_applicant(application, "approved", now=now)
    return notice


def write_noticed_content(notice: Notice, *, actor: Actor, now: datetime) -> None:
    """Write into the record, byte for byte, what was on notice (rule N9).

    Raises RuleViolation if the notice's bytes are no longer those that were published.
    """
    if digest(notice.content) != notice.content_hash:
        raise RuleViolation(f"公示 {notice.reference} 的内容与公示时不一致，不能据此办理", rule="N9")
    noticed = json.loads(notice.content)["changes"]
    for change, said in zip(notice.application.changes, noticed, strict=True):
        data = canonical_bytes(said["after"])
        if digest(data) != said["after_hash"]:
            raise RuleViolation(f"公示 {notice.reference} 的变更内容与其哈希不符，不能据此办理", rule="N9")
        records.apply_change(change, data, notice_id=notice.id, actor=actor, now=now)


def goes_up(application: Application) -> bool:
    """True for an upgrade to a level above this bureau's: it goes on to the next tier instead of being approved
    (rules N9, L2).
    """
    return goes_up_from(application.bureau.level, application.kind, application.target_level)


def goes_up_from(level: DataLevel, kind: Kind, target: DataLevel | None) -> bool:
    """The same by the level of the bureau, the kind of the application and the level it asks for."""
    return kind is Kind.LEVEL_UPGRADE and target is not None and target is not level


def settle(notice: Notice, *, actor: Actor, now: datetime) -> bool:
    """Let a running window follow the calendar as it is known now (rules N5, N6). True if something moved.

    A published last day moves later only; old and new stay visible with the reason.
    """
    notice = lock(Notice, notice.id)
    if notice.status is not NoticeStatus.OPEN:
        return False
    calendar = workdays.load_calendar(db.session)
    published = beijing_date(notice.published_at)
    fresh = workdays.open_window(published, calendar, policy.value("notice.working_days", published))
    settled = workdays.settle(notice.last_day, notice.provisional, fresh)
    notice.calendar_version = calendar.version
    if not settled.changed:
        return False
    move_end(notice, settled.last_day, settled.reason, provisional=settled.provisional, actor=actor, now=now)
    return True


def move_end(
    notice: Notice,
    last_day: date,
    reason: str,
    *,
    provisional: bool,
    acting_as: Role = Role.SYSTEM,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a running window, whose row is held, another last day, or its mark; old and new stay visible with the reason
    (rule N6).
    """
    db.session.add(
        WindowChange(
            notice_id=notice.id,
            old_last_day=notice.last_day,
            new_last_day=last_day,
            was_provisional=notice.provisional,
            reason=reason,
            changed_at=now,
            changed_by=actor.name,
        )
    )
    trail.record(
        Event.WINDOW_MOVED,
        actor=actor,
        now=now,
        subject=("notice", notice.reference),
        case=notice.application.number,
        bureau=notice.bureau.code,
        acting_as=acting_as.value,
        before={"last_day": notice.last_day.isoformat(), "provisional": notice.provisional},
        after={"last_day": last_day.isoformat(), "provisional": provisional},
        detail={
            "notice": notice.reference,
            "old_last_day": notice.last_day.isoformat(),
            "new_last_day": last_day.isoformat(),
            "reason": reason,
        },
    )
    notice.last_day, notice.ends_at, notice.provisional = last_day, midnight_after(last_day), provisional
