"""公示监测: what was seen of a notice when it was looked at as the public does, and where it was not seen (rule N7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, and_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.notice import Notice
from portal.models.types import Id, word
from portal.models.words import GapDecision, NoticeStatus, SightingOutcome, SightingPlace


class PublicationSighting(Model):
    """One look at a notice: a line of its ledger."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[SightingPlace] = mapped_column(word(SightingPlace))
    outcome: Mapped[SightingOutcome] = mapped_column(word(SightingOutcome))
    http_status: Mapped[int | None]
    """None: nobody answered."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """The fingerprint of the content that was shown there; empty: none was."""
    milliseconds: Mapped[int]
    """How long the answer took, or the waiting for one."""

    __table_args__ = (Index("ix_publication_sighting_ledger", "notice_id", "id"),)


class PublicationGap(Model):
    """A time within the window in which a notice was not seen, longer than is tolerated, and what a person decided."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The first look that failed."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The first look that succeeded again; None: none did yet."""
    decision: Mapped[GapDecision | None] = mapped_column(word(GapDecision))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(60), default="")

    notice: Mapped[Notice] = relationship()

    __table_args__ = (Index("ix_publication_gap_undecided", "decision", "id"),)


def ledger(notice_id: int) -> Select[PublicationSighting]:
    """Every look at this notice."""
    return select(PublicationSighting).where(PublicationSighting.notice_id == notice_id)


def gaps_of(notice_id: int) -> Select[PublicationGap]:
    """The gaps of this notice, oldest first."""
    return select(PublicationGap).where(PublicationGap.notice_id == notice_id).order_by(PublicationGap.id)


def notices_to_decide() -> Select[int]:
    """Ids of open notices whose gap waits for a person."""
    waiting = and_(Notice.id == PublicationGap.notice_id, Notice.status == NoticeStatus.OPEN)
    return select(Notice.id).join(PublicationGap, waiting).where(PublicationGap.decision.is_(None)).distinct()
