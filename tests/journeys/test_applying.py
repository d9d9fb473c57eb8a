"""A company's clerk applies for a correction, is told what is missing, and supplies it: on a phone and at a desk, with
JavaScript and without; axe finds nothing to complain of on the way.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from portal import clock
from portal.domain import deficiencies
from portal.extensions import db
from portal.models.application import ApplicationReceipt
from portal.models.words import Origin, Role, Section, Status
from tests import builders
from tests.builders import done
from tests.domain.office import blank
from tests.support import browser as real_browser
from tests.support.browser import press, usable
from tests.support.files import pdf
from tests.support.web_server import LiveServer

WHO = {
    "申请单位统一社会信用代码": "91430000183764483Y",
    "联系人": "周明",
    "联系电话": "13800000000",
}


def paper(name: str) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf(name)}


def apply(page: Page) -> tuple[str, str]:
    """Choose, be told, fill in, check, send: number and code of the receipt."""
    page.goto("/applications")
    usable(page, "一、哪个项目")
    page.get_by_label("项目名称或编号").fill("高端装备")
    press(page, "查找")
    page.get_by_role("link", name=re.compile("高端装备")).click()
    page.get_by_role("link", name="修正", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("合同")).check()
    page.get_by_role("checkbox", name=re.compile("施工许可")).check()
    press(page, "下一步")
    told = page.locator("main")
    expect(told).to_contain_text("本项按公示办理")
    expect(told).to_contain_text("本项按线上办理事项变更，不公示")
    usable(page, "三、怎样办理")
    press(page, "开始填写")
    page.locator("[name=c_amount]").fill("很多钱")
    page.locator("[name=c1_days]").fill("300")
    page.get_by_label("申请单位", exact=True).fill("湖南三穗建筑工程有限公司")
    for label, text in WHO.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(re.compile("申请表扫描件")).set_input_files(paper("申请表.pdf"))
    press(page, "下一步：核对")
    expect(page.get_by_role("alert")).to_contain_text("不是一个可用的数字")
    expect(page.locator("main")).to_contain_text("申请表.pdf")  # kept through the error
    usable(page, "不是一个可用的数字")
    page.locator("[name=c_amount]").fill("913.8285")
    press(page, "下一步：核对")
    expect(page.locator("main")).to_contain_text("档案将这样变更")
    usable(page, "档案将这样变更")
    press(page, "提交申请")
    expect(page.get_by_role("heading", name="申请已收到")).to_be_visible()
    usable(page, "申请已收到")
    return page.locator("#receipt-number").inner_text(), page.locator("#receipt-code").inner_text()


def answer(page: Page, number: str, code: str) -> None:
    """Open the progress page, answer one item, save, come back, answer the other, send."""
    page.goto(f"/progress?number={number}")
    page.get_by_label("查询码").fill(code)
    press(page, "查询")
    usable(page, "一次性告知书")
    page.get_by_label("第1项：材料").set_input_files(paper("合同全文.pdf"))
    press(page, "保存，稍后再补")
    expect(page.get_by_role("status").filter(has_text="还没有送出")).to_be_visible()
    press(page, "送出补正")
    expect(page.get_by_role("alert")).to_contain_text("第2项还没有补正")
    usable(page, "第2项还没有补正")
    expect(page.locator("main")).to_contain_text("合同全文.pdf")
    page.get_by_label(re.compile("第2项：补正后的内容")).fill("913.90")
    press(page, "送出补正")
    expect(page.get_by_role("status").filter(has_text="补正已送达办理部门")).to_be_visible()
    usable(page, "补正已送达办理部门，不能再修改。")
    expect(page.locator("main")).to_contain_text("逾期没有告知的，自收到之日起即为受理")


@pytest.mark.rule("S4", "S7", "S8", "S9", "V1")
@pytest.mark.parametrize(
    ("width", "javascript"), [(375, True), (1280, False)], ids=["phone", "desktop without JavaScript"]
)
def test_a_company_applies_and_answers_the_deficiency_notice(
    browser: Browser, live_server: LiveServer, width: int, javascript: bool
) -> None:
    works = builders.project("湖南省浏阳市经济技术开发区高端装备制造产业园标准化厂房及配套基础设施（一期）建设项目")
    builders.entry(works)
    builders.entry(
        works, section=Section.CONSTRUCTION_PERMIT, origin=Origin.ONLINE, number="SX-001",
        content=blank(Section.CONSTRUCTION_PERMIT, permit_number="430181202203010101", issue_date="2022-03-01"),
    )  # fmt: skip
    clerk = builders.acting(Role.CLERK)
    with real_browser.visit(
        browser, live_server.url, width=width, height=812, phone=width < 400, javascript=javascript
    ) as page:
        number, code = apply(page)
        db.session.rollback()
        receipt = db.session.scalars(db.select(ApplicationReceipt).where(ApplicationReceipt.number == number)).one()
        case = receipt.cases[0]
        notes = {"1/contract": "只见封面，请提供全部页", "1/field/amount": "与合同第3页不一致"}
        done(lambda: deficiencies.draw_up(case, notes, actor=clerk, now=clock.now()))
        answer(page, number, code)
    db.session.expire_all()
    assert [each.status for each in receipt.cases] == [Status.RECEIVED, Status.RECEIVED]
    assert case.changes[0].after["amount"] == "913.9"
    assert [file.name for file in case.deficiency_notices[0].items[0].files] == ["合同全文.pdf"]
