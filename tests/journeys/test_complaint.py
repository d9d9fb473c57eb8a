"""A false record is reported anonymously, the office asks and answers, the filer is not satisfied: on a phone and at a
desk, with and without JavaScript; axe finds nothing to complain of on the way.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from portal.extensions import db
from portal.models.words import Role
from tests import builders
from tests.complaints import OUTCOME, TEXT
from tests.support import browser as real_browser
from tests.support.browser import press_to, usable
from tests.support.files import photograph
from tests.support.web_server import LiveServer

LONG = "湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路及综合管网配套基础设施工程总承包一标段"
PHOTO: FilePayload = {"name": "现场照片.jpg", "mimeType": "image/jpeg", "buffer": photograph("张三")}


def report(page: Page) -> tuple[str, str]:
    """Find the project by two characters, say what is wrong with it, anonymously. Number and code."""
    page.goto("/complaints")
    usable(page, "怎么办理")
    press_to(page, "开始填写", "业绩、金额、日期、人员等与事实不符。")
    press_to(page, "下一步：身份方式", "请先处理以下问题")  # nothing said yet
    page.get_by_label("业绩信息虚假").check()
    page.get_by_label("查找公示、项目、企业或部门").fill("礼耕")
    press_to(page, "查找", "找到以下1个，请选择")
    press_to(page, f"选择工程项目 {LONG}", "已选择工程项目")
    press_to(page, "下一步：身份方式", "三种方式都会办理。")
    expect(page.get_by_text("本件将由浏阳市住房和城乡建设局办理")).to_be_visible()
    page.get_by_label("实名", exact=True).check()
    press_to(page, "下一步：内容与证据", "请先处理以下问题")  # the name is missing
    page.get_by_label("匿名").check()
    press_to(page, "下一步：内容与证据", "希望怎样处理")
    page.get_by_label("情况说明").fill("太短")
    page.get_by_label("证据材料（选填）").set_input_files(files=[PHOTO])
    press_to(page, "下一步：核对", "请先处理以下问题")
    expect(page.get_by_text("现场照片.jpg")).to_be_visible()
    page.get_by_label("情况说明").fill(TEXT)
    press_to(page, "下一步：核对", "提交后立即得到编号和查询码")
    expect(page.get_by_text(TEXT)).to_be_visible()
    press_to(page, "提交投诉举报", "投诉举报已收到")
    pair = page.locator("#receipt-number").inner_text(), page.locator("#receipt-code").inner_text()
    page.get_by_label("再输入一次查询码").fill(pair[1])
    press_to(page, "核对", "查询码正确")
    assert not page.context.cookies()
    return pair


def look_up(page: Page, number: str, code: str) -> None:
    """Open it on the progress page."""
    page.goto(f"/progress?number={number}")
    usable(page, "找不到回执？")
    page.get_by_label("查询码").fill(code)
    press_to(page, "查询", "与办理部门的对话")


def sign_in(page: Page, username: str, number: str) -> None:
    """An officer, at the complaint."""
    page.goto(f"/office/session/new?next=/office/complaints/{number}")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(builders.PASSWORD)
    page.get_by_label("密码").press("Enter")
    page.wait_for_url(f"**/office/complaints/{number}")
    usable(page, "与提交人的对话")


@pytest.mark.rule("C1", "C2", "C3", "C4", "C5")
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "without"])
@pytest.mark.parametrize("width", [375, 1280])
def test_a_false_record_is_reported_answered_and_taken_one_tier_up(
    browser: Browser, live_server: LiveServer, width: int, javascript: bool
) -> None:
    builders.project(LONG)
    username = builders.officer(Role.COMPLAINT_HANDLER).username
    db.session.commit()
    with (
        real_browser.visit(
            browser, live_server.url, width=width, height=812, phone=width < 500, javascript=javascript
        ) as page,
        real_browser.visit(browser, live_server.url, width=1280, height=900, javascript=javascript) as desk,
    ):
        number, code = report(page)
        look_up(page, number, code)
        page.get_by_label("留言", exact=True).fill("我还可以提供录音")
        press_to(page, "送出", "已送达办理部门")

        sign_in(desk, username, number)
        expect(desk.get_by_text("我还可以提供录音")).to_be_visible()
        press_to(desk, "登记", "已登记。")
        press_to(desk, "受理", "已受理，")
        desk.get_by_label("留言", exact=True).fill("请在本页上传录音")
        press_to(desk, "送出留言", "已送出，")
        desk.get_by_text("作出结论并答复").first.click()
        desk.get_by_label("部分属实").check()
        desk.get_by_label("答复（将告知提交人）").fill(OUTCOME)
        press_to(desk, "确认：作出结论并答复", "已答复，")
        desk.goto("/office/complaints?view=all")
        usable(desk, "由您的岗位办理的投诉举报")
        expect(desk.get_by_role("link", name=number)).to_be_visible()

        look_up(page, number, code)
        expect(page.get_by_text("请在本页上传录音")).to_be_visible()
        expect(page.get_by_text(OUTCOME)).to_be_visible()
        page.get_by_label("没有解决").check()
        page.get_by_label("说明（选填）").fill("没有询问当事人")
        press_to(page, "提交评价", "长沙市住房和城乡建设局正在重新办理")
        assert desk.goto(f"/office/complaints/{number}").status == 404  # type: ignore[union-attr]
