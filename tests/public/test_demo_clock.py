"""The demo's clock: moved by a button on every page, and by nothing outside the demo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.config import Settings
from portal.domain import escalation
from portal.models.words import NoticeStatus, SightingOutcome
from tests import builders
from tests.builders import at
from tests.conftest import application
from tests.support.databases import Databases
from tests.watching import looked


@pytest.fixture
def demo(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """The application as the demo runs it, on the morning of 9 October 2026."""
    with databases.fresh("sqlite") as url:
        settings = Settings.for_tests(url, tmp_path, demo=True, demo_clock_file=tmp_path / "clock.json")
        with application(settings) as app:
            clock.start_demo_at(at("2026-10-09 10:00"))
            yield app
    clock.use_demo_file(None)


def test_the_banner_shows_the_date_and_moves_it_from_any_page(demo: Flask) -> None:
    client = demo.test_client()
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    other = builders.notice(published_at=at("2026-09-29 10:00"))  # ends a day earlier
    page = f"http://localhost/notices/{notice.reference}"
    assert "演示日期：2026年10月9日 星期五" in client.get(page).text

    answer = client.post("/demo/clock", data={"to": "next-working-day"}, headers={"Referer": page})
    assert answer.location == f"/notices/{notice.reference}"
    assert "演示日期：2026年10月10日 星期六" in client.get(page).text  # a make-up day

    answer = client.post("/demo/clock", data={"to": "window-end"}, headers={"Referer": page})
    assert "Set-Cookie" not in answer.headers
    shown = client.get(page)
    assert "演示日期：2026年10月14日" in shown.text
    assert "公示期满无异议" in shown.text
    assert shown.headers["Cache-Control"] == "public, max-age=0"
    assert {notice.status, other.status} == {NoticeStatus.CLOSED_CLEAR}


@pytest.mark.rule("N7")
def test_the_time_that_is_jumped_over_is_no_gap_in_a_notice(demo: Flask) -> None:
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    looked(notice, "2026-10-09 09:59", SightingOutcome.UNREACHABLE)
    demo.test_client().post("/demo/clock", data={"to": "next-working-day"}, headers={"Referer": "http://localhost/"})
    looked(notice, clock.now())
    assert (notice.gaps, notice.gap_undecided, notice.sightings) == (0, False, 1)


@pytest.mark.parametrize(
    "referrer", ["", "https://elsewhere.example/notices", "http://localhost//elsewhere", "::", "["]
)
def test_a_strange_referrer_leads_home(demo: Flask, referrer: str) -> None:
    answer = demo.test_client().post("/demo/clock", data={"to": "x"}, headers={"Referer": referrer})
    assert answer.status_code == 303
    assert answer.location == "/"


def test_outside_the_demo_there_is_no_such_button_and_no_such_address(sqlite_app: Flask) -> None:
    client = sqlite_app.test_client()
    assert client.post("/demo/clock", data={"to": "window-end"}).status_code == 404
    assert "演示" not in client.get("/").text


@pytest.mark.rule("O8")
def test_an_objection_whose_limit_passes_in_the_jump_is_taken_one_tier_up(demo: Flask) -> None:
    objection = builders.objection(builders.notice(published_at=at("2026-09-30 10:00")))
    clock.start_demo_at(at("2026-10-27 10:00"))
    demo.test_client().post("/demo/clock", data={"to": "next-working-day"}, headers={"Referer": "http://localhost/"})
    taken = escalation.of(objection)
    assert taken is not None
    assert (taken.last_day, taken.bureau.code) == (date(2026, 10, 27), "430100")
