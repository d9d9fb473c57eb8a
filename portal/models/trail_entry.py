"""留痕: the trail. Append only; database triggers refuse everything else (rules T1, T2). Form: docs/trail-format.md."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id


class TrailEntry(Model):
    """One thing that happened. `body` is what counts; the columns beside it find it."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    event: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    bureau_code: Mapped[str | None] = mapped_column(String(12))
    case_number: Mapped[str | None] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(160))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical bytes of everything the entry says."""
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of salt and body: the future leaf of the public log (rule T3)."""

    __table_args__ = (
        Index("ix_trail_entry_case", "case_number", "id"),
        Index("ix_trail_entry_subject", "subject_kind", "subject_ref", "id"),
    )


def case_history(number: str) -> Select[TrailEntry]:
    """Everything that happened to a case, in order (rule T7)."""
    return select(TrailEntry).where(TrailEntry.case_number == number).order_by(TrailEntry.id)


def subject_history(kind: str, reference: str) -> Select[TrailEntry]:
    """Everything that happened to one thing that may belong to no case, such as a complaint, in order (rule T7)."""
    return (
        select(TrailEntry)
        .where(TrailEntry.subject_kind == kind, TrailEntry.subject_ref == reference)
        .order_by(TrailEntry.id)
    )
