"""一次性告知书: everything an application lacks, told at once, and what the applicant answered (rules V1, V2)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.types import Id


class DeficiencyNotice(Model):
    """One list. A further one for the same application is in force only once a second person signed (rule V2)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    round: Mapped[int]
    """1 for the first list of its application."""
    drawn_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    drawn_up_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    """Why a further list names what the applicant was not asked for before; public. Empty: no reason is owed."""
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the applicant was told; None while it waits for its second signature."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    application: Mapped[Application] = relationship(back_populates="deficiency_notices")
    drawn_up_by: Mapped[Account] = relationship(foreign_keys=drawn_up_by_id)
    signed_by: Mapped[Account | None] = relationship(foreign_keys=signed_by_id)
    items: Mapped[list[DeficiencyItem]] = relationship(
        order_by="DeficiencyItem.position", back_populates="deficiency_notice"
    )

    __table_args__ = (
        UniqueConstraint("application_id", "round"),
        CheckConstraint(
            "reason = '' OR issued_at IS NULL OR (signed_by_id IS NOT NULL AND signed_by_id <> drawn_up_by_id)",
            name="two_people",
        ),
    )


class DeficiencyItem(Model):
    """One thing that is missing or wrong, and the applicant's answer to it."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    deficiency_notice_id: Mapped[int] = mapped_column(ForeignKey("deficiency_notice.id"), index=True)
    position: Mapped[int]
    about: Mapped[str] = mapped_column(String(160))
    """Key of the checklist (`domain.checklists`): what the item asks for, the same in every list of the case."""
    label: Mapped[str] = mapped_column(String(300))
    note: Mapped[str] = mapped_column(String(1000), default="")
    """What exactly is to be supplied, in the officer's words."""
    answer: Mapped[str] = mapped_column(String(2000), default="")
    answered_with: Mapped[str] = mapped_column(String(600), default="")
    """The new value of the field asked for: as typed until the list is answered, as readers see it from then on.
    Empty for a paper.
    """

    deficiency_notice: Mapped[DeficiencyNotice] = relationship(back_populates="items")
    files: Mapped[list[Attachment]] = relationship(
        primaryjoin="Attachment.deficiency_item_id == DeficiencyItem.id", order_by="Attachment.id", lazy="selectin"
    )
