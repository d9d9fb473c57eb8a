"""异议: filed inside a window, about that notice (rules O1–O5)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.attachment import Attachment
from portal.models.notice import Notice
from portal.models.types import Id, word
from portal.models.words import Disposition, FilingStatus, IdentityMode


class Objection(Model):
    """One filing with one or more grounds. One ticket gives one objection, however often it is sent."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("intake_ticket.id"), unique=True)
    identity_mode: Mapped[IdentityMode] = mapped_column(word(IdentityMode))
    vault_entry_id: Mapped[int | None] = mapped_column(ForeignKey("vault_entry.id"))
    status: Mapped[FilingStatus] = mapped_column(word(FilingStatus), default=FilingStatus.RECEIVED)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the request reached the server: what decides whether it was in time (rule O1)."""
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recheck_last_day: Mapped[date | None]
    """Until when the filer was told he may ask for a re-check; moved later only (rules O7, N6). None: he cannot."""
    version: Mapped[int] = mapped_column(default=1)

    notice: Mapped[Notice] = relationship()
    grounds: Mapped[list[ObjectionGround]] = relationship(
        order_by="ObjectionGround.position", back_populates="objection"
    )

    __table_args__ = (Index("ix_objection_waiting", "status", "arrived_at", "id"),)
    __mapper_args__ = {"version_id_col": version}


class ObjectionGround(Model):
    """异议理由 with its evidence, and in the end its disposition (rules O3, O5)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(4000))
    fingerprint: Mapped[str] = mapped_column(String(128), default="")
    """Mostly the same for texts that are mostly the same: groups near duplicates for whoever rules on them."""
    disposition: Mapped[Disposition | None] = mapped_column(word(Disposition))
    disposition_reason: Mapped[str] = mapped_column(String(2000), default="")
    aside_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who proposes to set the ground aside as inadmissible; it takes a second person to do so (rule O5)."""
    aside_reason: Mapped[str] = mapped_column(String(2000), default="")
    ruled_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ruled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    objection: Mapped[Objection] = relationship(back_populates="grounds")
    ruled_by: Mapped[Account | None] = relationship(foreign_keys=ruled_by_id)
    aside_by: Mapped[Account | None] = relationship(foreign_keys=aside_by_id)
    evidence: Mapped[list[Attachment]] = relationship(
        primaryjoin="Attachment.ground_id == ObjectionGround.id", order_by="Attachment.id"
    )
