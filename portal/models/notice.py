"""公示: what was shown, for how long, and who had begun to answer (rules N1–N3, N7, O1)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BindParameter, ForeignKey, Index, LargeBinary, Select, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.types import Id, word
from portal.models.words import Kind, NoticeStatus, Purpose, Subject


class Notice(Model):
    """A publication. `content` is frozen; the columns beside it only serve lists and the clock."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    kind: Mapped[Kind] = mapped_column(word(Kind))
    subject: Mapped[Subject] = mapped_column(word(Subject))
    title: Mapped[str] = mapped_column(String(300))
    company: Mapped[str] = mapped_column(String(200), default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[NoticeStatus] = mapped_column(word(NoticeStatus), default=NoticeStatus.OPEN)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[str] = mapped_column(String(60))
    first_day: Mapped[date]
    last_day: Mapped[date]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """24:00 Beijing of the last day, as the half-open instant (rule N3)."""
    provisional: Mapped[bool] = mapped_column(default=False)
    """The calendar does not know the window's year yet: never closed while true (rule N5)."""
    calendar_version: Mapped[str] = mapped_column(String(40))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retraction_reason: Mapped[str] = mapped_column(String(1000), default="")
    # what watching it came to (rule N7), kept here so that page and closing need ask nothing further
    sightings: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was seen as published."""
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unseen_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The first of the looks in a row that did not find it; None: the last one did."""
    gaps: Mapped[int] = mapped_column(default=0, server_default="0")
    gap_undecided: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """A gap in its window waits for a person: never closed while true."""
    version: Mapped[int] = mapped_column(default=1)
    # the long ones come last: SQLite then reads the others of a row without them
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    grams: Mapped[str] = mapped_column(default="", deferred=True)

    application: Mapped[Application] = relationship(back_populates="notices")
    bureau: Mapped[Bureau] = relationship(foreign_keys=bureau_id)

    __table_args__ = (
        Index("ix_notice_bureau_list", "bureau_id", "id"),
        Index("ix_notice_city_list", "city_id", "id"),
        Index("ix_notice_kind_list", "kind", "id"),
        Index("ix_notice_subject_list", "subject", "id"),
        Index("ix_notice_status_list", "status", "id"),
        Index("ix_notice_open_places", "status", "city_id", "last_day"),
        Index("ix_notice_due", "status", "ends_at", "id"),
        Index("ix_notice_tally", "bureau_id", "city_id", "kind", "subject", "status"),
    )
    __mapper_args__ = {"version_id_col": version}


class IntakeTicket(Model):
    """A filing that has begun (rule O1). Keeps what was typed and uploaded until it is sent or runs out."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """The token itself is known to the filer alone."""
    purpose: Mapped[Purpose] = mapped_column(word(Purpose), default=Purpose.OBJECTION)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    """What an objection is about; a complaint or an application need not be about a notice."""
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holds_until: Mapped[datetime] = mapped_column(UtcDateTime)
    """Until then an unused ticket keeps the window from closing."""
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    draft: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What was typed, sealed: it may name people."""

    notice: Mapped[Notice | None] = relationship()

    __table_args__ = (
        Index("ix_intake_ticket_holding", "notice_id", "used_at", "holds_until"),
        Index("ix_intake_ticket_abandoned", "used_at", "holds_until"),
    )


class WindowChange(Model):
    """A running window whose last day moved, with the reason: old and new stay visible (rule N6)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    old_last_day: Mapped[date]
    new_last_day: Mapped[date]
    was_provisional: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(60))


def due_notices(instant: datetime) -> Select[int]:
    """Ids of open, settled notices whose window ended at or before `instant`, oldest end first, without those whose gap
    waits for a person (rules N5, N7, N8).
    """
    return (
        select(Notice.id)
        .where(
            Notice.status == NoticeStatus.OPEN,
            Notice.provisional.is_(False),
            Notice.gap_undecided.is_(False),
            Notice.ends_at <= instant,
        )
        .order_by(Notice.ends_at, Notice.id)
    )


def holding_tickets(notice_id: int | BindParameter[int], instant: datetime | BindParameter[datetime]) -> Select[int]:
    """Ids of tickets that still keep this notice's window from closing at `instant` (rules O1, N9)."""
    return select(IntakeTicket.id).where(
        IntakeTicket.notice_id == notice_id, IntakeTicket.used_at.is_(None), IntakeTicket.holds_until > instant
    )


def abandoned_tickets(instant: datetime) -> Select[int]:
    """Ids of tickets that ran out unused before `instant`: nobody will come back for what was typed."""
    return select(IntakeTicket.id).where(IntakeTicket.used_at.is_(None), IntakeTicket.holds_until < instant)
