"""From two characters of a name to a project, its company and what became of a false entry: on a phone and at a desk,
with and without JavaScript; axe finds nothing to complain of.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.domain import circulars, deletions, notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.record import RecordEntry
from portal.models.words import DataLevel, Role
from tests import builders
from tests.builders import acting, at, contract, done
from tests.support import browser as real_browser
from tests.support.browser import usable
from tests.support.web_server import LiveServer

CODE, NAME = "91430100MA4L12346D", "湖南甲建设有限公司"
LONG = "湖南湘江新区岳麓高新技术产业开发区智能网联汽车测试区配套市政道路提质改造工程（二期）施工总承包第三标段"
WHY = "经调阅原始合同，该合同并不存在"


def told() -> RecordEntry:
    """A project with one entry changed by a notice, one corrected and one deleted, and a circular; the deleted one."""
    works = builders.project(LONG, owner_name="浏阳市公用事业局")
    content = contract() | {"contractor_code": CODE, "contractor_name": NAME}
    changed, wrong, false = (
        builders.entry(works, content=content, level=level) for level in (DataLevel.D, DataLevel.A, DataLevel.D)
    )
    notice = builders.notice(existing=changed, published_at=at("2026-09-11 10:00"))
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-09-19 00:20")))
    decider, province = acting(Role.DECIDER), acting(Role.DECIDER, bureau_code="430000")
    now = at("2026-10-02 09:30")
    done(lambda: deletions.delete_entry(false, WHY, actor=decider, now=now))
    done(lambda: deletions.correct_entry(wrong, {**content, "amount": "500"}, WHY, actor=decider, now=now))
    text = "经查，该企业提供虚假合同。\n现予通报。"
    done(lambda: circulars.publish("关于虚假业绩的通报", text, ["省发展和改革委员会"], actor=province, now=now))
    db.session.commit()
    return false


@pytest.mark.rule("I3", "L6")
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "without"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_reader_finds_a_project_by_two_characters_and_learns_what_became_of_it(
    browser: Browser, live_server: LiveServer, width: int, javascript: bool
) -> None:
    told()
    with real_browser.visit(
        browser, live_server.url, width=width, height=812, phone=width < 500, javascript=javascript
    ) as page:
        page.goto("/records")
        page.get_by_label("项目或企业名称").fill("网联")
        page.get_by_role("button", name="查询").click()
        expect(page.get_by_role("status")).to_have_text("找到 1 个项目")
        page.get_by_role("link", name=LONG).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
        usable(page, "这条档案不实，已删除，不能作为业绩使用。")
        page.get_by_role("link", name=CODE).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
        usable(page, "参建 1 个项目")
        page.get_by_role("link", name="举报这家企业的信息").click()
        expect(page.get_by_text(f"您要反映的是企业：{NAME}")).to_be_visible()
        usable(page, "您要反映的是企业")
        assert not page.context.cookies()


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_everybody_can_use_every_page_of_the_record(device: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(device)
    number = told().project.number
    empty = builders.project().number
    db.session.commit()
    for path, showing in (
        ("/records", "最近收录的项目"),
        ("/records?q=网联", "找到 1 个项目"),
        ("/records?kind=company", "最近收录的企业"),
        ("/records?q=没有的词", "没有找到相关项目"),
        ("/records?q=，。", "里没有可以查找的文字"),
        (f"/projects/{number}", "这条档案不实，已删除，不能作为业绩使用。"),
        (f"/projects/{empty}", "本项目还没有业绩档案"),
        (f"/companies/{CODE}", "参建 1 个项目"),
        ("/records/remedies", "经核查不属实的业绩信息"),
        ("/circulars", "对弄虚作假、篡改数据等问题的处理"),
        ("/circulars/TB-2026-001", "抄送"),
        ("/companies/91430100MA4L12346X", "没有找到这家企业"),
    ):
        page.goto(path)
        for folded in page.locator("details:not([open]) > summary").all():
            folded.click()
        usable(page, showing)
