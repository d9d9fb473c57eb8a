"""订阅提醒: who hears of which notice, once, and what is known of him (rules C7, N10)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.domain import alert_matching, alerts, identity_vault, notices
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.domain.limits import TooMany
from portal.extensions import begin_write, db
from portal.models.alert import AlertMatch, AlertSubscription, FreshNotice
from portal.models.notice import Notice
from portal.models.vault_entry import VaultEntry
from portal.models.words import AlertPace, AlertTopic, Role
from tests import builders
from tests.builders import MORNING, acting, at, bureau, done
from tests.domain.office import refused
from tests.domain.test_identity_vault import dump
from tests.public.statements import counted
from tests.subscribers import READER, ask, letters, subscriber, tokens

USCC = "91430000183764483Y"
CITY, PROVINCE, ELSEWHERE = "430100", "430000", "430200"
LATER = MORNING + timedelta(minutes=1)


def match(notice: Notice) -> int:
    """How many are to hear of it."""
    done(lambda: alert_matching.match(notice.id, now=LATER))
    return db.session.scalar(select(func.count()).where(AlertMatch.notice_id == notice.id)) or 0


def tell(number: int = 1) -> None:
    done(lambda: alert_matching.tell(number, now=LATER))


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
    assert match(builders.notice()) == 0
    [letter] = letters("alert_confirmation")
    assert (letter.facts["name"], letter.facts["hours"]) == ("浏阳市住房和城乡建设局（含下级）", 48)
    done(lambda: alerts.confirm(tokens()[0], AlertPace.DAILY, now=LATER))
    assert match(builders.notice()) == 1


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


def test_a_notice_is_found_under_its_bureau_and_those_above_its_project_its_companies_and_its_words(app: Flask):
    notice = builders.notice()
    project = notice.application.project
    hears = [
        (AlertTopic.BUREAU, builders.COUNTY), (AlertTopic.BUREAU, CITY), (AlertTopic.BUREAU, PROVINCE),
        (AlertTopic.PROJECT, project.number), (AlertTopic.COMPANY, USCC), (AlertTopic.WORD, "长寿路"),
        (AlertTopic.WORD, "ＨＴ-2015"), (AlertTopic.WORD, "三穗建筑工程有限公司"),
        (AlertTopic.WORD, project.number[2:9]),
    ]  # fmt: skip
    other = builders.project("株洲市别的工程", area_code="430200")
    hears_not = [
        (AlertTopic.BUREAU, ELSEWHERE), (AlertTopic.PROJECT, other.number), (AlertTopic.COMPANY, "914300001837644834"),
        (AlertTopic.WORD, "长寿街"), (AlertTopic.WORD, "株洲"),
    ]  # fmt: skip
    expected = []
    for number, (topic, said) in enumerate(hears + hears_not):
        if topic is AlertTopic.COMPANY and said != USCC:
            continue
        subscriber(topic, said, f"reader{number}@example.com")
        if number < len(hears):
            expected.append(db.session.scalar(select(func.max(AlertSubscription.id))))

    assert match(notice) == len(expected)
    assert sorted(db.session.scalars(select(AlertMatch.subscription_id))) == expected


@pytest.mark.rule("N10")
def test_a_notice_is_matched_once_and_told_once(app: Flask):
    subscriber()
    notice = builders.notice()
    assert count(FreshNotice) == 1  # written with the publication
    match(notice)
    assert count(FreshNotice) == 0
    refused(lambda: alert_matching.match(notice.id, now=LATER), NotAllowedNow)
    tell()
    refused(lambda: alert_matching.tell(1, now=LATER), NotAllowedNow)
    refused(lambda: alert_matching.tell(99, now=LATER), NotAllowedNow)
    assert [letter.facts["notices"] for letter in letters()] == [[notice.id]]


def test_whoever_subscribed_to_several_things_hears_of_a_notice_once(app: Flask):
    subscriber(AlertTopic.BUREAU, CITY, pace=AlertPace.DAILY)
    subscriber(AlertTopic.WORD, "长寿路", READER.upper(), pace=AlertPace.AT_ONCE)
    subscriber(AlertTopic.WORD, "长寿路", "another@example.com")
    assert match(builders.notice()) == 3
    for number in (1, 2, 3):
        try:
            tell(number)
        except NotAllowedNow:
            db.session.rollback()
    assert [letter.facts["name"] for letter in letters()] == ["含“长寿路”的公示"] * 2
    assert count(AlertMatch) == 0


def test_ending_one_of_several_subscriptions_loses_nothing_of_the_others(app: Flask):
    first = subscriber(AlertTopic.BUREAU, CITY)
    subscriber(AlertTopic.WORD, "长寿路")
    match(builders.notice())
    done(lambda: alerts.unsubscribe(first))
    tell(2)
    assert len(letters()) == 1


def test_the_daily_letter_tells_at_eight_what_the_day_brought(app: Flask):
    subscriber(pace=AlertPace.DAILY)
    first, second = builders.notice(), builders.notice()
    match(first)
    match(second)
    for early in (LATER, at("2026-10-01 07:59")):
        refused(partial(alert_matching.tell, 1, now=early), NotAllowedNow)
    done(lambda: alert_matching.tell(1, now=at("2026-10-01 08:00")))
    [letter] = letters()
    assert (letter.facts["count"], letter.facts["notices"]) == (2, [second.id, first.id])


def test_what_is_published_at_eight_exactly_is_told_the_next_morning(app: Flask):
    subscriber(pace=AlertPace.DAILY)
    notice = builders.notice()
    done(lambda: alert_matching.match(notice.id, now=at("2026-10-01 08:00")))
    assert db.session.scalar(select(AlertMatch.due_at)) == at("2026-10-02 08:00")


def retract(notice: Notice) -> None:
    publisher: Actor = acting(Role.PUBLISHER)
    done(lambda: notices.retract(notice, "内容有误，撤回后重新公示", actor=publisher, now=LATER))


@pytest.mark.rule("N2")
@pytest.mark.parametrize("when", ["before it is matched", "before it is told", "before the letter leaves"])
def test_a_retracted_notice_is_told_to_nobody(app: Flask, when: str):
    subscriber()
    notice = builders.notice()
    if when == "before it is matched":
        retract(notice)
    match(notice)
    if when == "before it is told":
        retract(notice)
    try:
        tell()
    except NotAllowedNow:
        db.session.rollback()
    if when == "before the letter leaves":
        retract(notice)
        [letter] = letters()
        assert alert_matching.letter_facts(letter.facts)["count"] == 0
    else:
        assert letters() == []
    assert count(AlertMatch) == 0


def test_a_letter_says_how_things_are_when_it_leaves(app: Flask):
    subscriber()
    notice = builders.notice()
    match(notice)
    tell()
    done(lambda: db.session.execute(update(Notice).values(provisional=True)))
    [letter] = letters()
    facts = alert_matching.letter_facts(letter.facts)
    assert [(row.reference, row.provisional) for row in facts["notices"]] == [(notice.reference, True)]
    assert (facts["count"], facts["more"]) == (1, 0)


def test_a_long_list_is_cut_and_says_how_many_more_there_are(app: Flask):
    notice = builders.notice()
    told = {"name": "全省", "count": 73, "notices": [notice.id]}
    facts = alert_matching.letter_facts(told)
    assert (len(facts["notices"]), facts["more"], facts["count"]) == (1, 72, 73)


def test_matching_asks_the_same_few_questions_however_many_subscribed(app: Flask):
    def asked() -> int:
        notice = builders.notice()
        begin_write()
        with counted() as sent:
            alert_matching.match(notice.id, now=LATER)
        db.session.commit()
        return len(sent)

    subscriber()
    few = asked()
    for number in range(60):
        subscriber(AlertTopic.WORD, "长寿路", f"reader{number}@example.com")
        subscriber(AlertTopic.WORD, f"别的词{number}", f"reader{number}@example.com")
    assert asked() == few
    assert few <= 20
    assert count(AlertMatch) == 1 + 61


def test_a_huge_name_costs_no_more_than_its_first_thousand_characters(app: Flask):
    words = list(alert_matching._words(["甲乙丙丁" * 5000, "另一个名称"]))
    assert len(words) <= 11 * alert_matching.MOST_TEXT
