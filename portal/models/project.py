"""工程项目. Known once, never asked for again (rule S9)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.bureau import Bureau
from portal.models.types import Id, word
from portal.models.words import Sector, Undertaking


class Project(Model):
    """A construction project. It has no data level: its section entries have (rule L1)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    area_code: Mapped[str] = mapped_column(String(6))
    township: Mapped[str] = mapped_column(String(40), default="")
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    sector: Mapped[Sector] = mapped_column(word(Sector))
    undertaking: Mapped[Undertaking] = mapped_column(word(Undertaking), default=Undertaking.GENERAL)
    owner_name: Mapped[str] = mapped_column(String(200), default="")
    owner_code: Mapped[str] = mapped_column(String(18), default="")
    accepted_on: Mapped[date | None]
    """竣工验收日期; decides the supplement gate (rule S5). None: not accepted, or not known."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    grams: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    bureau: Mapped[Bureau] = relationship()

    __table_args__ = (Index("ix_project_bureau", "bureau_id", "id"),)
    __mapper_args__ = {"version_id_col": version}
