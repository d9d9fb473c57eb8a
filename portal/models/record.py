"""工程项目业绩信息 and 考评结果: section entries and every version they ever had."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.project import Project
from portal.models.types import Id, word
from portal.models.words import DataLevel, DataSource, Origin, Section


class RecordEntry(Model):
    """One entry of a section of one project: a project may have several contracts, permits, buildings (rule S1)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    section: Mapped[Section] = mapped_column(word(Section))
    number: Mapped[str] = mapped_column(String(80))
    """环节编号, unique within project and section; the portal gives one where practice has none."""
    origin: Mapped[Origin] = mapped_column(word(Origin))
    source: Mapped[DataSource] = mapped_column(word(DataSource))
    level: Mapped[DataLevel] = mapped_column(word(DataLevel))
    content: Mapped[dict[str, str | int | bool | None]] = mapped_column(JSON)
    """The present content; the bytes it stands for are in the newest version."""
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Found untrue and deleted by decision (rule I3); `models.remedy` says by whom and why."""

    project: Mapped[Project] = relationship()
    versions: Mapped[list[RecordVersion]] = relationship(
        order_by="RecordVersion.version.desc()", back_populates="entry"
    )

    __table_args__ = (UniqueConstraint("project_id", "section", "number"),)
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}


class RecordVersion(Model):
    """What an entry said from a moment on, and by whose decision (rules L1, L6). Never changed."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("record_entry.id"))
    version: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical bytes: for an approved change exactly those that were on notice (rule N9)."""
    content_hash: Mapped[str] = mapped_column(String(64))
    level: Mapped[DataLevel] = mapped_column(word(DataLevel))
    level_from: Mapped[str] = mapped_column(String(60))
    """Name of the bureau whose confirmation gave the level."""
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    decided_by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    entry: Mapped[RecordEntry] = relationship(back_populates="versions")

    __table_args__ = (UniqueConstraint("entry_id", "version"),)
