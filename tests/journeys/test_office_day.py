"""A case in a real browser, from the clerk who takes it in to the decider who ends it; each with his own account."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from jobs import approve_after_recheck
from portal import clock
from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.words import NoticeStatus, Role, Status
from tests import builders
from tests.builders import at
from tests.support.browser import press, usable, visit


@pytest.fixture
def at_screen(live_server, browser):
    """An officer signed in before a screen of 1280 pixels."""

    @contextmanager
    def signed_in(username: str, width: int = 1280):
        with visit(browser, live_server.url, width=width, height=900, phone=width < 500) as page:
            page.goto("/office/")
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码").fill(builders.PASSWORD)
            press(page, "登录")
            expect(page.get_by_role("heading", name="工作台", exact=True)).to_be_visible()
            yield page

    return signed_in


@pytest.mark.rule("S9", "V3", "N3")
def test_clerk_verifier_and_publisher_bring_a_correction_on_notice(live_server, at_screen):
    entry = builders.entry()
    number = entry.project.number
    for role in (Role.CLERK, Role.VERIFIER, Role.PUBLISHER):
        builders.officer(role, username=role.value)
    db.session.commit()

    with at_screen("clerk") as page:
        page.get_by_role("main").get_by_role("link", name="收件", exact=True).click()
        page.get_by_label("项目编号").fill(number)
        press(page, "下一步")
        page.get_by_role("link", name="修正", exact=True).click()
        expect(page.get_by_text("选择要修正的环节")).to_be_visible()
        page.get_by_role("main").locator("label", has_text="合同").first.click()
        press(page, "下一步")
        expect(page.get_by_text("本项按公示办理")).to_be_visible()
        page.get_by_label("合同金额（万元）").fill("913.8285")
        page.get_by_label("申请单位", exact=True).fill("湖南三穗建筑工程有限公司")
        press(page, "提交收件")
        expect(page.get_by_text("已收件，编号")).to_be_visible()
        address = page.url

    with at_screen("verifier") as page:
        page.get_by_role("link", name="已收件，待核实").click()
        page.get_by_role("link", name="SQ430181").click()
        page.get_by_label("核实方式").select_option(label="调阅档案资料")
        page.get_by_label("核实日期").fill("2026-09-30")
        page.get_by_label("核实人员").fill("档案室 周明")
        page.get_by_text("核实属实", exact=True).first.click()
        page.get_by_label("核实情况").fill("合同原件与申请内容一致")
        press(page, "保存核实记录")
        expect(page.get_by_text("核实记录已保存。")).to_be_visible()
        press(page, "确认核实属实")
        expect(page.get_by_text("已确认核实属实")).to_be_visible()

    with at_screen("publisher") as page:
        page.goto(address)
        page.locator("summary", has_text="发布公示").click()
        expect(page.get_by_role("heading", name="现在发布，公示至")).to_be_visible()
        press(page, "确认发布")
        expect(page.get_by_text("公示已发布")).to_be_visible()

    db.session.rollback()
    assert db.session.scalars(db.select(Notice)).one().status is NoticeStatus.OPEN


@pytest.mark.rule("O5", "O6", "O7", "A4")
def test_a_decider_rules_on_a_phone_and_the_case_is_approved_once_nobody_can_ask_for_a_re_check(live_server, at_screen):
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    builders.objection(notice, "合同金额与实际不符，请核查")
    builders.done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:20")))
    builders.officer(Role.DECIDER, username="decider")
    db.session.commit()

    with at_screen("decider", width=375) as page:
        page.get_by_text("菜单").click()
        page.get_by_role("link", name="异议裁定").click()
        page.get_by_role("link", name="SQ430181").click()
        page.get_by_text("不成立", exact=True).click()
        page.get_by_label("裁定理由").fill("经核对合同原件，金额无误")
        press(page, "保存裁定")
        expect(page.get_by_text("全部理由裁定后请审核办理。")).to_be_visible()
        page.locator("summary", has_text="审核办理").click()
        page.get_by_label("办理意见").fill("异议不成立，予以办理")
        press(page, "提交：审核办理")
        usable(page, "已审核办理")

    db.session.rollback()
    case = db.session.scalars(db.select(Application)).one()
    assert [case.status] == [Status.AWAITING_RECHECK]
    assert approve_after_recheck.run(now=clock.now() + timedelta(days=30)) == (1, 0)
    assert case.status is Status.APPROVED
