"""Outgoing messages: written with the decision, sent after the commit (rule N10)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id

REFUSED_BY_MAILBOX = "mailbox refused: "
"""How the failure of a message begins that its recipient's mailbox refused for good."""


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


def refused_by_mailbox(entries: Collection[int]) -> Select[datetime]:
    """When the letters to these vault entries were written that their mailbox has refused and not taken since."""
    return select(OutboxMessage.created_at).where(
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.vault_entry_id.in_(entries),
        OutboxMessage.failure.startswith(REFUSED_BY_MAILBOX, autoescape=True),
    )


def taken_since(instant: datetime, entries: Collection[int]) -> Select[int]:
    """Ids of the letters to these vault entries that were taken after `instant`."""
    return select(OutboxMessage.id).where(OutboxMessage.sent_at > instant, OutboxMessage.vault_entry_id.in_(entries))
