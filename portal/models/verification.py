"""核实: what was looked at, how, when, by whom, and what it showed (rules V3, V4)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.types import Id, word
from portal.models.words import Finding, Matter, VerificationMethod


class Verification(Model):
    """One act of fact-finding."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    method: Mapped[VerificationMethod] = mapped_column(word(VerificationMethod))
    matter: Mapped[Matter] = mapped_column(word(Matter))
    day: Mapped[date]
    persons: Mapped[str] = mapped_column(String(200))
    """核实人员, official names; shown in the back office only."""
    finding: Mapped[Finding] = mapped_column(word(Finding))
    note: Mapped[str] = mapped_column(String(2000))
    verifier_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    application: Mapped[Application] = relationship(back_populates="verifications")
    verifier: Mapped[Account] = relationship()
    evidence: Mapped[list[Attachment]] = relationship(
        primaryjoin="Attachment.verification_id == Verification.id", order_by="Attachment.id"
    )
