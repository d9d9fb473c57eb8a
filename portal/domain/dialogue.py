"""对话 between a filer, who may be anonymous, and the office that handles what he filed (rules O4, C1, V1).

The filer is whoever holds the code of the receipt: the door has checked it. What is said is never changed or removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from portal.domain import limits, permissions, texts, trail
from portal.domain.actor import PUBLIC, Actor
from portal.domain.attachments import StoredFile, attach
from portal.domain.canonical import digest
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db, insert, lock
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.bureau import Bureau
from portal.models.complaint import Complaint
from portal.models.deficiency import DeficiencyItem, DeficiencyNotice
from portal.models.message import Message
from portal.models.objection import Objection

Filing = Objection | Complaint | Application

MOST_FILES = 10
MAY_ANSWER = {
    Objection: Permission.DECIDE,
    Complaint: Permission.HANDLE_COMPLAINT,
    Application: Permission.ANSWER_APPLICANT,
}


def say(filing: Filing, text: str, files: Sequence[StoredFile] = (), *, now: datetime) -> None:
    """The filer writes to the office, with evidence if he likes. Raises RuleViolation if it says nothing, TooMany
    above the hourly limit.

    Sent twice in a row, by a double click or a reloaded page, it is said once.
    """
    _write(filing, text, files, PUBLIC, from_filer=True, now=now)


def answer(filing: Filing, text: str, files: Sequence[StoredFile] = (), *, actor: Actor, now: datetime) -> None:
    """The office writes to the filer, who reads it with number and code. Raises NotAllowed for another bureau's."""
    permissions.require_own(actor, MAY_ANSWER[type(filing)], handled_by(filing))
    _write(filing, text, files, actor, from_filer=False, now=now)


def may_answer(filing: Filing, actor: Actor) -> bool:
    """True if this officer may write to the filer: the duty, in the bureau that handles it."""
    return permissions.can(actor, MAY_ANSWER[type(filing)]) and handled_by(filing).id == actor.bureau_id


def of(filing: Filing) -> list[Message]:
    """What was said so far, oldest first."""
    query = (
        select(Message)
        .where(_column(filing) == thread(filing).id)
        .options(selectinload(Message.evidence), joinedload(Message.account))
        .order_by(Message.id)
    )
    return list(db.session.scalars(query))


def file_of(filing: Filing, attachment_id: int) -> Attachment | None:
    """One of the filing's own files, whichever side handed it in; another filing's does not exist."""
    if attachment_id >= 2**31:
        return None
    owners: list[ColumnElement[bool]] = [
        Attachment.message_id.in_(select(Message.id).where(_column(filing) == thread(filing).id))
    ]
    if isinstance(filing, Objection):
        owners.append(Attachment.ground_id.in_([ground.id for ground in filing.grounds]))
    elif isinstance(filing, Complaint):
        owners.append(Attachment.complaint_id == filing.id)
    else:
        cases = [case.id for case in _linked(filing)]
        supplied = select(DeficiencyItem.id).join(DeficiencyNotice).where(DeficiencyNotice.application_id.in_(cases))
        owners += [Attachment.application_id.in_(cases), Attachment.deficiency_item_id.in_(supplied)]
    return db.session.scalar(select(Attachment).where(Attachment.id == attachment_id, or_(*owners)))


def thread(filing: Filing) -> Filing:
    """The filing whose dialogue this one shares: the cases of one receipt have one between them (rule S7)."""
    return _linked(filing)[0] if isinstance(filing, Application) else filing


def handled_by(filing: Filing) -> Bureau:
    """The bureau a filer talks to."""
    return filing.notice.bureau if isinstance(filing, Objection) else filing.bureau


def _write(
    filing: Filing, text: str, files: Sequence[StoredFile], actor: Actor, *, from_filer: bool, now: datetime
) -> None:
    said = texts.require(text, texts.MESSAGE, "请写下要说的话", rule="O4", field="text")
    if len(files) > MOST_FILES:
        raise RuleViolation(f"一次最多上传{MOST_FILES}个文件", rule="O4", field="files")
    filing = thread(filing)
    lock(type(filing), filing.id)  # one after the other
    if _said_before(filing, said, files, from_filer=from_filer):
        return
    if from_filer:
        limits.note_message(filing.number, now=now)
    message_id = insert(
        Message,
        **{_column(filing).key: filing.id},
        from_filer=from_filer,
        text=said,
        sent_at=now,
        account_id=actor.user_id,
    )
    for file in files:
        attach(file, now=now, message_id=message_id)
    trail.record(
        Event.MESSAGE_FROM_FILER if from_filer else Event.MESSAGE_TO_FILER,
        actor=actor,
        now=now,
        # no case: what filer and office say to each other is in no public history
        subject=(type(filing).__name__.lower(), filing.number),
        bureau=handled_by(filing).code,
        after={"text": digest(said.encode()), "files": [file.sha256 for file in files]},
        detail={"files": len(files)},
    )


def _linked(case: Application) -> list[Application]:
    return list(case.receipt.cases) if case.receipt else [case]


def _said_before(filing: Filing, said: str, files: Sequence[StoredFile], *, from_filer: bool) -> bool:
    before = of(filing)[-1:]
    return any(
        last.from_filer == from_filer
        and last.text == said
        and [file.sha256 for file in last.evidence] == [file.sha256 for file in files]
        for last in before
    )


def _column(filing: Filing) -> InstrumentedAttribute[int | None]:
    columns = {
        Objection: Message.objection_id,
        Complaint: Message.complaint_id,
        Application: Message.application_id,
    }
    return columns[type(filing)]
