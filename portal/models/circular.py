"""通报: told to the whole province, with copies to named departments (rule I4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.bureau import Bureau
from portal.models.types import Id


class Circular(Model):
    """A published circular; what is wrong in one is put right by another."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(20000))
    copied_to: Mapped[list[str]] = mapped_column(JSON)
    """抄送: names of departments."""
    content_hash: Mapped[str] = mapped_column(String(64))
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    published_by: Mapped[str] = mapped_column(String(60))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)

    bureau: Mapped[Bureau] = relationship()
