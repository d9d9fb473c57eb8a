"""What will be said to whom, written with the decision that causes it (rule N10). Sending is the job's business."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.domain.errors import NotAllowedNow
from portal.extensions import db, lock
from portal.models.application import Application
from portal.models.outbox import OutboxMessage

MOST_ATTEMPTS = 8


def tell_applicant(application: Application, what: str, *, now: datetime) -> None:
    """Queue a message to the applicant, if he left an address. `what`: approved, rejected or contested; once per
    cause.
    """
    if application.contact_vault_id is None:
        return
    db.session.add(
        OutboxMessage(
            key=f"{application.number}/{what}",
            template=f"application_{what}",
            vault_entry_id=application.contact_vault_id,
            facts={
                "application": application.number,
                "project": application.project.name,
                "bureau": application.bureau.name,
            },
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
