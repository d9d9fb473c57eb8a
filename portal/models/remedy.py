"""据实删除或修正: what was done about a record entry that was found untrue (rule I3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.bureau import Bureau
from portal.models.record import RecordEntry
from portal.models.types import Id, word
from portal.models.words import Remedy


class RecordRemedy(Model):
    """The tombstone of a deleted entry, or the note beside a corrected one; both are public."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("record_entry.id"), index=True)
    remedy: Mapped[Remedy] = mapped_column(word(Remedy))
    version: Mapped[int]
    """The version of the entry that was found untrue."""
    reason: Mapped[str] = mapped_column(String(1000))
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    decided_by: Mapped[str] = mapped_column(String(60))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)

    entry: Mapped[RecordEntry] = relationship()
    bureau: Mapped[Bureau] = relationship()

    __table_args__ = (Index("ix_record_remedy_list", "remedy", "id"),)
