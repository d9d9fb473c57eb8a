"""订阅提醒: who may ask for it, how often, and what is known of him (rule C7)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain import alert_matching, alerts, identity_vault
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.domain.limits import TooMany
from portal.extensions import db
from portal.models.alert import AlertMatch, AlertSubscription
from portal.models.vault_entry import VaultEntry
from portal.models.words import AlertPace, AlertTopic
from tests import builders
from tests.builders import MORNING, bureau, done
from tests.domain.office import refused
from tests.domain.test_identity_vault import dump
from tests.subscribers import READER, ask, letters, subscriber, tokens

USCC = "91430000183764483Y"
CITY = "430100"
LATER = MORNING + timedelta(minutes=1)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_one_can_subscribe_to_a_bureau_a_project_a_company_or_a_word(app: Flask):
    project = builders.project("浏阳市长寿路\n改造工程")
    assert alerts.wish(AlertTopic.BUREAU, CITY).name == "长沙市住房和城乡建设局（含下级）"
    assert alerts.wish(AlertTopic.PROJECT, f" {project.number} ").name == "浏阳市长寿路 改造工程"
    assert alerts.wish(AlertTopic.COMPANY, USCC.lower()).key == USCC
    word = alerts.wish(AlertTopic.WORD, " 长寿路（ＡＢ）")
    assert (word.key, word.name) == ("长寿路ab", "含“长寿路ab”的公示")


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        (AlertTopic.BUREAU, "999999"), (AlertTopic.BUREAU, ""), (AlertTopic.PROJECT, "4301811511020000"),
        (AlertTopic.PROJECT, "x" * 5000), (AlertTopic.COMPANY, "91430000183764483X"), (AlertTopic.COMPANY, ""),
        (AlertTopic.WORD, "路"), (AlertTopic.WORD, "，。 ！"), (AlertTopic.WORD, "长" * 13), (AlertTopic.WORD, ""),
    ],
)  # fmt: skip
def test_what_finds_nothing_is_refused_beside_its_field(sqlite_app: Flask, topic: AlertTopic, said: str):
    bureau()
    with pytest.raises(RuleViolation) as caught:
        alerts.wish(topic, said)
    assert caught.value.field == topic.value


@pytest.mark.rule("C7")
def test_the_address_lies_in_the_vault_alone_and_unsubscribing_erases_it(app: Flask):
    token = subscriber(address="Zhou.Ming@example.com")
    for table, held in dump().items():
        assert "zhou.ming" not in held.lower(), table
        assert token not in held, table
    [entry] = db.session.scalars(select(VaultEntry)).all()
    assert identity_vault.look(entry) == {"email": "Zhou.Ming@example.com", "token": token}

    done(lambda: alerts.unsubscribe(token))
    assert count(AlertSubscription) == 0
    db.session.expire_all()
    assert identity_vault.look(db.session.get_one(VaultEntry, entry.id)) == {}
    done(lambda: alerts.unsubscribe(token))  # a mail program may ask twice
    done(lambda: alerts.unsubscribe("no such token"))
    with pytest.raises(NotFound):
        alerts.find(token, now=LATER)


def test_nobody_hears_anything_before_he_has_confirmed(app: Flask):
    ask()
    hears = builders.notice()
    done(lambda: alert_matching.match(hears.id, now=LATER))
    assert count(AlertMatch) == 0
    [letter] = letters("alert_confirmation")
    assert (letter.facts["name"], letter.facts["hours"]) == ("浏阳市住房和城乡建设局（含下级）", 48)
    done(lambda: alerts.confirm(tokens()[0], AlertPace.DAILY, now=LATER))
    again = builders.notice()
    done(lambda: alert_matching.match(again.id, now=LATER))
    assert count(AlertMatch) == 1


def test_what_nobody_confirms_in_time_is_over_and_forgotten(app: Flask):
    ask()
    [token] = tokens()
    on_time, late = MORNING + timedelta(hours=48), MORNING + timedelta(hours=48, seconds=1)
    alerts.find(token, now=on_time)
    refused(lambda: alerts.forget_unconfirmed(1, now=on_time), NotAllowedNow)
    refused(lambda: alerts.confirm(token, AlertPace.DAILY, now=late), NotFound)
    done(lambda: alerts.forget_unconfirmed(1, now=late))
    assert count(AlertSubscription) == 0
    refused(lambda: alerts.forget_unconfirmed(1, now=late), NotAllowedNow)


def test_a_confirmed_subscription_is_changed_by_its_owner_alone(app: Flask):
    token = subscriber(pace=AlertPace.AT_ONCE)
    ask(pace=AlertPace.DAILY)
    assert alerts.find(token, now=LATER).pace is AlertPace.AT_ONCE
    assert [letter.facts["confirmed"] for letter in letters("alert_confirmation")] == [False, True]
    done(lambda: alerts.confirm(token, AlertPace.DAILY, now=LATER))
    assert alerts.find(token, now=LATER).pace is AlertPace.DAILY


def test_a_mailbox_gets_three_letters_a_day_however_it_is_written_and_whatever_is_ended_meanwhile(app: Flask):
    for number, address in enumerate(
        (READER, READER.upper(), "reader+news@example.com", READER, "reader+2@example.com")
    ):
        ask(address=address, visitor=f"visitor {number}")
        for token in tokens():
            done(partial(alerts.unsubscribe, token))
    assert len(letters("alert_confirmation")) == 3
    ask(address="other@example.com")
    ask(visitor="somebody tomorrow", now=MORNING + timedelta(days=1))
    assert len(letters("alert_confirmation")) == 5


def test_a_visitor_asks_for_ten_letters_an_hour_and_then_waits(app: Flask):
    for number in range(10):
        ask(address=f"reader{number}@example.com", visitor="one")
    with pytest.raises(TooMany) as caught:
        ask(address="reader11@example.com", visitor="one", now=MORNING + timedelta(minutes=20))
    db.session.rollback()
    assert (caught.value.status, "40分钟后" in caught.value.message) == (429, True)
    ask(address="reader11@example.com", visitor="another")
    ask(address="reader12@example.com", visitor="one", now=MORNING + timedelta(hours=1))
    assert len(letters("alert_confirmation")) == 12


def test_an_address_has_so_many_subscriptions_and_one_more_is_passed_over_in_silence(app: Flask):
    for day in range(8):
        for number in range(3):
            ask(AlertTopic.WORD, f"词语{day}{number}", now=MORNING + timedelta(days=day), visitor=f"{day}")
        for token in tokens():
            done(partial(alerts.confirm, token, AlertPace.DAILY, now=MORNING + timedelta(days=day)))
    assert count(AlertSubscription) == 20
    assert len(letters("alert_confirmation")) == 20
