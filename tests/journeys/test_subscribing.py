"""From a company's page to a letter and out again, on a phone and at a desk, with and without JavaScript; each page
asked by axe whether everybody can use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from jobs import send_alerts, send_mail
from portal import clock
from portal.extensions import db
from tests import builders
from tests.subscribers import READER
from tests.support import browser as real_browser
from tests.support.browser import press, usable
from tests.support.postbox import SITE, Postbox, server
from tests.support.web_server import serve

CODE = "91430000183764483Y"
WAYS = [(375, True), (375, False), (1280, True)]


@pytest.fixture
def postbox(sqlite_app: Flask) -> Iterator[Postbox]:
    """The mail server the portal sends to."""
    box = Postbox()
    with server(sqlite_app, box):
        yield box


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}{'' if way[1] else '-without-javascript'}")
def reader(
    request: pytest.FixtureRequest, browser: Browser, sqlite_app: Flask, postbox: Postbox, tmp_path: Path
) -> Iterator[Page]:
    """A page of somebody with a device, at a portal that can send mail."""
    width, javascript = request.param
    with (
        serve(sqlite_app.config["PORTAL"], tmp_path / "server.log") as url,
        real_browser.visit(
            browser, url, width=width, height=812, phone=width < 500, javascript=javascript
        ) as page,
    ):  # fmt: skip
        yield page


def link_in(text: str, ending: str = "") -> str:
    found = re.search(rf"{re.escape(SITE)}(/alerts/[\w-]+{ending})(?=\s|>|$)", text)
    assert found, text
    return found[1]


def minute() -> None:
    """What the timetable does in one minute."""
    db.session.rollback()
    send_alerts.run(now=clock.now())
    send_mail.run(now=clock.now())


@pytest.mark.rule("N10")
def test_a_reader_subscribes_to_a_company_hears_of_it_and_leaves(reader: Page, postbox: Postbox) -> None:
    builders.notice(published_at=clock.now())
    minute()
    reader.goto(f"/companies/{CODE}")
    reader.get_by_role("link", name="邮件提醒").click()
    usable(reader, "不想留邮箱？")
    expect(reader.get_by_label("统一社会信用代码")).to_have_value(CODE)
    press(reader, "发送确认信")
    expect(reader.get_by_role("alert")).to_contain_text("请填写邮箱")
    usable(reader, "请填写邮箱")
    expect(reader.get_by_label("统一社会信用代码")).to_have_value(CODE)
    reader.get_by_label("有新公示就发").check()
    reader.get_by_label("邮箱", exact=True).fill(READER)
    press(reader, "发送确认信")
    expect(reader.get_by_role("heading", level=1)).to_have_text("请查收确认信")
    usable(reader, "请查收确认信")

    minute()
    reader.goto(link_in(postbox.letters[-1].get_content()))
    usable(reader, "不是您本人订阅的？")
    press(reader, "确认订阅")
    usable(reader, "订阅已生效")
    expect(reader.get_by_label("有新公示就发")).to_be_checked()

    notice = builders.notice(published_at=clock.now())
    minute()
    assert len(postbox.letters) == 2
    assert f"/notices/{notice.reference}" in postbox.letters[-1].get_content()

    reader.goto(link_in(postbox.letters[-1]["List-Unsubscribe"], "/unsubscription"))
    usable(reader, "退订公示提醒")
    press(reader, "退订")
    expect(reader.get_by_role("heading", level=1)).to_have_text("已退订")
    usable(reader, "已退订")
    builders.notice(published_at=clock.now())
    minute()
    assert len(postbox.letters) == 2
    assert not reader.context.cookies()
