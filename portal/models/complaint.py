"""投诉举报, as far as a late objection becomes one (rule O9); its own procedure comes with rules C1–C6."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.attachment import Attachment
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.types import Id, word
from portal.models.words import FilingStatus, IdentityMode


class Complaint(Model):
    """Any time, any subject; here: about a notice whose window was over."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("intake_ticket.id"), unique=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), index=True)
    """Who handles it: never the bureau complained about (rule C2)."""
    identity_mode: Mapped[IdentityMode] = mapped_column(word(IdentityMode))
    vault_entry_id: Mapped[int | None] = mapped_column(ForeignKey("vault_entry.id"))
    text: Mapped[str] = mapped_column(String(50000))
    status: Mapped[FilingStatus] = mapped_column(word(FilingStatus), default=FilingStatus.RECEIVED)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)

    notice: Mapped[Notice | None] = relationship()
    bureau: Mapped[Bureau] = relationship()
    evidence: Mapped[list[Attachment]] = relationship(
        primaryjoin="Attachment.complaint_id == Complaint.id", order_by="Attachment.id"
    )
