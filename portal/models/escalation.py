"""升级督办: a limit of the office that passed, and the matter taken one tier up (rules O8, E1)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.complaint import handler_name
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.types import Id, word
from portal.models.words import EscalationOutcome, FilingStatus, LimitStep, Status

ANSWERABLE = (Status.VERIFIED, Status.ON_NOTICE, Status.CONTESTED)
"""States of a case in which what was objected to its notices is still to be answered."""


class Escalation(Model):
    """An objection that was not answered in time, and what the bureau above made of it; once for each step."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"))
    step: Mapped[LimitStep] = mapped_column(word(LimitStep))
    last_day: Mapped[date]
    """The last day of the limit that passed."""
    from_bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    """Who owes the answer, before and after."""
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    """Who watches over it now: one tier up."""
    by_discipline: Mapped[bool] = mapped_column(default=False)
    """Its discipline office: where the province itself owes the answer, as with complaints (rule C2)."""
    escalated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[EscalationOutcome | None] = mapped_column(word(EscalationOutcome))
    outcome_text: Mapped[str] = mapped_column(String(2000), default="")
    """What the bureau below is told to do, or why it is left to it."""
    acted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    acted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    objection: Mapped[Objection] = relationship()
    from_bureau: Mapped[Bureau] = relationship(foreign_keys=from_bureau_id)
    bureau: Mapped[Bureau] = relationship(foreign_keys=bureau_id)
    acted_by: Mapped[Account | None] = relationship()

    __table_args__ = (
        UniqueConstraint("objection_id", "step"),
        Index("ix_escalation_queue", "bureau_id", "by_discipline", "outcome", "id"),
        Index("ix_escalation_from", "from_bureau_id", "id"),
    )
    __mapper_args__ = {"version_id_col": version}

    @property
    def watched_by(self) -> str:
        """Name of who watches over it, fit for the filer."""
        return handler_name(self.bureau, by_discipline=self.by_discipline)

    @property
    def waits(self) -> bool:
        """True while the objection is not answered and its case is not over."""
        objection = self.objection
        return objection.status is FilingStatus.RECEIVED and objection.notice.application.status in ANSWERABLE


def still_waits() -> ColumnElement[bool]:
    """Of an objection with its case: that it is not answered and can still be."""
    return (Objection.status == FilingStatus.RECEIVED) & Application.status.in_(ANSWERABLE)


def waiting_for_answer(arrived_before: datetime) -> Select[int]:
    """Ids of objections that arrived before then and still wait for an answer, the longest waiting first (rule O8)."""
    return (
        select(Objection.id)
        .join(Notice, Objection.notice_id == Notice.id)
        .join(Application, Notice.application_id == Application.id)
        .where(still_waits(), Objection.arrived_at < arrived_before)
        .order_by(Objection.arrived_at, Objection.id)
    )


def escalations() -> Select[Escalation]:
    """All of them, each with its objection, notice and case at hand for further conditions."""
    return (
        select(Escalation)
        .join(Objection, Escalation.objection_id == Objection.id)
        .join(Notice, Objection.notice_id == Notice.id)
        .join(Application, Notice.application_id == Application.id)
    )


def to_escalate(arrived_before: datetime) -> Select[int]:
    """Those of them that nobody above has been told of yet."""
    taken_up = exists().where(Escalation.objection_id == Objection.id, Escalation.step == LimitStep.OVERDUE)
    return waiting_for_answer(arrived_before).where(~taken_up)
