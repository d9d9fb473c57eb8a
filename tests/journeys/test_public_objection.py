"""Two characters, two grounds, three files, one receipt: the whole way of a citizen, on a phone and at a desk, with
and without JavaScript; and every public page asked by axe whether everybody can use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import select

from portal import clock
from portal.domain import notices
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.words import Role
from tests import builders
from tests.builders import at, done
from tests.support import browser as real_browser
from tests.support.browser import press, press_to, usable
from tests.support.files import pdf, photograph
from tests.support.web_server import LiveServer

PDF: FilePayload = {"name": "中标通知书.pdf", "mimeType": "application/pdf", "buffer": pdf()}
CONTRACT: FilePayload = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": pdf(pages=2)}
BROKEN: FilePayload = {"name": "坏的.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 and nothing else"}
PHOTO: FilePayload = {"name": "现场照片.jpg", "mimeType": "image/jpeg", "buffer": photograph("张三")}
LONG = "湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路及综合管网配套基础设施工程总承包一标段"


@dataclass(frozen=True)
class Visitor:
    """Somebody with a device."""

    width: int
    javascript: bool


VISITORS = [Visitor(width, javascript) for width in (375, 1280) for javascript in (True, False)]


@pytest.fixture(params=VISITORS, ids=lambda v: f"{v.width}{'' if v.javascript else '-without-javascript'}")
def visitor(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of each visitor in turn."""
    who: Visitor = request.param
    with real_browser.visit(
        browser, live_server.url, width=who.width, height=812, phone=who.width < 500, javascript=who.javascript
    ) as page:
        yield page


def published(name: str = LONG) -> Notice:
    """A notice of today about a project of this name, which the running server sees."""
    made = builders.notice(existing=builders.entry(builders.project(name)), published_at=clock.now())
    db.session.commit()
    return made


@pytest.mark.rule("O1", "O3")
def test_a_citizen_finds_a_notice_objects_and_follows_the_answer(visitor: Page) -> None:
    published("浏阳市长寿路改造工程")
    notice = published()

    visitor.goto("/notices")
    visitor.get_by_label("项目、企业或编号").fill("礼耕")
    press(visitor, "查询")
    expect(visitor.get_by_text("找到 1 条公示")).to_be_visible()
    visitor.get_by_role("link", name="礼耕路").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text(notice.title)
    press(visitor, "我要提出异议")

    # the name is missing: told so, nothing lost
    visitor.get_by_label("实名但要求保密").check()
    visitor.get_by_label("联系电话").fill("13907310000")
    press(visitor, "下一步：理由与证据")
    expect(visitor.get_by_role("alert")).to_contain_text("实名提出请填写姓名或单位名称")
    visitor.get_by_label("姓名或单位名称").fill("王小明")
    press(visitor, "下一步：理由与证据")

    visitor.get_by_label("第一条理由", exact=True).fill("合同金额与中标通知书不一致")
    visitor.get_by_label("第一条理由的证据文件").set_input_files(files=[PDF, CONTRACT])
    press(visitor, "再加一条理由")
    visitor.get_by_label("第二条理由（选填）", exact=True).fill("短")
    visitor.get_by_label("第二条理由的证据文件").set_input_files(files=[PHOTO])
    press(visitor, "下一步：核对")
    expect(visitor.get_by_role("alert")).to_contain_text("第2条理由请写明情况")
    for name in ("中标通知书.pdf", "合同.pdf", "现场照片.jpg"):
        expect(visitor.get_by_text(name)).to_be_visible()
    visitor.get_by_label("第二条理由（选填）", exact=True).fill("合同签订日期早于中标公示日期")
    press(visitor, "下一步：核对")

    expect(visitor.get_by_text("王小明")).to_be_visible()
    expect(visitor.get_by_text("中标通知书.pdf、合同.pdf")).to_be_visible()
    usable(visitor, "提交后立即得到编号和查询码")
    press(visitor, "提交异议")

    usable(visitor, "异议已收到")
    number, code = visitor.locator("#receipt-number").inner_text(), visitor.locator("#receipt-code").inner_text()
    visitor.get_by_label("再输入一次查询码").fill(code.lower().replace("-", " "))
    press(visitor, "核对")
    expect(visitor.get_by_text("查询码正确")).to_be_visible()
    visitor.get_by_role("link", name="去查询进度").click()
    expect(visitor.get_by_label("回执编号")).to_have_value(number)  # brought along; the code never is
    visitor.get_by_label("查询码").fill(code)
    press(visitor, "查询")

    expect(visitor.get_by_text("合同签订日期早于中标公示日期")).to_be_visible()
    expect(visitor.get_by_text("中标通知书.pdf")).to_be_visible()
    usable(visitor, "理由与裁定")
    db.session.rollback()
    objection = db.session.scalars(select(Objection)).one()
    assert objection.number == number
    assert [len(ground.evidence) for ground in objection.grounds] == [2, 1]
    assert not visitor.context.cookies()


def test_the_list_is_narrowed_in_place_and_the_back_button_returns(desktop: Page) -> None:
    published("浏阳市长寿路改造工程")
    published()
    desktop.goto("/notices")
    desktop.evaluate("window.stillHere = true")
    desktop.get_by_label("项目、企业或编号").fill("长寿")
    press(desktop, "查询")
    expect(desktop.locator(".notice")).to_have_count(1)
    assert desktop.evaluate("window.stillHere")  # no new page was loaded
    expect(desktop).to_have_url(re.compile(r"[?&]q="))

    desktop.goto("/progress")
    desktop.go_back()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("公示")  # the whole page, not the list alone
    expect(desktop.locator(".notice")).to_have_count(1)


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_everybody_can_use_every_public_page(device: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(device)
    running = published()
    over = builders.notice(published_at=at("2026-09-11 10:00"))
    back = builders.notice(published_at=at("2026-09-30 10:00"))
    publisher = builders.acting(Role.PUBLISHER)
    done(lambda: notices.retract(back, "承包单位名称有误", actor=publisher, now=at("2026-10-08 10:00")))
    db.session.commit()

    for path, showing in (
        ("/", "最新公示"),
        ("/notices", "两个字就能查"),
        ("/notices?q=没有的词", "没有找到相关公示"),
        (f"/notices/{running.reference}", "我要提出异议"),
        (f"/notices/{over.reference}", "异议期已过"),
        (f"/notices/{back.reference}", "本公示已撤回。"),
        ("/progress", "找不到回执？"),
        ("/nowhere", "没有找到您要的内容"),
        ("/notices/GS1", "没有找到这个公示"),
    ):
        page.goto(path)
        usable(page, showing)
    page.goto("/progress")
    press_to(page, "查询", "请先处理以下问题")
    page.goto(f"/notices/{over.reference}")
    press_to(page, "我要投诉举报", "您提交的内容将作为投诉举报受理")
    page.goto(f"/notices/{running.reference}")
    press_to(page, "我要提出异议", "三种方式效力相同")
    page.get_by_label("实名", exact=True).check()
    page.get_by_label("单位", exact=True).check()
    press_to(page, "下一步：理由与证据", "请先处理以下问题")
    page.get_by_label("匿名").check()
    press_to(page, "下一步：理由与证据", "一条理由说一件事")
    press_to(page, "下一步：核对", "请先处理以下问题")
    page.get_by_label("第一条理由", exact=True).fill("合同金额与中标通知书不一致")
    page.get_by_label("第一条理由的证据文件").set_input_files(files=[PDF, BROKEN])
    usable(page, "可能已损坏")
    press(page, "不上传 坏的.pdf")
    press_to(page, "再加一条理由", "删去第2条理由")
    press_to(page, "下一步：核对", "提交后立即得到编号和查询码")
    press_to(page, "提交异议", "异议已收到")
    press_to(page, "核对", "请先处理以下问题")
    code = page.locator("#receipt-code").inner_text()
    page.get_by_role("link", name="去查询进度").click()
    page.get_by_label("查询码").fill(code)
    press_to(page, "查询", "理由与裁定")
