"""What can be taken away from a notice: the poster as page and as PDF, the QR code, the last day for a calendar."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from pypdf import PdfReader

from portal.config import ROOT
from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import begin_write, db
from portal.models.calendar_day import CalendarDay
from portal.models.notice import Notice
from portal.models.words import DayKind, Role
from portal.web import pdf
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.reading import words

LONG = "湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路及综合管网配套基础设施工程总承包一标段"
INSTALL = "apt-get install"


@pytest.fixture
def notice(sqlite_client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice whose window ends with 13 October, on the morning of the 9th."""
    time_is("2026-10-09 10:00")
    place = builders.bureau()
    begin_write()
    place.address, place.telephone = "浏阳市金沙北路1号", "0731-83611234"
    db.session.commit()
    return builders.notice(existing=builders.entry(builders.project(LONG)), published_at=at("2026-09-30 10:00"))


def sheet(client: FlaskClient, notice: Notice) -> PdfReader:
    answer = client.get(f"/notices/{notice.reference}/poster.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    return PdfReader(io.BytesIO(answer.data))


def squeezed(text: str) -> str:
    return "".join(text.split())


SAID = (
    LONG,
    "浏阳市住房和城乡建设局",
    "861.28万元",
    "913.83万元",
    "异议截止",
    "2026年10月13日星期二24:00",
    "自2026年10月8日起计",
    "国庆节，不计",
    "第3日调休",  # a make-up day that counts
    "浏阳市金沙北路1号",
    "0731-83611234",
    "可以匿名",
)


@pytest.mark.rule("N1")
def test_the_poster_says_what_where_until_when_and_how_to_object(sqlite_client: FlaskClient, notice: Notice) -> None:
    shown = squeezed(words(sqlite_client.get(f"/notices/{notice.reference}/poster").text))
    for said in (*SAID, notice.reference, notice.content_hash, f"http://localhost/notices/{notice.reference}"):
        assert said in shown, said


@pytest.mark.rule("N1")
def test_the_pdf_is_one_sheet_of_a4_whose_text_can_be_searched_and_read_aloud(
    sqlite_client: FlaskClient, notice: Notice
) -> None:
    read = sheet(sqlite_client, notice)

    assert len(read.pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in read.pages[0].mediabox.upper_right] == [210, 297]
    text = squeezed(read.pages[0].extract_text())
    for said in (*SAID, notice.reference, notice.content_hash, f"http://localhost/notices/{notice.reference}"):
        assert said in text, said
    assert read.metadata is not None
    assert read.metadata.title == notice.title
    catalog: Any = read.trailer["/Root"]
    assert catalog["/Lang"] == "zh-CN"
    assert "/StructTreeRoot" in catalog


def test_the_same_notice_gives_the_same_bytes_so_that_nobody_loads_them_twice(
    sqlite_client: FlaskClient, notice: Notice
) -> None:
    address = f"/notices/{notice.reference}/poster.pdf"
    first = sqlite_client.get(address)
    assert sqlite_client.get(address).data == first.data
    again = sqlite_client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Content-Disposition"] == f'inline; filename="{notice.reference}.pdf"'


@pytest.mark.rule("N2", "N5")
def test_a_poster_that_is_no_longer_true_says_so(sqlite_client: FlaskClient, notice: Notice, time_is: SetClock) -> None:
    publisher = builders.acting(Role.PUBLISHER)
    done(lambda: notices.retract(notice, "承包单位名称有误", actor=publisher, now=at("2026-10-08 10:00")))
    assert "本公示已撤回。理由：承包单位名称有误" in words(sheet(sqlite_client, notice).pages[0].extract_text())

    time_is("2026-12-25 10:00")
    guessed = builders.notice(published_at=at("2026-12-25 10:00"))
    shown = words(sqlite_client.get(f"/notices/{guessed.reference}/poster").text)
    assert "异议截止（暂定）" in shown
    assert "截止日以网页为准" in shown

    over = builders.notice(published_at=at("2026-11-02 10:00"))
    assert "公示期已结束" in sqlite_client.get(f"/notices/{over.reference}/poster").text


def test_mark_up_in_a_name_is_printed_and_not_obeyed(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    name = '<img src="file:///etc/passwd"><b>甲</b>工程'
    hostile = builders.notice(existing=builders.entry(builders.project(name)), published_at=at("2026-10-08 10:00"))
    assert squeezed(name) in squeezed(sheet(sqlite_client, hostile).pages[0].extract_text())


@pytest.fixture
def neighbour() -> Iterator[tuple[str, list[str]]]:
    """A web server of somebody else: its address, and what it was asked for."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_told: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_making_a_sheet_asks_nobody_for_anything(neighbour: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = neighbour
    secret = tmp_path / "secret.css"
    secret.write_text("p::before { content: 'secret' }")
    page = f"""<!doctype html><html lang="zh-CN"><head><title>公示</title>
        <link rel="stylesheet" href="{url}/a.css"><link rel="stylesheet" href="{secret.as_uri()}">
        <style>@import url({url}/b.css); p {{ background: url({url}/c.png) }}</style></head>
        <body><p>公示</p><img src="{url}/d.png" alt=""><object data="{url}/e.svg"></object></body></html>"""

    text = PdfReader(io.BytesIO(pdf.of(page, "poster.css"))).pages[0].extract_text()

    assert "公示" in text
    assert "secret" not in text
    assert asked == []


def test_where_the_library_is_missing_the_address_leads_to_the_page_to_be_printed(
    sqlite_client: FlaskClient, notice: Notice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)  # as on a machine where it cannot be imported
    answer = sqlite_client.get(f"/notices/{notice.reference}/poster.pdf")
    assert answer.status_code == 503
    assert "另存为 PDF" in answer.text
    assert f'href="/notices/{notice.reference}/poster"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert INSTALL in caplog.text


def test_a_third_who_wants_a_sheet_at_once_is_led_on_and_keeps_no_page_waiting(
    sqlite_client: FlaskClient, notice: Notice
) -> None:
    address = f"/notices/{notice.reference}/poster.pdf"
    with pdf._places, pdf._places:
        assert sqlite_client.get(address).status_code == 503
    assert sqlite_client.get(address).status_code == 200


def test_a_machine_without_a_chinese_font_is_told_what_to_install(tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(
        f"<?xml version='1.0'?><fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    tried = subprocess.run(
        [sys.executable, "-m", "portal.web.pdf"],
        cwd=ROOT, env=os.environ | {"FONTCONFIG_FILE": str(config)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tried.returncode != 0
    assert INSTALL in tried.stderr.splitlines()[-1]


def test_the_qr_code_holds_the_permanent_address(sqlite_client: FlaskClient, notice: Notice) -> None:
    answer = sqlite_client.get(f"/notices/{notice.reference}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    drawn = io.BytesIO()
    meant = segno.make(f"http://localhost/notices/{notice.reference}", error="q", micro=False)
    meant.save(drawn, kind="svg", scale=4, border=2, dark="#000", light="#fff", xmldecl=False)
    assert answer.data == drawn.getvalue()


def event(client: FlaskClient, notice: Notice) -> Any:
    answer = client.get(f"/notices/{notice.reference}/window.ics")
    assert answer.mimetype == "text/calendar"
    (found,) = Calendar.from_ical(answer.data).walk("VEVENT")
    return found


@pytest.mark.rule("N1", "N3")
def test_the_last_day_can_be_put_into_a_calendar_and_rings_that_morning(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    found = event(client, notice)
    assert found["dtstart"].dt == date(2026, 10, 13)
    assert found["dtend"].dt == date(2026, 10, 14)
    assert found["uid"] == f"http://localhost/notices/{notice.reference}"
    assert found["summary"] == f"公示截止：{notice.title}"
    assert "24:00（北京时间）前可以提出异议" in found["description"]
    assert found["status"] == "CONFIRMED"
    (bell,) = found.walk("VALARM")
    assert bell["trigger"].dt == timedelta(hours=9)


@pytest.mark.rule("N5", "N6")
def test_a_moved_last_day_moves_the_entry_and_a_retracted_notice_cancels_it(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    before = event(client, notice)
    holiday = db.session.get(CalendarDay, date(2026, 10, 12)) or CalendarDay(day=date(2026, 10, 12))
    holiday.kind, holiday.name, holiday.source = DayKind.STATUTORY_HOLIDAY, "调整放假", "国办发明电〔2026〕9号"
    done(lambda: db.session.merge(holiday))
    done(lambda: notices.settle(notice, actor=SYSTEM, now=at("2026-10-09 09:00")))
    moved = event(client, notice)
    publisher = builders.acting(Role.PUBLISHER)
    done(lambda: notices.retract(notice, "承包单位名称有误", actor=publisher, now=at("2026-10-09 09:30")))
    gone = event(client, notice)

    assert (before["dtstart"].dt, moved["dtstart"].dt) == (date(2026, 10, 13), date(2026, 10, 14))
    assert before["sequence"] < moved["sequence"] < gone["sequence"]
    assert before["uid"] == moved["uid"] == gone["uid"]
    assert gone["status"] == "CANCELLED"
    assert not gone.walk("VALARM")


@pytest.mark.rule("N2")
@pytest.mark.parametrize("what", ["poster", "poster.pdf", "qr.svg", "window.ics"])
def test_what_belongs_to_an_unknown_notice_is_a_page_with_a_way_on(sqlite_client: FlaskClient, what: str) -> None:
    answer = sqlite_client.get(f"/notices/GS430181-2026-99999/{what}")
    assert answer.status_code == 404
    assert "公示发布后一直保留" in answer.text


def test_the_address_on_paper_is_the_one_the_settings_name(sqlite_app: Flask, notice: Notice) -> None:
    settings = dataclasses.replace(sqlite_app.config["PORTAL"], site_url="https://gs.example.gov.cn")
    sqlite_app.config["PORTAL"] = settings
    shown = sqlite_app.test_client().get(f"/notices/{notice.reference}/poster", base_url="http://evil.example")
    assert f"https://gs.example.gov.cn/notices/{notice.reference}" in shown.text
    assert "evil.example" not in shown.text
