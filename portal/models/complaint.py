"""投诉举报: about anything, at any time; who handles it is never who is complained about (rules C1–C5)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.attachment import Attachment
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.types import Id, word
from portal.models.words import (
    ComplaintFinding,
    ComplaintMatter,
    ComplaintStage,
    ComplaintStatus,
    ComplaintTarget,
    IdentityMode,
    Rating,
)

DISCIPLINE = "纪检监察机构"


class Complaint(Model):
    """One complaint. What it is about stands in `target` and in the one column that belongs to it."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    matter: Mapped[ComplaintMatter] = mapped_column(word(ComplaintMatter))
    target: Mapped[ComplaintTarget] = mapped_column(word(ComplaintTarget))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    company: Mapped[str] = mapped_column(String(200), default="")
    described: Mapped[str] = mapped_column(String(500), default="")
    """Who or what, in the filer's words: a section, a person, a place."""
    against_id: Mapped[int | None] = mapped_column(ForeignKey("bureau.id"))
    """The bureau complained about: neither it nor any below it ever handles this (rule C2)."""
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("intake_ticket.id"), unique=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    """Who handles it."""
    by_discipline: Mapped[bool] = mapped_column(default=False)
    """By that bureau's discipline office: where the province itself is complained about (rule C2)."""
    identity_mode: Mapped[IdentityMode] = mapped_column(word(IdentityMode))
    vault_entry_id: Mapped[int | None] = mapped_column(ForeignKey("vault_entry.id"))
    text: Mapped[str] = mapped_column(String(50000))
    status: Mapped[ComplaintStatus] = mapped_column(word(ComplaintStatus), default=ComplaintStatus.RECEIVED)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None]
    """Last day of the limit that runs against the office; None while it owes nothing (rule C3)."""
    told: Mapped[str] = mapped_column(String(2000), default="")
    """Why it was refused or where it was passed on: what the filer is told without an investigation."""
    version: Mapped[int] = mapped_column(default=1)

    notice: Mapped[Notice | None] = relationship()
    project: Mapped[Project | None] = relationship()
    bureau: Mapped[Bureau] = relationship(foreign_keys=bureau_id)
    against: Mapped[Bureau | None] = relationship(foreign_keys=against_id)
    evidence: Mapped[list[Attachment]] = relationship(
        primaryjoin="Attachment.complaint_id == Complaint.id", order_by="Attachment.id"
    )
    rounds: Mapped[list[ComplaintRound]] = relationship(order_by="ComplaintRound.id", back_populates="complaint")
    recusals: Mapped[list[ComplaintRecusal]] = relationship(order_by="ComplaintRecusal.id")

    __table_args__ = (
        Index("ix_complaint_desk", "bureau_id", "by_discipline", "id"),
        Index("ix_complaint_due", "bureau_id", "by_discipline", "due_on", "id"),
    )
    __mapper_args__ = {"version_id_col": version}

    @property
    def handled_by(self) -> str:
        """Name of who handles it, fit for the filer."""
        return handler_name(self.bureau, by_discipline=self.by_discipline)

    @property
    def about(self) -> str:
        """What it is about, in one line: to stand behind the kind of its target."""
        if self.notice is not None:
            return self.notice.title
        if self.project is not None:
            return self.project.name
        if self.target is ComplaintTarget.BUREAU and self.against is not None:
            return self.against.name
        return self.company or self.described


class ComplaintRound(Model):
    """One round of handling: the answer, the reopened case, 复查 or 复核 (rules C3, C5). Each ends with an outcome."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    stage: Mapped[ComplaintStage] = mapped_column(word(ComplaintStage))
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    by_discipline: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[str] = mapped_column(String(2000), default="")
    """Why the filer asked for it; nothing in the first round."""
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_day: Mapped[date]
    extension: Mapped[str | None] = mapped_column(String(1000))
    """Why the limit was extended; it is extended once at most."""
    finding: Mapped[ComplaintFinding | None] = mapped_column(word(ComplaintFinding))
    outcome: Mapped[str] = mapped_column(String(4000), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    rating: Mapped[Rating | None] = mapped_column(word(Rating))
    rating_note: Mapped[str] = mapped_column(String(1000), default="")

    complaint: Mapped[Complaint] = relationship(back_populates="rounds")
    bureau: Mapped[Bureau] = relationship()
    answered_by: Mapped[Account | None] = relationship()

    __table_args__ = (UniqueConstraint("complaint_id", "stage"),)

    @property
    def handled_by(self) -> str:
        """Name of who answers in this round."""
        return handler_name(self.bureau, by_discipline=self.by_discipline)


class ComplaintRecusal(Model):
    """回避: an officer who takes no part in a complaint any more, and why (rule C2)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()

    __table_args__ = (UniqueConstraint("complaint_id", "account_id"),)


def handler_name(bureau: Bureau, *, by_discipline: bool) -> str:
    """The bureau's name, with its discipline office where that one handles."""
    return f"{bureau.name}{DISCIPLINE}" if by_discipline else bureau.name


def complaints_at(bureau_id: int | None, desks: set[bool]) -> Select[int]:
    """Ids of what one bureau handles itself: nobody above or below reads it (rule C2).

    desks: False for its own complaint desk, True for its discipline office; an officer may sit at both.
    """
    return select(Complaint.id).where(Complaint.bureau_id == bureau_id, Complaint.by_discipline.in_(desks))
