"""异议: filed while a window is open, answered ground by ground (rules O1, O3, O5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Bundle

from portal.domain import complaints, filings, identity_vault, likeness, permissions, receipts, rechecks, texts, trail
from portal.domain.actor import PUBLIC, Actor
from portal.domain.attachments import StoredFile, attach
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound, WindowClosed
from portal.domain.filings import Ground, Identity
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db, insert, lock, lock_columns
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.bureau import Bureau
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.words import Disposition, FilingStatus, NoticeStatus, Role, Status

_HELD: Select[*tuple[Any, ...]] = (
    select(
        Bundle("notice", Notice.id, Notice.status, Notice.ends_at, Notice.provisional, Notice.reference),
        Bundle(
            "ticket",
            IntakeTicket.id,
            IntakeTicket.notice_id,
            IntakeTicket.begun_at,
            IntakeTicket.holds_until,
            IntakeTicket.used_at,
            IntakeTicket.draft.is_not(None).label("drafted"),
        ),
        Application.number.label("case"),
        Bureau.code.label("bureau"),
    )
    .join_from(Notice, Application, Notice.application_id == Application.id)
    .join(Bureau, Notice.bureau_id == Bureau.id)
    .join(IntakeTicket, IntakeTicket.token_hash == bindparam("token_hash"))
    .where(Notice.id == bindparam("notice_id"))
    .with_for_update(of=(Notice, IntakeTicket))
)
"""What a filing needs to know, its notice and its ticket held until commit; the other two never change."""


def file(
    notice_id: int,
    token: str,
    grounds: Sequence[Ground],
    identity: Identity,
    *,
    arrived_at: datetime,
    actor: Actor,
    now: datetime,
) -> str:
    """Take an objection and return its number; from this commit on no machine approves the case (rules O1, O3, N9).

    arrived_at: when the request reached the server, which decides whether it was in time; now: when it is recorded.
    The same token gives the same number however often it is sent. Raises WindowClosed if it came too late,
    RuleViolation if it says nothing.
    """
    said = filings.check(grounds, identity)
    prints = [likeness.fingerprint(ground.text) for ground in said]
    number = receipts.new_number("YY", now)
    # whoever closes this window waits, or has closed it already
    held = lock_columns(_HELD, notice_id=notice_id, token_hash=receipts.token_hash(token))
    if held is None:
        raise NotFound(filings.NO_TICKET)
    notice, ticket = held.notice, held.ticket
    if ticket.used_at is not None:
        return _filed_before(ticket.id)
    if not in_time(notice, ticket, arrived_at):
        raise WindowClosed("公示期已经结束，不能再提出异议；可以作为投诉举报继续提交，已填写的内容不会丢失")
    filings.use_up(ticket.id, drafted=ticket.drafted, now=now)
    objection_id = insert(
        Objection,
        number=number,
        code_hash=receipts.code_hash(number, receipts.code_for(token)),
        notice_id=notice.id,
        ticket_id=ticket.id,
        identity_mode=identity.mode,
        vault_entry_id=identity_vault.keep(dict(identity.person), now=now) if identity.person else None,
        status=FilingStatus.RECEIVED,
        arrived_at=arrived_at,
        recorded_at=now,
    )
    for at, ground in enumerate(said, 1):
        ground_id = insert(
            ObjectionGround, objection_id=objection_id, position=at, text=ground.text, fingerprint=prints[at - 1]
        )
        for item in ground.files:
            attach(item, now=now, ground_id=ground_id)
    trail.record(
        Event.OBJECTION_FILED,
        actor=actor,
        now=now,
        subject=("objection", number),
        case=held.case,
        bureau=held.bureau,
        after={"grounds": [digest(canonical_bytes(content_of(ground.text, ground.files))) for ground in said]},
        detail={
            "notice": notice.reference,
            "grounds": len(said),
            "files": sum(len(ground.files) for ground in said),
            "identity": identity.mode.value,
        },
    )
    return number


def file_or_complain(
    notice_id: int,
    token: str,
    grounds: Sequence[Ground],
    identity: Identity,
    *,
    arrived_at: datetime,
    actor: Actor,
    now: datetime,
) -> str:
    """An objection if it came in time, otherwise, in the same step, a complaint with everything in it (rule O9)."""
    try:
        return file(notice_id, token, grounds, identity, arrived_at=arrived_at, actor=actor, now=now)
    except WindowClosed:
        return complaints.file_late(notice_id, token, grounds, identity, arrived_at=arrived_at, actor=actor, now=now)


def content_of(text: str, files: Sequence[StoredFile | Attachment]) -> dict[str, object]:
    """What a ground says, as its hash in trail and receipt stands for it (rules T1, T6)."""
    return {"text": text, "files": [file.sha256 for file in files]}


def in_time(notice: Notice | Row[Any], ticket: IntakeTicket | Row[Any], arrived_at: datetime) -> bool:
    """Whether a filing that arrived at `arrived_at` counts for this notice (rule O1): at −1 s it does, at the end
    instant not, unless it was begun before the end and its ticket still lives.
    """
    if notice.status is not NoticeStatus.OPEN:
        return False
    if notice.provisional:
        return True  # nobody knows the last day yet, and it may only move later (rules N5, N6)
    begun = ticket.notice_id == notice.id and ticket.begun_at < notice.ends_at and arrived_at < ticket.holds_until
    return arrived_at < notice.ends_at or begun


def hold(ticket_id: int, *, arrived_at: datetime) -> None:
    """A filing that is being worked on, or uploaded to, at `arrived_at` goes on holding its window: its ticket lives
    anew, and never longer than the setting past the end (rule O1). One that is too late, or filed, holds nothing.
    """
    notice_id = db.session.scalar(select(IntakeTicket.notice_id).where(IntakeTicket.id == ticket_id))
    if notice_id is None:
        return
    notice = lock(Notice, notice_id)  # as in `begin`: either the closing sees this, or this sees the closing
    ticket = lock(IntakeTicket, ticket_id)
    if ticket.used_at is None and ticket.begun_at < notice.ends_at and in_time(notice, ticket, arrived_at):
        ticket.holds_until = max(ticket.holds_until, filings.life(notice, arrived_at))


def withdraw(objection: Objection, *, now: datetime) -> None:
    """The filer takes the objection back. The case stays contested and a person decides it all the same (rule N9).

    Raises NotAllowedNow once it is answered or withdrawn.
    """
    lock(Notice, objection.notice_id)  # the same lock in the same order as ruling and closing
    _become(objection, FilingStatus.WITHDRAWN, PUBLIC, now)


def rule_on_ground(
    ground: ObjectionGround, disposition: Disposition, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Give one ground its disposition, with reasons (rule O5). An objection whose grounds all have one is answered.

    To set a ground aside as inadmissible takes two: the first time it is only proposed, another person saying the
    same makes it so, and any other disposition overrules the proposal. Raises RuleViolation without a reason,
    NotAllowedNow before the window is closed or when the ground was ruled on already, NotAllowed for whoever verified
    the case (A4) or proposed it himself.
    """
    notice = ground.objection.notice
    permissions.require_own(actor, Permission.DECIDE, notice.bureau)
    permissions.require_other_than_verifier(actor, notice.application)
    lock(Notice, notice.id)
    if notice.application.status is not Status.CONTESTED:
        raise NotAllowedNow("公示期满、转入裁定后才能对异议作出裁定", rule="O5")
    if ground.disposition is not None:
        raise NotAllowedNow("这条理由已经裁定", rule="O5")
    why = texts.require(reason, texts.REASON, "请写明裁定理由", "，理由将答复异议人", rule="O5")
    objection, proposed_by = ground.objection, ground.aside_by_id
    if disposition is Disposition.INADMISSIBLE and proposed_by in (None, actor.user_id):
        _propose_setting_aside(ground, why, actor=actor, now=now)
        return
    ground.disposition, ground.disposition_reason = disposition, why
    ground.ruled_by_id, ground.ruled_at = actor.account_id, now
    both = disposition is Disposition.INADMISSIBLE and ground.aside_by is not None
    trail.record(
        Event.GROUND_RULED,
        actor=actor,
        now=now,
        subject=("objection", objection.number),
        case=notice.application.number,
        acting_as=Role.DECIDER.value,
        after={"reason": digest(why.encode())},
        detail={
            "objection": objection.number,
            "ground": ground.position,
            "disposition": disposition.value,
            **({"proposed_by": f"staff:{ground.aside_by.username}"} if both and ground.aside_by else {}),
        },
    )
    open_still = any(each.disposition is None for each in objection.grounds)
    if not open_still and objection.status is FilingStatus.RECEIVED:
        _become(objection, FilingStatus.ANSWERED, actor, now)
        rechecks.offer(objection, now=now)


def _propose_setting_aside(ground: ObjectionGround, reason: str, *, actor: Actor, now: datetime) -> None:
    if ground.aside_by_id is not None:
        raise NotAllowed("不予受理须由另一人确认，您已经提出过", rule="O5")
    ground.aside_by_id, ground.aside_reason = actor.account_id, reason
    trail.record(
        Event.SETTING_ASIDE_PROPOSED,
        actor=actor,
        now=now,
        subject=("objection", ground.objection.number),
        case=ground.objection.notice.application.number,
        acting_as=Role.DECIDER.value,
        after={"reason": digest(reason.encode())},
        detail={"objection": ground.objection.number, "ground": ground.position},
    )


def _become(objection: Objection, status: FilingStatus, actor: Actor, now: datetime) -> None:
    """The one writer of an objection's status: received, then answered or withdrawn, and nothing after that."""
    if objection.status is not FilingStatus.RECEIVED:
        raise NotAllowedNow(f"这件异议{objection.status.label}，不能再更改", rule="O4")
    objection.status = status
    notice = objection.notice
    trail.record(
        Event.OBJECTION_ANSWERED if status is FilingStatus.ANSWERED else Event.OBJECTION_WITHDRAWN,
        actor=actor,
        now=now,
        subject=("objection", objection.number),
        case=notice.application.number,
        bureau=notice.bureau.code,
        acting_as=Role.DECIDER.value if status is FilingStatus.ANSWERED else None,
        detail={"objection": objection.number},
    )


def _filed_before(ticket_id: int) -> str:
    number = db.session.scalar(select(Objection.number).where(Objection.ticket_id == ticket_id))
    if number is None:
        raise WindowClosed("这次填写已作为投诉举报提交")
    return number
