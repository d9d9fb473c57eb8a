"""投诉举报: for now only what a late objection becomes (rules O9, C2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.domain import filings, identity_vault, receipts, trail
from portal.domain.actor import Actor
from portal.domain.attachments import attach
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.filings import Ground, Identity
from portal.domain.trail import Event
from portal.extensions import db, insert, lock
from portal.models.complaint import Complaint
from portal.models.notice import Notice
from portal.models.words import FilingStatus


def file_late(
    notice_id: int,
    token: str,
    grounds: Sequence[Ground],
    identity: Identity,
    *,
    arrived_at: datetime,
    actor: Actor,
    now: datetime,
) -> str:
    """Take what came too late for an objection as a complaint about the notice and return its number (rule O9).

    It is handled one tier above the bureau that published (rule C2). The same token gives the same number however
    often it is sent.
    """
    said = filings.check(grounds, identity)
    notice = lock(Notice, notice_id)
    ticket = filings.find_ticket(token)
    if ticket.used_at is not None:
        return db.session.execute(select(Complaint.number).where(Complaint.ticket_id == ticket.id)).scalar_one()
    handled_by = notice.bureau.parent or notice.bureau
    number = receipts.new_number("TS", now)
    text = "\n\n".join(ground.text for ground in said)
    filings.use_up(ticket.id, drafted=ticket.draft is not None, now=now)
    complaint_id = insert(
        Complaint,
        number=number,
        code_hash=receipts.code_hash(number, receipts.code_for(token)),
        notice_id=notice.id,
        ticket_id=ticket.id,
        bureau_id=handled_by.id,
        identity_mode=identity.mode,
        vault_entry_id=identity_vault.keep(dict(identity.person), now=now) if identity.person else None,
        text=text,
        status=FilingStatus.RECEIVED,
        arrived_at=arrived_at,
    )
    files = [item for ground in said for item in ground.files]
    for item in files:
        attach(item, now=now, complaint_id=complaint_id)
    trail.record(
        Event.COMPLAINT_FILED,
        actor=actor,
        now=now,
        subject=("complaint", number),
        bureau=handled_by.code,
        after={"text": digest(canonical_bytes(text)), "files": [item.sha256 for item in files]},
        detail={
            "notice": notice.reference,
            "handled_by": handled_by.code,
            "files": len(files),
            "identity": identity.mode.value,
        },
    )
    return number
