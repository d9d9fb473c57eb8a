"""Every minute: send what decisions left in the outbox (rule N10)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from jobs.runner import Outcome, each
from portal.domain import alert_matching, alerts, identity_vault, mail_addresses, outbox
from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.integrations import mail
from portal.integrations.mail import Letter
from portal.models.outbox import OutboxMessage
from portal.models.vault_entry import VaultEntry

log = logging.getLogger(__name__)
BATCH = 500
MANY = "alert_notices"
"""The template of which one notice may cause thousands: whatever else waits goes first."""


def run(*, now: datetime) -> Outcome:
    """Send what is due. A server that refuses or is gone delays a message; it never loses one.

    Each message is taken in one transaction and marked in another; between the two, while the server is talked to,
    none is open. Killed in between, it is sent again later under the same Message-ID. A server that is gone is left in
    peace until the next run, and no message is taken for it.
    """
    settings = current_app.config["PORTAL"]
    due = _due(now) if settings.smtp_url and settings.mail_from else []
    db.session.rollback()
    if not due:
        return Outcome(0, 0)
    try:
        with mail.Server(settings.smtp_url, settings.mail_from) as server:
            return _send_all(server, due, now)
    except (OSError, mail.ServerRefused) as gone:
        log.warning("the mail server does not take our mail: %s", gone)
        return Outcome(0, 1)


def _send_all(server: mail.Server, due: list[int], now: datetime) -> Outcome:
    done = failed = 0
    taken: list[Letter] = []
    for message_id in due:
        failed += each([message_id], lambda row_id: taken.extend(_take(row_id, now))).failed
        while taken:
            then, went, server_is_gone = _send(server, taken.pop(), now)
            each([message_id], partial(_settle, then=then))
            done, failed = done + went, failed + (not went)
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
        .order_by(OutboxMessage.template == MANY, OutboxMessage.id)
        .limit(BATCH)
    )
    return list(db.session.scalars(query))


def _take(message_id: int, now: datetime) -> list[Letter]:
    """The message as a letter; none if there is no address or nothing to say (any more), which settles it."""
    message = outbox.take(message_id, now=now)
    person = identity_vault.look(db.session.get_one(VaultEntry, message.vault_entry_id))
    facts = alert_matching.letter_facts(message.facts) if message.template == MANY else message.facts
    if not person.get("email") or facts.get("count") == 0:
        outbox.sent(message, now=now)
        return []
    try:
        address = mail_addresses.checked(person["email"])
    except RuleViolation:
        outbox.give_up(message, "no letter can be sent to this address")
        return []
    link, token = _links(current_app.config["PORTAL"].site_url), person.get("token", "")
    template = current_app.jinja_env.get_template(f"mail/{message.template}.txt")  # a letter has no page around it
    subject, _, body = template.render(facts, link=link, token=token).partition("\n")
    headers = _one_click(link("public.alerts.unsubscribe", token=token)) if token else {}
    return [Letter(message.key, address, subject.strip(), body.strip() + "\n", headers)]


def _links(site_url: str) -> Callable[..., str]:
    """link(endpoint, ...): the whole address of a page, outside of any request."""
    site = urlsplit(site_url)
    pages = current_app.url_map.bind(
        site.netloc or "localhost", url_scheme=site.scheme or "http", script_name=site.path or "/"
    )
    return lambda endpoint, **values: pages.build(endpoint, values, force_external=True)


def _one_click(address: str) -> dict[str, str]:
    """What lets a mail program offer a button that ends the subscription (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _send(server: mail.Server, letter: Letter, now: datetime) -> tuple[Callable[[OutboxMessage], None], bool, bool]:
    """What is to be noted about the message, whether it went, and whether the server has stopped talking to us."""
    try:
        server.send(letter, now=now)
    except mail.MailboxRefused as refusal:
        return partial(alerts.mailbox_refused, why=str(refusal), now=now), False, False
    except mail.Refused as refusal:
        return partial(outbox.failed, why=str(refusal)), False, False
    except mail.ServerRefused as refusal:
        return partial(outbox.put_back, why=str(refusal)), False, True
    except OSError as failure:  # perhaps because of this very letter: the try counts
        return partial(outbox.failed, why=str(failure) or type(failure).__name__), False, True
    return partial(outbox.sent, now=now), True, False


def _settle(message_id: int, *, then: Callable[[OutboxMessage], None]) -> None:
    then(db.session.get_one(OutboxMessage, message_id))
