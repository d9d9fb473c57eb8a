"""What will be said to whom, written with the decision that causes it (rule N10). Sending is the job's business."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select

from portal.clock import beijing_date
from portal.domain import policy
from portal.domain.errors import NotAllowedNow
from portal.extensions import db, lock
from portal.models.application import Application
from portal.models.outbox import REFUSED_BY_MAILBOX, OutboxMessage

MOST_ATTEMPTS = 8


def tell_applicant(application: Application, what: str, *, now: datetime, cause: str = "") -> None:
    """Queue a message to the applicant, if he left an address. `what`: approved, rejected or deficient; once per cause
    (where a case may have several of a kind, its number).
    """
    if application.contact_vault_id is None:
        return
    facts = {
        "application": application.number,
        "project": application.project.name,
        "bureau": application.bureau.name,
        "receipt": application.receipt.number if application.receipt else "",
    }
    key = f"{application.number}/{what}" + (f"/{cause}" if cause else "")
    queue(key, f"application_{what}", application.contact_vault_id, facts, now=now)


def queue(key: str, template: str, vault_entry_id: int, facts: dict[str, Any], *, now: datetime) -> None:
    """Leave a letter for whoever's address lies in the vault entry. `key` makes it unique per cause.

    template: of templates/mail, its first line the subject; facts: what it needs, no personal data among it.
    """
    db.session.add(
        OutboxMessage(
            key=key,
            template=template,
            vault_entry_id=vault_entry_id,
            facts=facts,
            created_at=now,
            due_at=now,
        )
    )


def take(message_id: int, *, now: datetime) -> OutboxMessage:
    """Take a message for sending: one more attempt, and nobody else takes it before the next is due.

    The taker commits, and sends afterwards: no transaction waits for a mail server. If it dies meanwhile, the message
    is due again later. Raises NotAllowedNow if the message is sent, given up or not due.
    """
    message = lock(OutboxMessage, message_id)
    if message.sent_at is not None or message.attempts >= MOST_ATTEMPTS or message.due_at > now:
        raise NotAllowedNow("此邮件已发送，或尚未到重试时间", rule="N10")
    message.attempts += 1
    message.due_at = now + timedelta(minutes=2**message.attempts)
    return message


def sent(message: OutboxMessage, *, now: datetime) -> None:
    """The receiving server took it, or there was nobody to tell."""
    message.sent_at, message.failure = now, ""


def failed(message: OutboxMessage, why: str) -> None:
    """It could not be sent: tried again later and later, then left visible as failed."""
    message.failure = why[:300]


def refused(message: OutboxMessage, why: str) -> None:
    """Its recipient's mailbox would not have it: tried again like whatever could not be sent, and remembered."""
    failed(message, REFUSED_BY_MAILBOX + why)


def put_back(message: OutboxMessage, why: str) -> None:
    """The server would have had no message at all: this try does not count, however long that lasts."""
    message.attempts -= 1
    message.failure = why[:300]


def give_up(message: OutboxMessage, why: str) -> None:
    """It can never be sent: left visible as failed."""
    message.attempts = MOST_ATTEMPTS
    message.failure = why[:300]


def settled(after: int, *, now: datetime) -> Select[int]:
    """Ids greater than `after` of the letters that nobody needs any more, in order; what still waits never is.

    What an applicant was told, or could not be told, is kept for proof. A letter to a subscriber proves nothing; one
    that could not be sent is kept longer, for whoever looks for the reason (three settings).
    """
    keeps = policy.values(beijing_date(now), "mail.alerts_kept_days", "mail.failed_kept_days", "mail.proof_kept_days")
    taken, failed_, proof = (
        func.coalesce(OutboxMessage.sent_at, OutboxMessage.due_at) < now - timedelta(days=days) for days in keeps
    )
    alert = OutboxMessage.template.startswith("alert_", autoescape=True)
    sent_ = OutboxMessage.sent_at.is_not(None)
    dead = OutboxMessage.attempts >= MOST_ATTEMPTS
    return (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.id > after,
            or_(sent_, dead),
            or_(proof, and_(alert, or_(failed_, and_(sent_, taken)))),
        )
        .order_by(OutboxMessage.id)
    )


def forget(message_ids: Collection[int]) -> None:
    """Drop letters that are settled."""
    db.session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(message_ids)))
