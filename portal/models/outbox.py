"""Outgoing messages: written with the decision, sent after the commit (rule N10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id


class OutboxMessage(Model):
    """One message to one recipient, whose address lies in the vault. `key` makes it unique per cause."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    template: Mapped[str] = mapped_column(String(40))
    vault_entry_id: Mapped[int] = mapped_column(ForeignKey("vault_entry.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Numbers and dates the text needs, and lists of such; no personal data."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(String(300), default="")

    __table_args__ = (Index("ix_outbox_message_due", "sent_at", "due_at"),)
