"""One run of a clock-driven job: so that everyone can see when the clock last did its work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id


class JobRun(Model):
    """Start, end and outcome. A run without an end crashed or is still going."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (Index("ix_job_run_job", "job", "id"),)
