"""Feeds and calendars as a reader gets them: fetched over HTTP from the real server, read by feedparser, icalendar."""

from __future__ import annotations

import urllib.request
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Component

from portal import clock
from portal.domain import notices
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.words import Role
from portal.public.feeds import PER_PAGE
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.statements import counted
from tests.support.web_server import LiveServer

FORMS = ("atom", "rss")
VERSIONS = {"atom": "atom10", "rss": "rss20"}
COMPANY = "91430000183764483Y"
AWKWARD = "“甲&乙”<工程>]]>'三期'"


def read(url: str, **known: Any) -> Any:
    """A feed as feedparser sees it, which must find nothing to forgive."""
    feed = feedparser.parse(url, **known)
    assert not feed.bozo, (url, feed.get("bozo_exception"))
    return feed


def published(name: str, when: str = "2026-10-08 10:00", **more: Any) -> Notice:
    """A committed notice about a project of this name."""
    notice = builders.notice(existing=builders.entry(builders.project(name, **more)), published_at=at(when))
    db.session.commit()
    return notice


def link(feed: Any, relation: str) -> str:
    return next((each.href for each in feed.feed.links if each.rel == relation), "")


@pytest.mark.rule("N1")
@pytest.mark.parametrize("form", FORMS)
def test_each_feed_is_read_back_with_its_own_notices_and_no_others(live_server: LiveServer, form: str) -> None:
    liuyang = published("浏阳市长寿路改造工程")
    zhuzhou = published("株洲市" + AWKWARD, area_code="430281")
    project = liuyang.application.project.number
    root = f"{live_server.url}/feeds/"

    expected = {
        "notices": [zhuzhou, liuyang],
        "bureaus/430000": [zhuzhou, liuyang],
        "bureaus/430100": [liuyang],
        "bureaus/430181": [liuyang],
        "bureaus/430200": [zhuzhou],
        f"projects/{project}": [liuyang],
        f"companies/{COMPANY}": [zhuzhou, liuyang],
    }
    for path, wanted in expected.items():
        feed = read(f"{root}{path}.{form}")
        assert feed.status == 200
        assert feed.version == VERSIONS[form]
        assert feed.headers["content-type"] == f"application/{form}+xml; charset=utf-8"
        assert "set-cookie" not in feed.headers
        assert [entry.title for entry in feed.entries] == [notice.title for notice in wanted], path
        assert link(feed, "self") == f"{root}{path}.{form}"
        assert not link(feed, "next")
        for entry, notice in zip(feed.entries, wanted, strict=True):
            assert entry.link == entry.id == f"{live_server.url}/notices/{notice.reference}"
            assert entry.author == notice.bureau.name
            assert {tag.term for tag in entry.tags} == {"修正", "公示中"}
            assert notice.reference in entry.summary
            assert "公示到2026年10月14日（星期三）24:00" in entry.summary
            with urllib.request.urlopen(entry.link) as page:
                assert page.status == 200
        with urllib.request.urlopen(feed.feed.link) as page:  # and the feed says where people see the same
            assert liuyang.reference in page.read().decode() or wanted == [zhuzhou]


@pytest.mark.parametrize("form", FORMS)
def test_times_carry_beijings_zone_and_mean_the_instant(live_server: LiveServer, form: str) -> None:
    notice = published("浏阳市长寿路改造工程", "2026-10-08 00:30")  # still the 7th in UTC
    entry = read(f"{live_server.url}/feeds/notices.{form}").entries[0]

    assert datetime.fromtimestamp(timegm(entry.published_parsed), UTC) == notice.published_at.replace(microsecond=0)
    said = {"atom": "2026-10-08T00:30:00+08:00", "rss": "Thu, 08 Oct 2026 00:30:00 +0800"}
    assert entry.published == said[form]


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_feed_is_a_feed(live_server: LiveServer, form: str) -> None:
    builders.bureau()
    for path in ("notices", "bureaus/430100", f"companies/{COMPANY}"):
        feed = read(f"{live_server.url}/feeds/{path}.{form}")
        assert feed.feed.title
        assert not feed.entries


@pytest.mark.parametrize("form", FORMS)
def test_older_pages_are_found_by_their_links_and_meet_every_notice_once(live_server: LiveServer, form: str) -> None:
    first = published("第1号工程")
    copies(first, PER_PAGE + 2)

    url, titles, pages = f"{live_server.url}/feeds/bureaus/430181.{form}", [], 0
    while url:
        feed = read(url)
        assert link(feed, "self") == url
        assert link(feed, "first") == f"{live_server.url}/feeds/bureaus/430181.{form}"
        titles += [entry.id for entry in feed.entries]
        url, pages = link(feed, "next"), pages + 1

    assert pages == 2
    assert len(titles) == len(set(titles)) == PER_PAGE + 3
    assert titles[-1].endswith(first.reference)


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_that_has_it_already_is_told_so_by_tag_or_by_date(live_server: LiveServer, form: str) -> None:
    published("浏阳市长寿路改造工程")
    url = f"{live_server.url}/feeds/notices.{form}"
    first = read(url)

    assert first.headers["cache-control"].startswith("public, max-age=60")
    assert first.headers["last-modified"] == "Thu, 08 Oct 2026 02:00:00 GMT"
    for known in ({"etag": first.etag}, {"modified": first.modified}, {"etag": first.etag, "modified": first.modified}):
        again = feedparser.parse(url, **known)
        assert again.status == 304
        assert not again.entries

    published("浏阳市第二工程", "2026-10-09 10:00")
    for known in ({"etag": first.etag}, {"modified": first.modified}, {"etag": first.etag, "modified": first.modified}):
        assert [entry.title for entry in read(url, **known).entries][1] == first.entries[0].title


def test_a_second_is_dated_only_when_nothing_of_it_can_still_come(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-08 10:00")
    builders.notice(published_at=at("2026-10-08 09:59:30"))
    fresh = client.get("/feeds/notices.atom")
    time_is("2026-10-08 10:01")
    assert "Last-Modified" not in fresh.headers
    assert client.get("/feeds/notices.atom").headers["Last-Modified"] == "Thu, 08 Oct 2026 01:59:30 GMT"


@pytest.mark.rule("N2")
@pytest.mark.parametrize("form", FORMS)
def test_a_retracted_notice_stays_in_the_feed_marked_and_dated_anew(client: FlaskClient, form: str) -> None:
    notice = builders.notice(published_at=at("2026-10-08 10:00"))
    publisher = builders.acting(Role.PUBLISHER, bureau_code=notice.bureau.code)
    done(lambda: notices.retract(notice, "合同金额写错", actor=publisher, now=at("2026-10-09 11:00")))

    feed = feedparser.parse(client.get(f"/feeds/notices.{form}").data)

    (entry,) = feed.entries
    assert entry.title == f"〔已撤回〕{notice.title}"
    assert "已撤回" in entry.summary
    assert "已撤回" in {tag.term for tag in entry.tags}
    assert datetime.fromtimestamp(timegm(feed.feed.updated_parsed), UTC) == at("2026-10-09 11:00")
    assert form == "rss" or entry.updated == "2026-10-09T11:00:00+08:00"


def test_what_no_feed_can_hold_is_left_out_of_it(sqlite_client: FlaskClient) -> None:
    builders.notice(existing=builders.entry(builders.project("长寿路\x0b\u202e工程\uffff")))
    for form in FORMS:
        feed = feedparser.parse(sqlite_client.get(f"/feeds/notices.{form}").data)
        assert not feed.bozo
        assert "长寿路工程" in feed.entries[0].title


def test_feeds_of_what_does_not_exist_are_refused_in_chinese(client: FlaskClient) -> None:
    builders.bureau()
    wrong = {
        "/feeds/bureaus/nowhere.atom": 404,
        "/feeds/bureaus/999999.ics": 404,
        "/feeds/bureaus/'; DROP TABLE notice;--.rss": 404,
        "/feeds/projects/nothing.atom": 404,
        f"/feeds/projects/{'9' * 400}.rss": 404,
        "/feeds/companies/91430000183764483X.atom": 404,
        f"/feeds/companies/{COMPANY.lower()}.rss": 404,
        "/feeds/notices.atom?before=abc": 400,
        "/feeds/notices.atom?before=-1": 400,
        "/feeds/notices.rss?before=１２": 400,
        "/feeds/notices.rss?before=9999999999999999999999": 400,
        "/feeds/notices.txt": 404,
    }
    for path, status in wrong.items():
        answer = client.get(path)
        assert answer.status_code == status, path
        assert "请" in answer.text, path
        assert "Set-Cookie" not in answer.headers


def test_a_feed_asks_the_same_few_questions_however_long_it_is(client: FlaskClient) -> None:
    first = builders.notice()
    number = first.application.project.number
    paths = [f"/feeds/{path}.{form}" for path in ("notices", "bureaus/430100", f"projects/{number}") for form in FORMS]
    paths += [f"/feeds/companies/{COMPANY}.atom", "/feeds/notices.ics", "/feeds/bureaus/430181.ics"]

    def asked() -> dict[str, int]:
        numbers = {}
        for path in paths:
            with counted() as sent:
                assert client.get(path).status_code == 200
            numbers[path] = len(sent)
        return numbers

    few = asked()
    copies(first, 20)
    assert asked() == few
    assert max(few.values()) <= 3


@pytest.mark.rule("N3")
def test_the_calendar_has_the_last_day_of_each_running_window(live_server: LiveServer) -> None:
    now = clock.now()
    running = builders.notice(published_at=now)
    other = builders.notice(
        existing=builders.entry(builders.project("株洲市乙工程", area_code="430281")), published_at=now
    )
    builders.notice(published_at=at("2026-10-08 10:00"))  # over
    db.session.commit()

    def events(path: str) -> dict[str, Component]:
        with urllib.request.urlopen(f"{live_server.url}/feeds/{path}.ics") as answer:
            assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
            assert answer.headers["ETag"]
            assert answer.headers["Set-Cookie"] is None
            calendar = Calendar.from_ical(answer.read())
        assert calendar["version"] == "2.0"
        assert not calendar.errors
        assert calendar.subcomponents  # also where no window runs
        found = calendar.walk("VEVENT")
        assert not [event.errors for event in found if event.errors]
        return {str(event["uid"]): event for event in found}

    url = f"{live_server.url}/notices/{running.reference}"
    everything = events("notices")
    assert set(everything) == {url, f"{live_server.url}/notices/{other.reference}"}
    event = everything[url]
    assert event.decoded("dtstart") == running.last_day  # a day, the same in every zone
    assert event.decoded("dtend") == running.last_day + timedelta(days=1)
    assert event.decoded("dtstamp") == running.published_at.replace(microsecond=0)
    assert running.title in str(event["summary"])
    assert "24:00（北京时间）" in str(event["description"])
    assert set(events("bureaus/430100")) == set(events("bureaus/430181")) == {url}
    assert not events("bureaus/430300")


def copies(notice: Notice, count: int) -> None:
    """As many notices more about other projects' contracts, stored without the verbs: a list wants only rows."""
    copied = {column.name: getattr(notice, column.name) for column in Notice.__table__.columns}
    case = {column.name: getattr(notice.application, column.name) for column in Application.__table__.columns}
    del copied["id"], case["id"]

    def add() -> None:
        for number in range(count):
            application = Application(**(case | {"number": f"copy-{number}"}))
            db.session.add(application)
            db.session.flush()
            row = copied | {"reference": f"GS430181-2026-9{number:04d}", "application_id": application.id}
            db.session.add(Notice(**row))

    done(add)
