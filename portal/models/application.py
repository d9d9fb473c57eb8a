"""申请: the case (rules S1, S2, S4, S7)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.bureau import Bureau, bureaus_within
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.types import Id, word
from portal.models.words import Channel, DataLevel, Kind, Origin, Route, Section, Status, Subject

if TYPE_CHECKING:
    from portal.models.attachment import Attachment
    from portal.models.deficiency import DeficiencyNotice
    from portal.models.notice import Notice
    from portal.models.verification import Verification


class ApplicationReceipt(Model):
    """回执 of what one applicant sent online in one go; its sections may have become several linked cases (rule S7)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the intake ticket it was filed with: one ticket gives one receipt, however often it is sent."""
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)

    cases: Mapped[list[Application]] = relationship(order_by="Application.id", back_populates="receipt")


class Application(Model):
    """One project, one kind, one route, one or more sections."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    kind: Mapped[Kind] = mapped_column(word(Kind))
    subject: Mapped[Subject] = mapped_column(word(Subject))
    route: Mapped[Route] = mapped_column(word(Route))
    status: Mapped[Status] = mapped_column(word(Status))
    channel: Mapped[Channel] = mapped_column(word(Channel))
    applicant_name: Mapped[str] = mapped_column(String(200))
    applicant_code: Mapped[str] = mapped_column(String(18), default="")
    contact_vault_id: Mapped[int | None] = mapped_column(ForeignKey("vault_entry.id"))
    reason: Mapped[str] = mapped_column(String(2000), default="")
    """Why the applicant asks for the change, in his words."""
    target_level: Mapped[DataLevel | None] = mapped_column(word(DataLevel))
    policy_exception_id: Mapped[int | None] = mapped_column(ForeignKey("policy_exception.id"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("application_receipt.id"), index=True)
    """Of an application that came in online; cases with the same receipt are linked (rule S7)."""
    scan_sha256: Mapped[str | None] = mapped_column(String(64))
    """Which of the case's files is the stamped application (rule S8)."""
    import_fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Hash of the cleaned spreadsheet row: the same row imported twice adds nothing (rule S8)."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """The person who decided; never one who verified, as a trigger ensures too (rule A4). None: the system, or
    nobody yet.
    """
    decision_text: Mapped[str] = mapped_column(String(2000), default="")
    version: Mapped[int] = mapped_column(default=1)

    project: Mapped[Project] = relationship()
    bureau: Mapped[Bureau] = relationship()
    receipt: Mapped[ApplicationReceipt | None] = relationship(back_populates="cases")
    changes: Mapped[list[ApplicationChange]] = relationship(
        order_by="ApplicationChange.position", back_populates="application"
    )
    verifications: Mapped[list[Verification]] = relationship(order_by="Verification.id", back_populates="application")
    notices: Mapped[list[Notice]] = relationship(order_by="Notice.id", back_populates="application")
    deficiency_notices: Mapped[list[DeficiencyNotice]] = relationship(
        order_by="DeficiencyNotice.id", back_populates="application"
    )
    papers: Mapped[list[Attachment]] = relationship(
        primaryjoin="Attachment.application_id == Application.id", order_by="Attachment.id"
    )
    """What was handed in with it: the stamped application and evidence."""

    __table_args__ = (
        Index("ix_application_queue", "bureau_id", "status", "id"),
        Index("ix_application_applicant", "applicant_code", "id"),
    )
    __mapper_args__ = {"version_id_col": version}


class ApplicationChange(Model):
    """One section entry as it is and as it shall be. `before` is None for a supplement."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    position: Mapped[int]
    section: Mapped[Section] = mapped_column(word(Section))
    entry_number: Mapped[str] = mapped_column(String(80))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("record_entry.id"))
    base_version: Mapped[int | None]
    """Version of the entry that `before` was read from."""
    origin: Mapped[Origin] = mapped_column(word(Origin))
    before: Mapped[dict[str, str | int | bool | None] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, str | int | bool | None]] = mapped_column(JSON)
    claim: Mapped[str | None] = mapped_column(String(160), unique=True)
    """Holds the entry while the case is undecided, so that two running cases can never change the same one."""

    application: Mapped[Application] = relationship(back_populates="changes")
    entry: Mapped[RecordEntry | None] = relationship()


def applications_within(path: str) -> Select[Application]:
    """Applications of the bureau with this path and of those below it: the only way a case list may start (rule A5)."""
    return select(Application).where(Application.bureau_id.in_(bureaus_within(path)))
