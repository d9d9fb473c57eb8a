"""A mailbox that always bounces loses its subscriptions; one that bounces now and then keeps them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import send_mail
from portal.domain import identity_vault, outbox
from portal.extensions import db
from portal.models.alert import AlertSubscription
from portal.models.vault_entry import VaultEntry
from portal.models.words import AlertTopic
from tests import builders
from tests.builders import MORNING, done
from tests.domain.test_identity_vault import dump
from tests.subscribers import READER, letters, subscriber
from tests.support.postbox import Postbox, server

GONE = f"550 5.1.1 <{READER}>: no such user"
DAY = timedelta(days=1)


def write(subscription_id: int, day: int) -> None:
    """Leave a letter of that day, counted from the first."""
    entry = db.session.get_one(AlertSubscription, subscription_id).vault_entry_id
    notice = builders.notice()
    facts = {"name": "全省", "count": 1, "notices": [notice.id]}
    done(lambda: outbox.queue(f"alert/{entry}/{day}", "alert_notices", entry, facts, now=MORNING + day * DAY))


def subscriptions() -> list[AlertSubscription]:
    db.session.rollback()
    return list(db.session.scalars(select(AlertSubscription).order_by(AlertSubscription.id)))


def read(app: Flask, day: int, *answers: str) -> None:
    """The mail of that day, and what the mailbox says to it."""
    with server(app, Postbox(recipients=answers)):
        send_mail.run(now=MORNING + day * DAY)


@pytest.fixture
def bureau_and_word(app: Flask) -> list[int]:
    """Two subscriptions of one mailbox, one of somebody else; their letters of confirmation have gone."""
    subscriber()
    subscriber(AlertTopic.WORD, "长寿路")
    subscriber(address="other@example.com")
    read(app, 0)
    return [each.id for each in subscriptions()]


@pytest.mark.rule("C7")
def test_a_mailbox_that_refuses_the_letters_of_three_days_loses_all_its_subscriptions(
    app: Flask, bureau_and_word: list[int]
):
    first, second, other = bureau_and_word
    entries = {each.vault_entry_id for each in subscriptions()[:2]}
    for day, which in ((1, first), (2, second)):
        write(which, day)
        read(app, day, GONE, GONE)
        assert len(subscriptions()) == 3
    write(first, 3)
    read(app, 3, GONE, GONE, GONE)

    assert [each.id for each in subscriptions()] == [other]
    reason = letters()[-1]
    assert reason.failure == "mailbox refused: 550 5.1.1 <…>: no such user (letters of 3 days; its subscriptions ended)"
    assert (reason.sent_at, reason.attempts) == (None, outbox.MOST_ATTEMPTS)
    assert all(identity_vault.look(db.session.get_one(VaultEntry, entry)) == {} for entry in entries)
    assert not any(READER in held for held in dump().values())


def test_a_letter_tried_again_and_again_on_one_day_counts_once(app: Flask, bureau_and_word: list[int]):
    write(bureau_and_word[0], 1)
    with server(app, Postbox(recipients=(GONE,) * 20)):
        for minute in range(0, 600, 5):
            send_mail.run(now=MORNING + DAY + timedelta(minutes=minute))
    assert letters()[0].attempts == outbox.MOST_ATTEMPTS
    assert len(subscriptions()) == 3


def test_a_mailbox_that_takes_a_letter_in_between_keeps_its_subscriptions(app: Flask, bureau_and_word: list[int]):
    first, second, _ = bureau_and_word
    for day, answer in enumerate((GONE, GONE, "250 OK", GONE), start=1):
        write(second if day == 3 else first, day)
        read(app, day, *(answer,) * day)
    assert len(subscriptions()) == 3


@pytest.mark.parametrize(
    "answer", ["450 4.2.1 try later", "550 5.7.1 your address is on a block list", "554 5.4.4 no route"]
)
def test_what_is_not_the_mailboxs_fault_ends_nothing(app: Flask, bureau_and_word: list[int], answer: str):
    for day in range(1, 6):
        write(bureau_and_word[0], day)
        read(app, day, *(answer,) * day)
    assert len(subscriptions()) == 3


def test_who_subscribes_again_begins_anew(app: Flask, bureau_and_word: list[int]):
    for day in (1, 2, 3):
        write(bureau_and_word[0], day)
        read(app, day, *(GONE,) * day)
    subscriber(now=MORNING + 4 * DAY)
    read(app, 4, GONE)
    assert len(subscriptions()) == 2


def test_an_applicants_letter_that_is_refused_ends_nothing_and_is_tried_again(app: Flask):
    entry = done(lambda: identity_vault.keep({"email": READER}, now=MORNING))
    facts = {"application": "A", "project": "P", "bureau": "B", "receipt": ""}
    done(lambda: outbox.queue("A/approved", "application_approved", entry, facts, now=MORNING))
    read(app, 0, GONE)
    [letter] = letters("application_approved")
    assert letter.failure == "mailbox refused: 550 5.1.1 <…>: no such user"
    read(app, 1)
    db.session.expire_all()
    assert letters("application_approved")[0].sent_at is not None
