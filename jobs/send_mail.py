"""Every minute: send what decisions left in the outbox (rule N10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from jobs.runner import Outcome, each
from portal.config import Settings
from portal.domain import identity_vault, outbox
from portal.extensions import db
from portal.integrations import mail
from portal.models.outbox import OutboxMessage
from portal.models.vault_entry import VaultEntry

BATCH = 200


class Letter(NamedTuple):
    """A message as it goes out."""

    message_id: int
    key: str
    address: str
    subject: str
    body: str
    headers: dict[str, str]


def run(*, now: datetime) -> Outcome:
    """Send what is due. A server that refuses or is gone delays a message; it never loses one.

    Each message is taken in one transaction and marked in another; between the two, while the server is talked to,
    none is open. Killed in between, it is sent again later under the same Message-ID.
    """
    settings = current_app.config["PORTAL"]
    if not settings.smtp_url:
        return Outcome(0, 0)
    done = failed = 0
    taken: list[Letter] = []
    for message_id in _due(now):
        failed += each([message_id], lambda row_id: taken.extend(_take(row_id, now))).failed
        while taken:
            letter = taken.pop()
            why, server_is_gone = _send(letter, settings)
            each([letter.message_id], partial(_mark, why=why, now=now))
            done, failed = done + (not why), failed + bool(why)
            if server_is_gone:  # the others need not wait for it one by one: they stay due
                return Outcome(done, failed)
    return Outcome(done, failed)


def _due(now: datetime) -> list[int]:
    query = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.due_at <= now,
            OutboxMessage.attempts < outbox.MOST_ATTEMPTS,
        )
        .order_by(OutboxMessage.id)
        .limit(BATCH)
    )
    return list(db.session.scalars(query))


def _take(message_id: int, now: datetime) -> list[Letter]:
    """The message as a letter; none if there is no address (any more), which settles it."""
    message = outbox.take(message_id, now=now)
    person = identity_vault.look(db.session.get_one(VaultEntry, message.vault_entry_id))
    if not person.get("email"):
        outbox.sent(message, now=now)
        return []
    link, token = _links(current_app.config["PORTAL"].site_url), person.get("token", "")
    template = current_app.jinja_env.get_template(f"mail/{message.template}.txt")  # a letter has no page around it
    subject, _, body = template.render(message.facts, link=link, token=token).partition("\n")
    headers = _one_click(link("public.alerts.unsubscribe", token=token)) if token else {}
    return [Letter(message_id, message.key, person["email"], subject.strip(), body.strip() + "\n", headers)]


def _links(site_url: str) -> Callable[..., str]:
    """link(endpoint, ...): the whole address of a page, outside of any request."""
    site = urlsplit(site_url)
    pages = current_app.url_map.bind(site.netloc or "localhost", url_scheme=site.scheme or "http")
    return lambda endpoint, **values: pages.build(endpoint, values, force_external=True)


def _one_click(address: str) -> dict[str, str]:
    """What lets a mail program offer a button that ends the subscription (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _send(letter: Letter, settings: Settings) -> tuple[str, bool]:
    """Why it could not be sent, empty if it was; and whether the server does not talk to us at all."""
    try:
        mail.send(
            settings.smtp_url,
            settings.mail_from,
            letter.address,
            letter.subject,
            letter.body,
            letter.key,
            letter.headers,
        )
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        return str(refusal), False
    except OSError as failure:
        return str(failure) or type(failure).__name__, True
    return "", False


def _mark(message_id: int, *, why: str, now: datetime) -> None:
    message = db.session.get_one(OutboxMessage, message_id)
    if why:
        outbox.failed(message, why)
    else:
        outbox.sent(message, now=now)
