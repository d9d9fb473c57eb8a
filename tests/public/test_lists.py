"""The home page and the list of notices: what they show, find and cost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.models.words import Kind
from portal.web.page_cache import PageCache
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.statements import counted

NOW = "2026-10-09 10:00"


def titles(html: str) -> list[str]:
    return re.findall(r'class="notice__title"[^>]*>([^<]*)<', html)


def named(name: str, **more: Any) -> str:
    """The reference of a notice about a project of this name, published the day before."""
    entry = builders.entry(builders.project(name, **more))
    return builders.notice(existing=entry, published_at=at("2026-10-08 10:00")).reference


def test_an_empty_portal_says_so_and_offers_a_way_on(sqlite_client: FlaskClient) -> None:
    assert "目前没有正在公示的事项" in sqlite_client.get("/").text
    assert "还没有公示" in sqlite_client.get("/notices").text


def test_home_shows_what_is_open_what_closes_today_and_where(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-13 10:00")
    builders.notice(published_at=at("2026-09-30 10:00"))
    builders.notice(published_at=at("2026-10-12 10:00"))
    quiet = builders.notice(published_at=at("2026-09-24 10:00"))
    done(lambda: notices.close_window(quiet.id, SYSTEM, now=at("2026-10-13 09:00")))

    home = sqlite_client.get("/").text

    assert re.findall(r"<b>(\d+)</b> <span>([^<]+)</span>", home)[:5] == [
        ("2", "正在公示"),
        ("1", "今日截止"),
        ("0", "明日截止"),
        ("1", "本月期满无异议"),
        ("0", "本月期满有异议"),
    ]
    assert "今日24:00截止" in home
    assert "明日24:00截止" not in home
    assert "<span>长沙</span> <b>2</b>" in home
    assert home.count('class="tile ') == 15


def test_home_and_list_show_what_closes_tomorrow(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-12 10:00")
    for _ in range(9):
        builders.notice(published_at=at("2026-09-30 10:00"))
    builders.notice(published_at=at("2026-10-12 09:00"))

    home = client.get("/").text

    assert "今日24:00截止" not in home
    shown = home.partition("明日24:00截止")[2].partition("最新公示")[0]
    assert len(titles(shown)) == 5
    assert "查看明日截止的全部 9 条" in shown
    assert len(titles(client.get("/notices?due=tomorrow").text)) == 9
    assert len(titles(client.get("/notices?due=today").text)) == 0


@pytest.mark.parametrize("words", ["长寿", "长寿路改造", "三穗", "GS430181", "HZ-", "合同"])
def test_two_characters_of_a_name_or_a_number_find_a_notice(client: FlaskClient, time_is: SetClock, words: str) -> None:
    time_is(NOW)
    named("浏阳市长寿路改造工程")

    found = client.get("/notices", query_string={"q": words}).text

    assert titles(found) == ["关于浏阳市长寿路改造工程合同信息修正的公示"]
    assert re.search(r"找到 <strong>1</strong> 条", found)


def test_a_search_that_finds_nothing_says_so_and_how_to_go_on(sqlite_client: FlaskClient) -> None:
    page = sqlite_client.get("/notices?q=不存在的工程").text
    assert "没有找到相关公示" in page
    assert "清除条件" in page


def test_filters_choose_by_bureau_kind_subject_and_status(client: FlaskClient, time_is: SetClock) -> None:
    time_is(NOW)
    named("浏阳市甲工程")
    named("株洲市乙工程", area_code="430281")
    over = builders.notice()
    done(lambda: notices.close_window(over.id, SYSTEM, now=at("2026-10-14 10:00")))

    def found(**asked: str) -> int:
        return len(titles(client.get("/notices", query_string=asked).text))

    assert found() == 3
    assert found(bureau="430181") == 2  # a county
    assert found(bureau="430100") == 2  # a city with its counties
    assert found(bureau="430200") == 1
    assert found(status="closed_clear") == 1
    assert found(kind=Kind.CORRECTION.value, subject="project_record") == 3
    assert found(kind=Kind.SUPPLEMENT.value) == 0
    assert found(bureau="430281", status="open", q="乙工") == 1
    assert found(bureau="nowhere", kind="'; DROP TABLE notice", status="", nonsense="1") == 3


def test_the_way_through_the_pages_meets_every_notice_once(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is(NOW)
    for number in range(23):
        named(f"第{number}号工程")
    first = sqlite_client.get("/notices?kind=correction").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = sqlite_client.get(older[1].replace("&amp;", "&")).text
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer

    assert len(set(titles(first)) | set(titles(second))) == 23
    assert titles(sqlite_client.get(newer[1].replace("&amp;", "&")).text) == titles(first)
    assert 'rel="next"' not in second


def test_hostile_names_in_the_address_do_not_reach_the_links(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is(NOW)
    for number in range(21):
        named(f"第{number}号工程")
    page = sqlite_client.get("/notices?_scheme=javascript&endpoint=x&_external=1&_anchor=a&reference=b")
    assert page.status_code == 200
    assert re.search(r'rel="next" href="/notices\?', page.text)


def test_htmx_gets_the_list_alone_but_a_whole_page_to_restore_history(sqlite_client: FlaskClient) -> None:
    def asked(**headers: str) -> str:
        return sqlite_client.get("/notices", headers={"HX-Request": "true", **headers}).text

    assert not asked().lstrip().startswith("<!doctype")
    assert asked(**{"HX-Boosted": "true"}).lstrip().startswith("<!doctype")
    assert asked(**{"HX-History-Restore-Request": "true"}).lstrip().startswith("<!doctype")
    vary = sqlite_client.get("/notices").headers["Vary"]
    assert {"HX-Request", "HX-Boosted", "HX-History-Restore-Request"} <= set(vary.split(", "))


def test_a_kept_page_never_stands_in_for_its_part(sqlite_app: Flask) -> None:
    store = sqlite_app.wsgi_app
    assert isinstance(store, PageCache)
    store.seconds = 60
    client = sqlite_app.test_client()
    part = {"HX-Request": "true"}
    restore = part | {"HX-History-Restore-Request": "true"}
    whole = client.get("/notices", headers=restore).text

    assert client.get("/notices", headers=part).text != whole
    assert client.get("/notices", headers=restore).text == whole


def test_public_pages_are_everybodys(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is(NOW)
    notice = named("浏阳市长寿路改造工程")
    for path in ("/", "/notices", "/notices?q=长寿", f"/notices/{notice}"):
        plain = sqlite_client.get(path)
        known = sqlite_client.get(path, headers={"Cookie": "session=eyJfdXNlcl9pZCI6IjEifQ.x.y; remember_token=1"})
        again = sqlite_client.get(path, headers={"If-None-Match": plain.headers["ETag"]})

        assert plain.data == known.data
        for answer in (plain, known):
            assert "Set-Cookie" not in answer.headers
            assert "Cookie" not in answer.headers["Vary"].split(", ")
            assert answer.headers["Cache-Control"].startswith("public")
        assert again.status_code == 304
        assert not again.data


def test_the_list_asks_few_questions_whatever_is_narrowed_and_so_does_a_notice(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is(NOW)
    for number in range(25):
        named(f"第{number}号工程")
    shown = builders.notice()
    builders.objection(shown)

    paths = (
        "/notices",
        "/notices?q=工程&bureau=430181&kind=correction&status=open",
        f"/notices/{shown.reference}",
        "/",
    )
    client.get("/")  # a process asks the calendar once
    # a search asks for the page, and for all its hits, which the numbers beside the choices are counted from
    for path, most in zip(paths, (4, 7, 5, 6), strict=True):
        with counted() as sent:
            assert client.get(path).status_code == 200
        assert len(sent) <= most, "\n".join(sent)
