"""订阅提醒: who wants to hear of new notices, which ones are still to be told, and what a notice is found under."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id, word
from portal.models.words import AlertPace, AlertTopic


class AlertSubscription(Model):
    """One person's wish to hear of the notices of one bureau, project, company or word.

    The address and the token of its links lie sealed in the vault entry; the row itself tells nobody who it is.
    """

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    topic: Mapped[AlertTopic] = mapped_column(word(AlertTopic))
    key: Mapped[str] = mapped_column(String(40))
    """Code of the bureau or company, number of the project, or the word in the form texts are compared in."""
    name: Mapped[str] = mapped_column(String(200))
    """What is subscribed to, in words for pages and letters."""
    pace: Mapped[AlertPace] = mapped_column(word(AlertPace))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    address_print: Mapped[str] = mapped_column(String(64))
    """Keyed fingerprint of the address: recognises it without knowing it."""
    vault_entry_id: Mapped[int] = mapped_column(ForeignKey("vault_entry.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    letters: Mapped[int] = mapped_column(default=1)
    """Confirmation letters so far: each has its own place in the outbox."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None until the owner of the address has said yes (double opt-in): nothing is matched before."""

    __table_args__ = (
        UniqueConstraint("address_print", "topic", "key"),
        Index("ix_alert_subscription_found", "topic", "key", "confirmed_at"),
        Index("ix_alert_subscription_unconfirmed", "confirmed_at", "asked_at"),
    )


class FreshNotice(Model):
    """A notice that subscribers have not been looked up for yet: written with its publication, gone once they are."""

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True, autoincrement=False)


class AlertMatch(Model):
    """A notice one subscriber is still to be told of; gone, in the same transaction, once it is in the outbox."""

    subscription_id: Mapped[int] = mapped_column(ForeignKey("alert_subscription.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_alert_match_due", "due_at", "subscription_id"),)


class NoticeCompany(Model):
    """A company a notice names, by its unified social credit code: its feed and its subscribers find the notice so."""

    code: Mapped[str] = mapped_column(String(18), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)


def subscriptions_due(instant: datetime) -> Select[int]:
    """Ids of the subscriptions that have something to hear at `instant`."""
    return (
        select(AlertMatch.subscription_id)
        .where(AlertMatch.due_at <= instant)
        .distinct()
        .order_by(AlertMatch.subscription_id)
    )


def never_confirmed(instant: datetime) -> Select[int]:
    """Ids of the subscriptions asked for before `instant` that nobody confirmed."""
    return select(AlertSubscription.id).where(
        AlertSubscription.confirmed_at.is_(None), AlertSubscription.asked_at < instant
    )
