"""网上申请: filed without an account, kept by a receipt, taken back by the applicant (rules S7, S8, S9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.clock import beijing_date
from portal.domain import filings, intake, policy, projects, receipts, workflow
from portal.domain.actor import PUBLIC, Actor
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation, Stale
from portal.domain.intake import Applicant, ChangeRequest, Papers
from portal.domain.projects import ProjectFacts
from portal.domain.workflow import Step
from portal.extensions import db, lock
from portal.models.application import Application, ApplicationReceipt
from portal.models.notice import IntakeTicket, Notice
from portal.models.project import Project
from portal.models.words import Channel, DataLevel, Kind, NoticeStatus, Purpose

WITHDRAWN = "申请人撤回申请"
"""The public reason of a notice whose case the applicant took back."""


def file(
    token: str,
    kind: Kind,
    project: Project | ProjectFacts,
    requests: Sequence[ChangeRequest],
    applicant: Applicant,
    papers: Papers,
    *,
    arrived_at: datetime,
    now: datetime,
    reason: str = "",
    target_level: DataLevel | None = None,
) -> str:
    """Take in an online application and return its receipt's number; its sections stand in one case per route (S7).

    project: facts of one nobody knows yet are registered with it. The same token gives the same number however often
    it is sent. Raises what `intake.receive` does, and RuleViolation without a stamped application (rule S8).
    """
    ticket = lock(IntakeTicket, find_ticket(token).id)
    if ticket.used_at is not None:
        return db.session.execute(
            select(ApplicationReceipt.number).where(ApplicationReceipt.token_hash == ticket.token_hash)
        ).scalar_one()
    if not papers.scan:
        raise RuleViolation("请上传加盖公章的申请表扫描件", rule="S8", field="files-0")
    cases = intake.receive_all(
        kind,
        project if isinstance(project, Project) else known_or_new(project, now=now),
        requests,
        applicant,
        channel=Channel.ONLINE,
        actor=PUBLIC,
        now=now,
        reason=reason,
        target_level=target_level,
        papers=papers,
    )
    number = receipts.new_number("SL", now)
    receipt = ApplicationReceipt(
        number=number,
        code_hash=receipts.code_hash(number, receipts.code_for(token)),
        token_hash=ticket.token_hash,
        arrived_at=arrived_at,
        cases=cases,
    )
    db.session.add(receipt)
    filings.use_up(ticket.id, drafted=ticket.draft is not None, now=now)
    return number


def find_ticket(token: str) -> IntakeTicket:
    """The ticket of an application that has begun. Raises NotFound for any other."""
    ticket = filings.find_ticket(token)
    if ticket.purpose is not Purpose.APPLICATION:
        raise NotFound("没有找到这次填写，请从“我要申请”重新开始")
    return ticket


def begin(typed: Mapping[str, Any], *, now: datetime) -> str:
    """Mark that an application has begun, and keep what was chosen so far. Returns the token of its ticket."""
    token = filings.begin_other(Purpose.APPLICATION, now=now)
    filings.keep_draft(find_ticket(token), typed)
    return token


def keep(ticket: IntakeTicket, typed: Mapping[str, Any], *, now: datetime) -> None:
    """Keep what was typed; each time it lives on for the whole of a ticket's life. Raises AlreadyFiled."""
    filings.keep_draft(ticket, typed)
    ticket.holds_until = now + timedelta(minutes=policy.value("filing.ticket_minutes", beijing_date(now)))


def receipt_of(token: str) -> ApplicationReceipt | None:
    """The receipt this token gave, if the application is in."""
    return db.session.scalar(
        select(ApplicationReceipt).where(ApplicationReceipt.token_hash == receipts.token_hash(token[:100]))
    )


def known_or_new(facts: ProjectFacts, *, now: datetime) -> Project:
    """The project with this number, registered now if nobody knew it (rules S3, S9)."""
    known = projects.known(facts.number)
    if known is not None:
        return known
    try:
        with db.session.begin_nested():
            return projects.register(facts, now=now)
    except IntegrityError:
        raise Stale("这个项目刚刚由他人登记，请重新选择项目") from None


def withdraw(application: Application, *, actor: Actor, now: datetime) -> None:
    """The applicant takes the application back before it is decided; an open notice is retracted with that reason.

    Raises NotAllowedNow once it is decided.
    """
    notice = next((each for each in application.notices if each.status is NoticeStatus.OPEN), None)
    if notice is not None:
        # in the order of the closing: the notice, then its case
        notice = lock(Notice, notice.id)
    lock(Application, application.id)
    if application.status in workflow.DECIDED:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，不能再撤回")
    if notice is not None and notice.status is NoticeStatus.OPEN:
        notice.status, notice.closed_at, notice.retraction_reason = NoticeStatus.RETRACTED, now, WITHDRAWN
    else:
        notice = None
    workflow.move(
        application,
        Step.WITHDRAW,
        actor,
        now=now,
        before={"notice": notice.content_hash} if notice else None,
        detail={"notice": notice.reference} if notice else {},
    )
