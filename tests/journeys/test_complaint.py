"""A false record is reported anonymously, the office asks and answers, the filer is not satisfied: on a phone and at a
desk, with and without JavaScript; axe finds nothing to complain of on the way.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, expect

from portal.extensions import db
from portal.models.words import Role
from tests import builders
from tests.complaints import OUTCOME, TEXT
from tests.support import browser as real_browser
from tests.support.files import photograph
from tests.support.web_server import LiveServer

LONG = "湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路及综合管网配套基础设施工程总承包一标段"
PHOTO: FilePayload = {"name": "现场照片.jpg", "mimeType": "image/jpeg", "buffer": photograph("张三")}


class Walk:
    """One visitor's way; with `look` every page he comes to is asked by axe and must fit his screen."""

    def __init__(self, page: Page, *, look: bool) -> None:
        self.page, self.look = page, look

    def go(self, path: str) -> None:
        """To an address."""
        self.page.goto(path)
        self.check(path)

    def press(self, name: str) -> None:
        """Press a button and look at where it leads."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()
        self.check(name)

    def send(self, name: str, until: str) -> None:
        """Press a button whose answer may be swapped into the page, and wait for what it says."""
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.get_by_text(until).first).to_be_visible()
        self.check(name)

    def check(self, where: str) -> None:
        """Nothing sticks out, nobody is shut out."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where
        if self.look:
            found = Axe().run(self.page).response["violations"]
            assert not found, (where, [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in found])


def report(walk: Walk) -> tuple[str, str]:
    """Find the project by two characters, say what is wrong with it, anonymously. Number and code."""
    page = walk.page
    walk.go("/complaints")
    walk.press("开始填写")
    walk.press("下一步：身份方式")  # nothing said yet
    page.get_by_label("业绩信息虚假").check()
    page.get_by_label("查找公示、项目、企业或部门").fill("礼耕")
    walk.press("查找")
    walk.press(f"选择工程项目 {LONG}")
    walk.press("下一步：身份方式")
    expect(page.get_by_text("本件将由浏阳市住房和城乡建设局办理")).to_be_visible()
    page.get_by_label("实名", exact=True).check()
    walk.press("下一步：内容与证据")  # the name is missing
    page.get_by_label("匿名").check()
    walk.press("下一步：内容与证据")
    page.get_by_label("情况说明").fill("太短")
    page.get_by_label("证据材料（选填）").set_input_files(files=[PHOTO])
    walk.press("下一步：核对")
    expect(page.get_by_text("现场照片.jpg")).to_be_visible()
    page.get_by_label("情况说明").fill(TEXT)
    walk.press("下一步：核对")
    expect(page.get_by_text(TEXT)).to_be_visible()
    walk.press("提交投诉举报")
    pair = page.locator("#receipt-number").inner_text(), page.locator("#receipt-code").inner_text()
    page.get_by_label("再输入一次查询码").fill(pair[1])
    walk.press("核对")
    expect(page.get_by_text("查询码正确")).to_be_visible()
    assert not page.context.cookies()
    return pair


def look_up(walk: Walk, number: str, code: str) -> None:
    """Open it on the progress page."""
    walk.go(f"/progress?number={number}")
    walk.page.get_by_label("查询码").fill(code)
    walk.press("查询")


def sign_in(page: Page, username: str, number: str) -> None:
    """An officer, at the complaint."""
    page.goto(f"/office/session/new?next=/office/complaints/{number}")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(builders.PASSWORD)
    page.get_by_label("密码").press("Enter")
    page.wait_for_url(f"**/office/complaints/{number}")


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
        walk = Walk(page, look=javascript)  # axe itself is a script
        number, code = report(walk)
        look_up(walk, number, code)
        page.get_by_label("留言", exact=True).fill("我还可以提供录音")
        walk.send("送出", "已送达办理部门")

        sign_in(desk, username, number)
        office = Walk(desk, look=javascript)
        office.check("the complaint at its desk")
        expect(desk.get_by_text("我还可以提供录音")).to_be_visible()
        office.press("登记")
        office.press("受理")
        desk.get_by_label("留言", exact=True).fill("请在本页上传录音")
        office.press("送出留言")
        desk.get_by_text("作出结论并答复").first.click()
        desk.get_by_label("部分属实").check()
        desk.get_by_label("答复（将告知提交人）").fill(OUTCOME)
        office.press("确认：作出结论并答复")
        office.go("/office/complaints?view=all")
        expect(desk.get_by_role("link", name=number)).to_be_visible()

        look_up(walk, number, code)
        expect(page.get_by_text("请在本页上传录音")).to_be_visible()
        expect(page.get_by_text(OUTCOME)).to_be_visible()
        page.get_by_label("没有解决").check()
        page.get_by_label("说明（选填）").fill("没有询问当事人")
        walk.send("提交评价", "长沙市住房和城乡建设局正在重新办理")
        assert desk.goto(f"/office/complaints/{number}").status == 404  # type: ignore[union-attr]
