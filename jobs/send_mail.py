"""Every minute: send what decisions left in the outbox (rule N10)."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, render_template
from sqlalchemy import select

from jobs.runner import Outcome, each
from portal.domain import identity_vault, outbox
from portal.extensions import db, lock
from portal.integrations import mail
from portal.models.outbox import OutboxMessage
from portal.models.vault_entry import VaultEntry

BATCH = 200


def run(*, now: datetime) -> Outcome:
    """Send what is due. A server that refuses or is gone delays a message; it never loses one."""
    settings = current_app.config["PORTAL"]
    if not settings.smtp_url:
        return Outcome(0, 0)
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.due_at <= now,
            OutboxMessage.attempts < outbox.MOST_ATTEMPTS,
        )
        .order_by(OutboxMessage.id)
        .limit(BATCH)
    )

    def send(message_id: int) -> None:
        message = lock(OutboxMessage, message_id)
        if message.sent_at is not None:
            return
        person = identity_vault.look(db.session.get_one(VaultEntry, message.vault_entry_id))
        address = person.get("email", "")
        if not address:
            outbox.sent(message, now=now)  # nobody to tell: the applicant left a telephone only
            return
        text = render_template(f"mail/{message.template}.txt", **message.facts)
        subject, _, body = text.partition("\n")
        try:
            mail.send(settings.smtp_url, settings.mail_from, address, subject.strip(), body.strip() + "\n", message.key)
        except OSError as failure:
            outbox.failed(message, str(failure), now=now)
        else:
            outbox.sent(message, now=now)

    return each(list(db.session.scalars(due)), send)
