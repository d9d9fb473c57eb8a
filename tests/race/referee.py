"""What must be true of a whole database whatever happened in it; each breach in words.

Reads only: what the tables say now, against what the filers were told (rules N8, N9, N10, O1, O9).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import func, select

from portal.domain import trail
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.application import Application
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.outbox import OutboxMessage
from portal.models.record import RecordEntry, RecordVersion
from portal.models.trail_entry import TrailEntry
from portal.models.words import NoticeStatus, Status
from tests.race.plan import Receipt

CLOSINGS = (Event.NOTICE_CLOSED_WITHOUT_OBJECTION, Event.NOTICE_CLOSED_WITH_OBJECTION)
APPROVED_DESPITE_OBJECTION = "approved although somebody objected"


def breaches(told: Iterable[Receipt]) -> list[str]:
    """Every promise this database breaks; empty if it keeps them all."""
    told = list(told)
    db.session.rollback()
    found = [*_cases(), *_records(), *_filings(told), *_late_ones(), *_trail(told)]
    db.session.rollback()
    return found


def _cases() -> Iterator[str]:
    """Objected: contested, never approved. Closed: once (rules N8, N9)."""
    objected = set(db.session.scalars(select(Objection.notice_id)))
    closings = Counter(
        db.session.scalars(
            select(TrailEntry.case_number).where(TrailEntry.event.in_([event.value for event in CLOSINGS]))
        )
    )
    rows = db.session.execute(
        select(Notice.id, Notice.status, Notice.closed_at, Application.status.label("case"), Application.number).join(
            Application, Notice.application_id == Application.id
        )
    )
    expected = {
        NoticeStatus.OPEN: Status.ON_NOTICE,
        NoticeStatus.CLOSED_CLEAR: Status.APPROVED,
        NoticeStatus.CLOSED_CONTESTED: Status.CONTESTED,
    }
    for row in rows:
        if row.id in objected and row.case is Status.APPROVED:
            yield f"{row.number} {APPROVED_DESPITE_OBJECTION}"
        if row.case is not expected[row.status]:
            yield f"{row.number}: the notice is {row.status} but the case is {row.case}"
        if (row.status is NoticeStatus.CLOSED_CONTESTED) and row.id not in objected:
            yield f"{row.number} contested although nobody objected"
        closed = row.status is not NoticeStatus.OPEN
        if closings[row.number] != closed or (row.closed_at is not None) != closed:
            yield f"{row.number} closed {closings[row.number]} times while the notice is {row.status}"


def _records() -> Iterator[str]:
    """Approved: one version, byte for byte what was on notice, and one message. Not approved: nothing (N9, N10)."""
    versions: dict[int, list[tuple[int, str, bytes]]] = {}
    for row in db.session.execute(
        select(RecordVersion.application_id, RecordVersion.version, RecordVersion.content_hash, RecordVersion.content)
        .where(RecordVersion.application_id.is_not(None))
        .order_by(RecordVersion.id)
    ):
        versions.setdefault(row.application_id, []).append((row.version, row.content_hash, row.content))
    messages = Counter(
        key.partition("/")[0] for key in db.session.scalars(select(OutboxMessage.key)) if key.endswith("/approved")
    )
    present = {row.id: row.version for row in db.session.execute(select(RecordEntry.id, RecordEntry.version))}
    for case in db.session.execute(
        select(Application.id, Application.number, Application.status, Notice.content).join(
            Notice, Notice.application_id == Application.id
        )
    ):
        written, approved = versions.get(case.id, []), case.status is Status.APPROVED
        if messages[case.number] != approved:
            yield f"{case.number} is {case.status} with {messages[case.number]} messages of approval"
        if not approved:
            if written:
                yield f"{case.number} is {case.status} but its change was written"
            continue
        said = json.loads(case.content)["changes"][0]
        if [(version, hash_) for version, hash_, _ in written] != [(2, said["after_hash"])]:
            yield f"{case.number} approved, but written: {[(version, hash_) for version, hash_, _ in written]}"
        elif json.loads(written[0][2]) != said["after"]:
            yield f"{case.number}: what was written is not what was on notice"
    latest = select(RecordVersion.entry_id, func.max(RecordVersion.version).label("version"))
    newest = {row.entry_id: row.version for row in db.session.execute(latest.group_by(RecordVersion.entry_id))}
    if newest != present:
        yield "entries and their newest versions differ"


def _filings(told: list[Receipt]) -> Iterator[str]:
    """Whoever has a receipt is in the database, with what he said, once, and nobody else is (rules O1, O9)."""
    objections = db.session.execute(
        select(Objection.number, Objection.notice_id, ObjectionGround.text).join(ObjectionGround)
    ).all()
    complaints = db.session.execute(select(Complaint.number, Complaint.notice_id, Complaint.text)).all()
    stored = Counter([(True, *row) for row in objections] + [(False, *row) for row in complaints])
    promised = {(receipt.objection, receipt.number, receipt.notice_id, receipt.text) for receipt in told}
    yield from (f"a receipt without a row: {missing}" for missing in promised - set(stored))
    yield from (f"a row without a receipt: {surplus}" for surplus in set(stored) - promised)
    yield from (f"stored {count} times: {row}" for row, count in stored.items() if count > 1)
    tokens: dict[str, set[str]] = {}
    for receipt in told:
        tokens.setdefault(receipt.token, set()).add(receipt.number)
    yield from (f"one ticket, several receipts: {numbers}" for numbers in tokens.values() if len(numbers) > 1)


def _late_ones() -> Iterator[str]:
    """In time is what the clock says: nobody in time is turned away, nobody late let in (rule O1)."""
    for row in db.session.execute(
        select(Objection.number, Objection.arrived_at, IntakeTicket.begun_at, IntakeTicket.holds_until, Notice.ends_at)
        .join(IntakeTicket, Objection.ticket_id == IntakeTicket.id)
        .join(Notice, Objection.notice_id == Notice.id)
    ):
        if row.arrived_at >= row.ends_at and (row.begun_at >= row.ends_at or row.arrived_at >= row.holds_until):
            yield f"{row.number} came too late and was taken as an objection"
    for late in db.session.execute(
        select(Complaint.number, Complaint.arrived_at, IntakeTicket.holds_until, Notice.ends_at, Notice.closed_at)
        .join(IntakeTicket, Complaint.ticket_id == IntakeTicket.id)
        .join(Notice, Complaint.notice_id == Notice.id)
    ):
        in_time = late.arrived_at < max(late.ends_at, late.holds_until)
        if in_time and late.closed_at is None:
            yield f"{late.number} came in time, the window was open, and it was turned away"
        if in_time and late.closed_at is not None and late.closed_at < late.holds_until:
            yield f"{late.number}: the window was closed while its ticket held it"


def _trail(told: list[Receipt]) -> Iterator[str]:
    """Every filing has its line, every line is as it was written (rules T1, T2)."""
    counted = Counter(db.session.scalars(select(TrailEntry.event)))
    numbers = {(receipt.objection, receipt.number) for receipt in told}
    for event, wanted in ((Event.OBJECTION_FILED, True), (Event.COMPLAINT_FILED, False)):
        filed = sum(objection is wanted for objection, _ in numbers)
        if counted[event.value] != filed:
            yield f"{counted[event.value]} lines of {event} for {filed} receipts"
    written = db.session.scalar(select(func.count()).where(RecordVersion.application_id.is_not(None)))
    if counted[Event.RECORD_WRITTEN.value] != written:
        yield f"{counted[Event.RECORD_WRITTEN.value]} lines of record_written for {written} versions"
    altered = [
        row.id
        for row in db.session.execute(select(TrailEntry.id, TrailEntry.salt, TrailEntry.body, TrailEntry.commitment))
        if trail.commitment(row.salt, row.body) != row.commitment
    ]
    if altered:
        yield f"trail entries {altered} do not match their commitments"
