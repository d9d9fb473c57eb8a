"""How often something was done in an hour, by whom as far as a limit needs to know (published limits)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime


class LimitCount(Model):
    """One count of one hour. `key` is a keyed hash that changes every day, never an address."""

    what: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    times: Mapped[int]

    __table_args__ = (Index("ix_limit_count_hour", "hour"),)
