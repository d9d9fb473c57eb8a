"""订阅提醒: who hears of which notice, when, and that only once (rules N2, N10)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.domain import alert_matching, alerts, notices
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowedNow
from portal.extensions import begin_write, db
from portal.models.alert import AlertMatch, AlertSubscription, FreshNotice
from portal.models.notice import Notice
from portal.models.words import AlertPace, AlertTopic, Role
from tests import builders
from tests.builders import MORNING, acting, at, done
from tests.domain.office import refused
from tests.public.statements import counted
from tests.subscribers import READER, letters, subscriber

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
        (AlertTopic.BUREAU, ELSEWHERE), (AlertTopic.PROJECT, other.number), (AlertTopic.COMPANY, "9114010072592573X2"),
        (AlertTopic.WORD, "长寿街"), (AlertTopic.WORD, "株洲"),
    ]  # fmt: skip
    expected = []
    for number, (topic, said) in enumerate(hears + hears_not):
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
