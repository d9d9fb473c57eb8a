"""Complaints through the real verbs, and the officers who handle them: what several tests of complaints begin with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.domain import complaint_handling, complaints, filings, receipts
from portal.domain.actor import PUBLIC, Actor
from portal.domain.attachments import StoredFile
from portal.domain.complaint_routing import Subject
from portal.domain.filings import Identity
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.trail_entry import TrailEntry
from portal.models.words import ComplaintFinding, ComplaintMatter, ComplaintTarget, Purpose, Role
from tests import builders
from tests.builders import COUNTY, at, bureau, done

NOW = at("2026-10-09 10:00")
CITY, PROVINCE = "430100", "430000"
TEXT = "2025年3月在该工地看到实际施工单位与公示的不是同一家，有照片为证"
OUTCOME = "经调阅合同原件并现场核查，反映的情况如下；依据有关规定答复您"


def complain(
    matter: ComplaintMatter = ComplaintMatter.STAFF_CONDUCT,
    target: ComplaintTarget = ComplaintTarget.BUREAU,
    *,
    code: str = COUNTY,
    now: datetime = NOW,
    identity: Identity = filings.ANONYMOUS,
    text: str = TEXT,
    files: tuple[StoredFile, ...] = (),
    **more: Any,
) -> Complaint:
    """A complaint, by default about the conduct of the county bureau."""
    return with_code(matter, target, code=code, now=now, identity=identity, text=text, files=files, **more)[0]


def with_code(
    matter: ComplaintMatter = ComplaintMatter.STAFF_CONDUCT,
    target: ComplaintTarget = ComplaintTarget.BUREAU,
    *,
    code: str = COUNTY,
    now: datetime = NOW,
    identity: Identity = filings.ANONYMOUS,
    text: str = TEXT,
    files: tuple[StoredFile, ...] = (),
    **more: Any,
) -> tuple[Complaint, str]:
    """The same, and the code of its receipt."""
    place = bureau(code)
    token = done(lambda: filings.begin_other(Purpose.COMPLAINT, now=now))
    subject = Subject(matter, target, **{"place_id": place.id, **more})
    number = done(lambda: complaints.file(token, subject, text, files, identity, arrived_at=now, actor=PUBLIC, now=now))
    found: Complaint = builders.filed(number)
    return found, receipts.code_for(token)


def about_a_site(**more: Any) -> tuple[Complaint, str]:
    """About a building site, not about any office: the county handles it. With its code."""
    return with_code(ComplaintMatter.OTHER, ComplaintTarget.OTHER, described="工地围挡内违规堆土", **more)


def handler(code: str = CITY, role: Role = Role.COMPLAINT_HANDLER) -> Actor:
    """An officer of the complaint desk of a bureau, by default of the one above the county."""
    return builders.acting(role, bureau_code=code)


def take(complaint: Complaint, actor: Actor, *, now: datetime = NOW) -> None:
    """Register and accept."""
    done(lambda: complaint_handling.register(complaint, actor=actor, now=now))
    done(lambda: complaint_handling.accept(complaint, actor=actor, now=now))


def conclude(
    complaint: Complaint,
    actor: Actor,
    finding: ComplaintFinding = ComplaintFinding.UNSUBSTANTIATED,
    *,
    now: datetime = NOW,
) -> None:
    """End the present round."""
    done(lambda: complaint_handling.conclude(complaint, finding, OUTCOME, actor=actor, now=now))


def events_of(complaint: Complaint) -> list[str]:
    """What its own history says happened, in order."""
    query = select(TrailEntry.event).where(TrailEntry.subject_ref == complaint.number).order_by(TrailEntry.id)
    return list(db.session.scalars(query))
