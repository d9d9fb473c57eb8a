"""复核: the bureau above looks again at how an objection was answered, and the approval waits for it (rule O7)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.bureau import Bureau
from portal.models.objection import Objection
from portal.models.types import Id, word
from portal.models.words import RecheckOutcome


class Recheck(Model):
    """What one objector asks of the bureau above, and what came of it; once for each objection."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), unique=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    """The bureau above the one that answered."""
    reason: Mapped[str] = mapped_column(String(4000))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decide_by: Mapped[date]
    outcome: Mapped[RecheckOutcome | None] = mapped_column(word(RecheckOutcome))
    outcome_reason: Mapped[str] = mapped_column(String(2000), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    objection: Mapped[Objection] = relationship()
    bureau: Mapped[Bureau] = relationship()
    decided_by: Mapped[Account | None] = relationship()

    __table_args__ = (Index("ix_recheck_queue", "bureau_id", "outcome", "id"),)
    __mapper_args__ = {"version_id_col": version}


class RecheckWait(Model):
    """A case whose objections were all dismissed: a person has decided, the approval waits for re-checks."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    last_day: Mapped[date]
    """The last day on which any of its objectors may ask."""
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_recheck_wait_due", "ended_at", "ends_at"),)


def due_waits(instant: datetime) -> Select[int]:
    """Ids of cases that still wait although nobody can ask for a re-check any more since `instant`."""
    return (
        select(RecheckWait.application_id)
        .where(RecheckWait.ended_at.is_(None), RecheckWait.ends_at <= instant)
        .order_by(RecheckWait.ends_at, RecheckWait.id)
    )
