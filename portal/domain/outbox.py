"""What will be said to whom, written with the decision that causes it (rule N10). Sending is the job's business."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.extensions import db
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


def sent(message: OutboxMessage, *, now: datetime) -> None:
    """The receiving server took it."""
    message.attempts += 1
    message.sent_at, message.failure = now, ""


def failed(message: OutboxMessage, why: str, *, now: datetime) -> None:
    """It could not be sent: try again later and later, then leave it visible as failed."""
    message.attempts += 1
    message.failure = why[:300]
    message.due_at = now + timedelta(minutes=2**message.attempts)
