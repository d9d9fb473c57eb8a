"""Narrowing the list of notices: the numbers beside the choices, the two orders, and the way through their pages."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.config import Settings
from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.models.words import DataLevel, Kind
from portal.public import notice_tally
from tests import builders
from tests.builders import at, done
from tests.conftest import application
from tests.public.conftest import SetClock
from tests.public.statements import counted
from tests.support.databases import KINDS, Databases

PLACES = ("430181", "430121", "430281", "431302")


@pytest.fixture
def some(client: FlaskClient, time_is: SetClock) -> None:
    """Eleven notices of four bureaus, two kinds and three states, on the morning of 13 October."""
    time_is("2026-10-13 10:00")
    for number in range(8):
        entry = builders.entry(builders.project(f"第{number}号道路工程", area_code=PLACES[number % 4]))
        builders.notice(existing=entry, published_at=at("2026-09-30 10:00" if number % 3 else "2026-10-12 10:00"))
    builders.notice(kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.C, published_at=at("2026-10-12 10:00"))
    quiet, contested = (builders.notice(published_at=at("2026-09-24 10:00")) for _ in range(2))
    builders.objection(contested)
    for over in (quiet, contested):
        done(lambda over=over: notices.close_window(over.id, SYSTEM, now=at("2026-10-13 09:00")))  # type: ignore[misc]


def numbers(page: str) -> Iterator[tuple[str, str, int]]:
    """Name and value of each choice that is offered, and the number beside it."""
    for name, options in re.findall(r'<select[^>]* name="(\w+)">(.*?)</select>', page, re.S):
        for value, number in re.findall(r'<option value="(\w+)"[^>]*>[^<]*（(\d+)）</option>', options):
            yield name, value, int(number)


def titles(page: str) -> list[str]:
    return re.findall(r'class="notice__title" href="([^"]+)"', page)


def test_the_number_beside_a_choice_is_what_the_choice_would_show(client: FlaskClient, some: None) -> None:
    for asked in (
        {},
        {"bureau": "430100"},
        {"bureau": "430181", "kind": "correction"},
        {"due": "tomorrow", "bureau": "430200"},
        {"kind": "level_upgrade", "status": "closed_clear"},
        {"q": "道路工程"},
        {"q": "道路", "bureau": "430181", "due": "tomorrow"},
    ):
        page = client.get("/notices", query_string=asked).text
        shown = list(numbers(page))
        assert len(shown) > 100
        for name, value, number in shown:
            if number or name != "bureau":
                others = {key: said for key, said in asked.items() if (name, key) != ("status", "due")}
                found = titles(client.get("/notices", query_string={**others, name: value}).text)
                assert len(found) == number, (asked, name, value)
        quick = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+) <span class="count">(\d+)</span></a>', page)
        assert len(quick) == 4
        for address, words, number in quick:
            assert len(titles(client.get(html.unescape(address)).text)) == int(number), (asked, words)


def test_the_way_through_what_closes_soonest_meets_every_notice_once(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-12 12:00")
    days = ("2026-09-29", "2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10", "2026-10-12")
    for number in range(45):
        case = builders.entry(builders.project(f"第{number}号工程"))
        builders.notice(existing=case, published_at=at(f"{days[number * 7 % 6]} 10:00"))
    met, ends, pages, address = [], [], [], "/notices?sort=closing"
    while address:
        page = sqlite_client.get(address).text
        met += titles(page)
        ends += re.findall(r"截止</span>([^<]+)<", page)
        pages.append(titles(page))
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(onward[1]) if onward else ""

    assert len(met) == len(set(met)) == 45
    assert [len(page) for page in pages] == [20, 20, 5]
    order = [tuple(map(int, re.findall(r"\d+", end))) for end in ends]
    assert order == sorted(order)

    back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert back
    before = sqlite_client.get(html.unescape(back[1])).text
    assert titles(before) == pages[1]
    back = re.search(r'rel="prev" href="([^"]+)"', before)
    assert back
    assert titles(sqlite_client.get(html.unescape(back[1])).text) == pages[0]


def test_a_key_that_means_nothing_shows_a_page_all_the_same(client: FlaskClient, some: None) -> None:
    for query in (
        "later=2026-10-13",
        "later=x.1",
        "later=9999-12-31.1",
        "later=0001-01-01.1",
        "later=2026-10-13.99999999999999999999",
        "later=2026-10-13.%D9%A1",
        "sooner=2026-02-30.1&later=2026-10-13.1",
        "later=2026-10-13.1&later=2026-10-14.2&sort=x",
        "before=9999999999999999999999",
        "status=closed_clear",
        "due=yesterday",
    ):
        for address in (f"/notices?sort=closing&{query}", f"/notices?{query}"):
            assert client.get(address).status_code == 200, address


def test_words_and_choices_narrow_together_in_both_orders(client: FlaskClient, some: None) -> None:
    for asked in ({"q": "道路"}, {"q": "道路", "due": "today"}, {"q": "3号", "sort": "closing"}):
        whole = titles(client.get("/notices", query_string=asked).text)
        here = titles(client.get("/notices", query_string={**asked, "bureau": "430281"}).text)
        assert set(here) <= set(whole)
        assert all("/GS430281" in address for address in here)
    assert len(titles(client.get("/notices?q=道路&bureau=430181").text)) == 2
    assert len(titles(client.get("/notices?q=道路&sort=closing").text)) == 8


def test_the_numbers_cost_one_question_and_are_kept_for_a_minute(client: FlaskClient, some: None) -> None:
    with counted() as sent:
        client.get("/notices?bureau=430100&kind=correction")
    assert len([statement for statement in sent if "UNION ALL" in statement]) == 1
    known = notice_tally.tally()
    assert sum(n for _values, n in known.cells[""]) == 11
    assert sum(n for _values, n in known.cells["today"]) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_counted_anew_beside_the_requests(databases: Databases, kind: str, tmp_path: Path) -> None:
    def shown(client: FlaskClient) -> int:
        return {value: n for _name, value, n in numbers(client.get("/notices").text)}["correction"]

    with databases.fresh(kind) as url, application(Settings.for_tests(url, tmp_path, counts_seconds=1.0)) as app:
        client = app.test_client()
        builders.notice()
        seen = [shown(client)]
        builders.notice()
        until = time.monotonic() + 30
        while seen[-1] != 2 and time.monotonic() < until:
            time.sleep(0.1)
            seen.append(shown(client))
    assert (seen[0], seen[-1]) == (1, 2)
