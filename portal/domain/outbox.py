"""What will be said to whom, written with the decision that causes it (rule N10). Sending is the job's business."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portal.domain.errors import NotAllowedNow
from portal.extensions import db, lock
from portal.models.application import Application
from portal.models.outbox import OutboxMessage

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


def put_back(message: OutboxMessage, why: str) -> None:
    """The server would have had no message at all: this try does not count, however long that lasts."""
    message.attempts -= 1
    message.failure = why[:300]


def give_up(message: OutboxMessage, why: str) -> None:
    """It can never be sent: left visible as failed."""
    message.attempts = MOST_ATTEMPTS
    message.failure = why[:300]
