"""附件: a file somebody handed in; its bytes lie in the file store under their own hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id


class Attachment(Model):
    """One file, belonging to exactly one of the things named below."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ground_id: Mapped[int | None] = mapped_column(ForeignKey("objection_ground.id"), index=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    verification_id: Mapped[int | None] = mapped_column(ForeignKey("verification.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    deficiency_item_id: Mapped[int | None] = mapped_column(ForeignKey("deficiency_item.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("intake_ticket.id"), index=True)
    """Uploaded but not yet filed: kept with the draft."""
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the file as it was handed in."""
    store_key: Mapped[str] = mapped_column(String(120))
    """Where the copy lies that may be looked at: without what the file tells about its maker (rule C7)."""
    original_key: Mapped[str] = mapped_column(String(120), default="")
    """Where the file lies as it was handed in, sealed; empty if the copy is the same."""
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
