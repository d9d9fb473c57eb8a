"""企业: who took part in which project, by its unified social credit code (rules S9, L6)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model
from portal.models.types import Id


class Company(Model):
    """A unit that a record names with its code. One without a code cannot be told from others of its name."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    grams: Mapped[str] = mapped_column(default="")


class Participation(Model):
    """参建: a company in a project, as what; `role` is the label of the field that names it, such as 施工单位."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    role: Mapped[str] = mapped_column(String(40))

    __table_args__ = (
        UniqueConstraint("project_id", "company_id", "role"),
        Index("ix_participation_company", "company_id", "project_id"),
    )
