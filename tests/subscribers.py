"""People who subscribed to hear of notices, through the real verbs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.domain import alerts, identity_vault
from portal.extensions import db
from portal.models.alert import AlertSubscription
from portal.models.outbox import OutboxMessage
from portal.models.vault_entry import VaultEntry
from portal.models.words import AlertPace, AlertTopic
from tests.builders import COUNTY, MORNING, bureau, done

READER = "reader@example.com"


def ask(
    topic: AlertTopic = AlertTopic.BUREAU,
    said: str = COUNTY,
    address: str = READER,
    *,
    pace: AlertPace = AlertPace.AT_ONCE,
    visitor: str = "somebody",
    now: datetime = MORNING,
) -> None:
    """Fill in the form and send it."""
    bureau()
    done(lambda: alerts.subscribe(alerts.wish(topic, said), address, pace, visitor=visitor, now=now))


def subscriber(
    topic: AlertTopic = AlertTopic.BUREAU,
    said: str = COUNTY,
    address: str = READER,
    *,
    pace: AlertPace = AlertPace.AT_ONCE,
    now: datetime = MORNING,
) -> str:
    """Somebody who asked and confirmed, each from a network of his own; returns the token his letters carry."""
    ask(topic, said, address, pace=pace, visitor=f"network {hash(address)}", now=now)
    token = tokens()[-1]
    done(lambda: alerts.confirm(token, pace, now=now))
    return token


def tokens() -> list[str]:
    """The tokens of all subscriptions, as their letters say them."""
    rows = db.session.scalars(
        select(VaultEntry)
        .join(AlertSubscription, AlertSubscription.vault_entry_id == VaultEntry.id)
        .order_by(AlertSubscription.id)
    )
    return [identity_vault.look(row)["token"] for row in rows]


def letters(template: str = "alert_notices") -> list[OutboxMessage]:
    """The letters of a kind in the outbox, sent or not."""
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.template == template).order_by(OutboxMessage.id)
    return list(db.session.scalars(query))
