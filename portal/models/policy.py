"""政策与设置: dated values that decide, so that a change of policy is a row and not a release (rules S5, ours)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id, word
from portal.models.words import Section


class Policy(Model):
    """The value of a setting from a day on, with its clause and who entered it."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    value: Mapped[Any] = mapped_column(JSON)
    clause: Mapped[str] = mapped_column(String(300), default="")
    entered_by: Mapped[str] = mapped_column(String(60))
    confirmed_by: Mapped[str] = mapped_column(String(60), default="")
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("key", "valid_from"),)


def policy_stamp() -> Select[int, int | None, datetime | None]:
    """One small row that differs after every change of the table: a setting is a new row, or was entered anew."""
    return select(func.count(Policy.id), func.max(Policy.id), func.max(Policy.entered_at))


class PolicyException(Model):
    """A supplement let through after the last day: province only, two people, published reason (rule S5)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    section: Mapped[Section] = mapped_column(word(Section))
    reason: Mapped[str] = mapped_column(String(2000))
    proposed_by: Mapped[str] = mapped_column(String(60))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
