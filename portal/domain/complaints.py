"""投诉举报: taken from anybody, at any time, about anything, and what a late objection becomes (rules C1–C3, O9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.clock import beijing_date
from portal.domain import complaint_routing, filings, identity_vault, policy, receipts, texts, trail
from portal.domain.actor import Actor
from portal.domain.attachments import StoredFile, attach
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.complaint_routing import Routing, Subject
from portal.domain.errors import NotFound
from portal.domain.filings import Ground, Identity
from portal.domain.trail import Event
from portal.extensions import db, insert, lock
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.words import ComplaintMatter, ComplaintStatus, ComplaintTarget, Purpose


def file(
    token: str,
    subject: Subject,
    text: str,
    files: Sequence[StoredFile],
    identity: Identity,
    *,
    arrived_at: datetime,
    actor: Actor,
    now: datetime,
) -> str:
    """Take a complaint and return its number; it goes to whoever `complaint_routing` says (rules C1, C2).

    The same token gives the same number however often it is sent. Raises RuleViolation if it does not say what it is
    about, what happened, or, with a real name, who says so.
    """
    said = check(subject, text, identity)
    ticket = lock(IntakeTicket, filings.find_ticket(token).id)
    if ticket.purpose is not Purpose.COMPLAINT:
        raise NotFound(filings.NO_TICKET)
    if ticket.used_at is not None:
        return _filed_before(ticket.id)
    routing = complaint_routing.route(subject)
    return _store(ticket, token, subject, routing, said, files, identity, arrived_at=arrived_at, actor=actor, now=now)


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
    lock(Notice, notice_id)
    ticket = filings.find_ticket(token)
    if ticket.used_at is not None:
        return _filed_before(ticket.id)
    subject = Subject(ComplaintMatter.NOTICE, ComplaintTarget.NOTICE, notice_id=notice_id)
    routing = complaint_routing.route(subject)
    text = "\n\n".join(ground.text for ground in said)
    files = [item for ground in said for item in ground.files]
    return _store(ticket, token, subject, routing, text, files, identity, arrived_at=arrived_at, actor=actor, now=now)


def check(subject: Subject, text: str, identity: Identity) -> str:
    """The text, without blanks around it. Raises RuleViolation naming the field at fault."""
    check_subject(subject)
    filings.check_identity(identity)
    return check_text(text)


def check_text(text: str) -> str:
    """The text, without blanks around it. Raises RuleViolation if it is too short or too long."""
    asked = "请写明情况：什么时间、什么地点、发生了什么"
    return texts.require(text, texts.COMPLAINT, asked, rule="C1", field="text")


def check_subject(subject: Subject) -> None:
    """Raise RuleViolation if a person or thing that is only described is not described."""
    in_words = subject.target in (ComplaintTarget.PERSON, ComplaintTarget.OTHER)
    length = texts.COMPLAINED_ABOUT if in_words else texts.COMPLAINED_ABOUT.optional
    asked = "请写明反映的是谁、什么事，例如姓名、科室、地点"
    texts.require(subject.described, length, asked, rule="C1", field="described")


def content_of(complaint: Complaint) -> dict[str, object]:
    """What a complaint says, as its hash in trail and receipt stands for it (rules T1, T6). All of it stays as it was
    filed.
    """
    return {
        "matter": complaint.matter.value,
        "target": complaint.target.value,
        "notice": complaint.notice.reference if complaint.notice else None,
        "project": complaint.project.number if complaint.project else None,
        "bureau": complaint.against.code if complaint.against else None,
        "company": complaint.company,
        "described": complaint.described,
        "text": complaint.text,
        "files": [file.sha256 for file in complaint.evidence],
    }


def days(limit: str, matter: ComplaintMatter, on: date) -> int:
    """A limit of rule C3 in calendar days, for complaints of this kind: the general one unless it has its own.

    limit: accept_days, answer_days, extension_days, ask_days or review_days.
    """
    general, own = policy.values(on, f"complaint.{limit}", f"complaint.{limit}.{matter.value}")
    return int(own or general)


def last_day(limit: str, matter: ComplaintMatter, since: date) -> date:
    """Last day of a limit that began on `since`, which is not counted (rule C3)."""
    return since + timedelta(days=days(limit, matter, since))


def _filed_before(ticket_id: int) -> str:
    return db.session.execute(select(Complaint.number).where(Complaint.ticket_id == ticket_id)).scalar_one()


def _store(
    ticket: IntakeTicket,
    token: str,
    subject: Subject,
    routing: Routing,
    text: str,
    files: Sequence[StoredFile],
    identity: Identity,
    *,
    arrived_at: datetime,
    actor: Actor,
    now: datetime,
) -> str:
    number = receipts.new_number("TS", now)
    handler = routing.handler
    filings.use_up(ticket.id, drafted=ticket.draft is not None, now=now)
    complaint_id = insert(
        Complaint,
        number=number,
        code_hash=receipts.code_hash(number, receipts.code_for(token)),
        matter=subject.matter,
        target=subject.target,
        notice_id=subject.notice_id,
        project_id=subject.project_id,
        company=subject.company,
        described=subject.described.strip(),
        against_id=routing.against.id if routing.against else None,
        ticket_id=ticket.id,
        bureau_id=handler.bureau.id,
        by_discipline=handler.by_discipline,
        identity_mode=identity.mode,
        vault_entry_id=identity_vault.keep(dict(identity.person), now=now) if identity.person else None,
        text=text,
        status=ComplaintStatus.RECEIVED,
        arrived_at=arrived_at,
        due_on=last_day("accept_days", subject.matter, beijing_date(arrived_at)),
    )
    for item in files:
        attach(item, now=now, complaint_id=complaint_id)
    notice = db.session.get(Notice, subject.notice_id) if subject.notice_id else None
    trail.record(
        Event.COMPLAINT_FILED,
        actor=actor,
        now=now,
        subject=("complaint", number),
        bureau=handler.bureau.code,
        after={
            "content": digest(canonical_bytes(content_of(db.session.get_one(Complaint, complaint_id)))),
            "files": [item.sha256 for item in files],
        },
        detail={
            "notice": notice.reference if notice else None,
            "handled_by": handler.name,
            "files": len(files),
            "identity": identity.mode.value,
            "matter": subject.matter.value,
            "target": subject.target.value,
        },
    )
    return number
