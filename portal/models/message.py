"""对话: what filer and office say to each other about one filing, also with an anonymous filer (rules O4, C1, V1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, exists, or_, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.types import Id


class Message(Model):
    """One turn of a dialogue; it belongs to exactly one filing."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    objection_id: Mapped[int | None] = mapped_column(ForeignKey("objection.id"), index=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    from_filer: Mapped[bool]
    text: Mapped[str] = mapped_column(String(4000))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """The officer who answered; None where the filer speaks."""

    account: Mapped[Account | None] = relationship()
    evidence: Mapped[list[Attachment]] = relationship(
        primaryjoin="Attachment.message_id == Message.id", order_by="Attachment.id"
    )

    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN objection_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN complaint_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN application_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_filing",
        ),
    )


def unanswered(bureau_id: int | None) -> Select[Message, str, str]:
    """The last words of filers about objections and applications that this bureau handles, the longest waiting first;
    with the number of the objection or of the application, whichever it is about.
    """
    later = aliased(Message)
    same_filing = or_(later.objection_id == Message.objection_id, later.application_id == Message.application_id)
    return (
        select(Message, Objection.number.label("objection"), Application.number.label("application"))
        .outerjoin(Objection, Message.objection_id == Objection.id)
        .outerjoin(Notice, Objection.notice_id == Notice.id)
        .outerjoin(Application, Message.application_id == Application.id)
        .where(
            Message.from_filer,
            or_(Notice.bureau_id == bureau_id, Application.bureau_id == bureau_id),
            ~exists().where(same_filing, later.id > Message.id),
        )
        .order_by(Message.id)
    )
