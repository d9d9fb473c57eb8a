"""What stands around every public page, in a real browser: by keyboard, in larger type, on the narrowest phone, without
JavaScript, on paper; and the pages of a notice asked by axe whether everybody can use them.
"""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from portal import clock
from portal.domain import notices
from portal.extensions import db
from portal.models.words import Role
from tests import builders
from tests.builders import at, done
from tests.support import browser as real_browser
from tests.support.browser import press, usable
from tests.support.web_server import LiveServer

LONG = "湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路及综合管网配套基础设施工程总承包一标段"
SHOWING = {
    "home": "最新公示",
    "list": "两个字就能查",
    "narrowed": "清除条件",
    "empty": "今日没有截止的公示",
    "running": "我要提出异议",
    "over": "异议期已过",
    "retracted": "本公示已撤回。",
    "replacing": "本公示代替已撤回的公示",
    "poster": "A4 纸一页",
    "unknown": "没有找到这个公示",
}
"""Words of each page that do not stand on the one before."""
NAVIGATION = ["首页", "公示", "业绩档案", "投诉举报", "我要申请", "进度查询", "通报", "数据开放"]


@pytest.fixture
def addresses(live_server: LiveServer) -> dict[str, str]:
    """Pages by what they show: notices that run, ended, were retracted and replaced; lists full, narrowed and empty."""
    publisher = builders.acting(Role.PUBLISHER)
    running = builders.notice(existing=builders.entry(builders.project(LONG)), published_at=clock.now())
    over = builders.notice(published_at=at("2026-09-11 10:00"))
    old = builders.notice(published_at=at("2026-09-30 10:00"))
    done(lambda: notices.retract(old, "承包单位名称有误", actor=publisher, now=at("2026-10-08 10:00")))
    new = done(lambda: notices.publish(old.application, actor=publisher, now=clock.now()))
    db.session.commit()
    return {
        "home": "/",
        "list": "/notices",
        "narrowed": "/notices?bureau=430181&status=open&sort=closing",
        "empty": "/notices?due=today&kind=supplement",
        "running": f"/notices/{running.reference}",
        "over": f"/notices/{over.reference}",
        "retracted": f"/notices/{old.reference}",
        "replacing": f"/notices/{new.reference}",
        "poster": f"/notices/{running.reference}/poster",
        "unknown": "/notices/GS430181-2026-99999",
    }


@pytest.mark.parametrize(("width", "larger"), [(320, False), (320, True), (375, True), (1280, False)])
def test_every_page_fits_and_axe_finds_nothing(
    browser: Browser, live_server: LiveServer, addresses: dict[str, str], width: int, larger: bool
) -> None:
    with real_browser.visit(browser, live_server.url, width=width, height=812, phone=width < 500) as page:
        if larger:
            page.goto("/")
            page.get_by_label("大字").check()
        for name, address in addresses.items():
            page.goto(address)
            usable(page, SHOWING[name])


def test_larger_type_is_remembered_on_the_device_and_by_no_cookie(phone: Page, addresses: dict[str, str]) -> None:
    phone.goto("/")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    normal = phone.evaluate(size)
    phone.get_by_label("大字").check()
    assert phone.evaluate(size) > 1.2 * normal
    phone.goto(addresses["running"])
    assert phone.evaluate(size) > 1.2 * normal
    expect(phone.get_by_label("大字")).to_be_checked()
    phone.get_by_label("大字").uncheck()
    assert phone.evaluate(size) == normal
    assert not phone.context.cookies()


def test_without_javascript_type_grows_too_and_everything_is_a_link_or_a_form(
    browser: Browser, live_server: LiveServer, addresses: dict[str, str]
) -> None:
    with real_browser.visit(browser, live_server.url, width=375, height=812, phone=True, javascript=False) as page:
        page.goto(addresses["list"])
        title = page.locator(".notice__title").first
        before = title.bounding_box()
        page.get_by_label("大字").check()
        after = title.bounding_box()
        assert before
        assert after
        assert after["height"] > before["height"]
        page.get_by_label("状态").select_option(label="已撤回（1）")
        press(page, "查询")
        expect(page.locator(".notice")).to_have_count(1)
        page.locator(".notice__title").click()
        expect(page.get_by_text("本公示已撤回。")).to_be_visible()
        expect(page.get_by_role("button", name="打印本页")).to_be_hidden()  # it could do nothing
        page.get_by_role("link", name="打印张贴海报").click()
        expect(page.get_by_role("heading", name="公示截止")).to_be_visible()


def test_the_keyboard_reaches_the_text_at_once_and_everything_in_sight(
    desktop: Page, addresses: dict[str, str]
) -> None:
    desktop.goto(addresses["running"])
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("link", name="跳到正文")).to_be_focused()
    assert desktop.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    desktop.keyboard.press("Enter")
    desktop.keyboard.press("Tab")
    assert desktop.evaluate("document.querySelector('main').contains(document.activeElement)")

    desktop.goto(addresses["running"])
    reached = []
    for _ in range(60):
        desktop.keyboard.press("Tab")
        tag, name, outlines = desktop.evaluate(
            """() => { const e = document.activeElement;
                       const shown = [e, ...(e.labels || [])].map(each => getComputedStyle(each).outlineStyle);
                       return [e.tagName, e.textContent.trim() || e.id, shown] }"""
        )
        if tag == "BODY":
            break  # once round
        reached.append(name)
        assert {*outlines} != {"none"}, name
        expect(desktop.locator(":focus")).to_be_in_viewport()
    order = [name for name in dict.fromkeys(reached) if name in [*NAVIGATION, "我要提出异议", "截止日加入日历"]]
    assert order == [*NAVIGATION, "我要提出异议", "截止日加入日历"]


def test_on_paper_stands_the_matter_and_no_machinery(desktop: Page, addresses: dict[str, str]) -> None:
    desktop.emulate_media(media="print")

    def printed(name: str) -> str:
        desktop.goto(addresses[name])
        return "".join(desktop.locator("body").inner_text().split())

    notice = printed("running")
    for said in (LONG, "公示截止", "24:00", "861.28万元", "913.83万元", "不变的内容", "HT-2015-001", "内容固定"):
        assert said in notice, said  # what is folded on the page is printed open
    expect(desktop.get_by_alt_text("二维码：本公示的固定网址")).to_be_visible()
    for machinery in ("数据开放", "打印本页", "加入日历", "邮件订阅"):
        assert machinery not in notice, machinery

    poster = printed("poster")
    assert LONG in poster
    assert "异议截止" in poster
    assert "下载PDF" not in poster
    assert "联系方式" not in poster
    assert len(PdfReader(io.BytesIO(desktop.pdf(format="A4"))).pages) == 1
