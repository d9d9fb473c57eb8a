"""公开副本: the redacted copy of one evidence file, made ready for the notice of its case (rule N1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.attachment import Attachment
from portal.models.types import Id


class PublicCopy(Model):
    """What the next notice of the case will publish in place of one original. Notices that were published name their
    copies in their frozen content and need no row here (rule N2).
    """

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    original_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), unique=True)
    """The file it is a copy of, for officers only. One original has one copy: a newer one takes its place."""
    label: Mapped[str] = mapped_column(String(60))
    """What the public reads; the name of the uploaded file is not kept, it may name persons."""
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    """Size in bytes and SHA-256 of what anybody can download: the copy without metadata."""
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    original: Mapped[Attachment] = relationship()


def copies_of(application_id: int) -> Select[PublicCopy]:
    """The copies made ready for a case, with their originals, in the order of the originals."""
    return (
        select(PublicCopy)
        .where(PublicCopy.application_id == application_id)
        .options(joinedload(PublicCopy.original))
        .order_by(PublicCopy.original_id)
    )
