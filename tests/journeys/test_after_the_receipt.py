"""After the receipt, in a real browser, on a phone and at a desk, with and without JavaScript: a question and its
answer, a re-check, a withdrawal; and a look-up that costs a computation. Every page is asked by axe whether all can use
it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import clock
from portal.domain import decisions, dialogue, filings, limits, notices, objections, receipts
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.filings import Ground
from portal.extensions import db
from portal.models.objection import Objection
from portal.models.words import Disposition, FilingStatus, Role
from portal.web.visitors import key_of
from tests import builders
from tests.builders import done
from tests.support import browser as real_browser
from tests.support.browser import press, usable
from tests.support.web_server import LiveServer

VISITORS = [(375, True), (375, False), (1280, True), (320, False)]
WRONG = "AAAAA-AAAAA-AAAAA-AAAAA"


@pytest.fixture(params=VISITORS, ids=real_browser.name_of)
def visitor(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of each visitor in turn."""
    with real_browser.visit_by(request.param, browser, live_server.url) as page:
        yield page


def filed(days_ago: int = 0) -> tuple[Objection, str]:
    """An anonymous objection to a notice published that long ago, and its code; the running server sees it."""
    when = clock.now() - timedelta(days=days_ago)
    notice = builders.notice(published_at=when)
    token = done(lambda: filings.begin(notice.id, now=when))
    grounds = [Ground("合同金额与中标通知书不一致，请核对原件"), Ground("签订日期早于中标日期")]
    number = done(
        lambda: objections.file(notice.id, token, grounds, filings.ANONYMOUS, arrived_at=when, actor=PUBLIC, now=when)
    )
    found: Objection = builders.filed(number)
    return found, receipts.code_for(token)


def dismissed() -> tuple[Objection, str]:
    """The same, answered an hour ago: every ground was dismissed and the case decided."""
    objection, code = filed(days_ago=30)
    ended = objection.notice.ends_at + timedelta(minutes=10)
    done(lambda: notices.close_window(objection.notice_id, SYSTEM, now=ended))
    decider, when = builders.acting(Role.DECIDER), clock.now() - timedelta(hours=1)
    rule = partial(objections.rule_on_ground, disposition=Disposition.DISMISSED, reason="经核对原件，金额一致")
    for ground in objection.grounds:
        done(partial(rule, ground, actor=decider, now=when))
    case = objection.notice.application
    done(lambda: decisions.conclude_contested(case, "经集体研究，异议均不成立", actor=decider, now=when))
    return objection, code


def look(page: Page, number: str, code: str) -> None:
    """Type number and code and press the button."""
    page.goto(f"/progress?number={number}")
    page.get_by_label("查询码").fill(code)
    press(page, "查询")


@pytest.mark.rule("O4")
def test_a_question_is_asked_answered_and_read(visitor: Page) -> None:
    objection, code = filed()
    number = objection.number
    look(visitor, number, code)
    expect(visitor.get_by_role("heading", level=1)).to_contain_text(number)
    visitor.get_by_label("留言").fill("请问需要提供合同原件吗")
    press(visitor, "送出")
    usable(visitor, "已送达办理部门")
    decider = builders.acting(Role.DECIDER)
    done(lambda: dialogue.answer(objection, "不需要，复印件即可。", actor=decider, now=clock.now()))
    look(visitor, number, code)
    expect(visitor.get_by_text("不需要，复印件即可。")).to_be_visible()

    visitor.get_by_text("撤回这件异议", exact=True).click()
    press(visitor, "撤回异议")
    expect(visitor.get_by_text("请勾选确认后再撤回").first).to_be_visible()
    visitor.get_by_label("我确认撤回这件异议").check()
    press(visitor, "撤回异议")
    expect(visitor.get_by_text("异议已撤回。", exact=False).first).to_be_visible()
    db.session.expire_all()
    assert objection.status is FilingStatus.WITHDRAWN


@pytest.mark.rule("O5", "O7")
def test_the_answer_to_each_ground_is_read_and_a_re_check_asked_for(visitor: Page) -> None:
    objection, code = dismissed()
    look(visitor, objection.number, code)
    expect(visitor.get_by_text("经核对原件，金额一致")).to_have_count(2)
    usable(visitor, "经核对原件，金额一致")
    visitor.get_by_label("为什么不同意答复").fill("合同原件与答复所说的不是同一份")
    press(visitor, "申请复核")
    expect(visitor.get_by_text("复核申请已送达上一级部门")).to_be_visible()
    expect(visitor.get_by_text("复核中")).to_be_visible()


@pytest.mark.rule("O4")
def test_after_many_guesses_the_browser_computes_by_itself_and_a_hasty_press_waits_for_it(
    phone: Page, live_server: LiveServer
) -> None:
    objection, code = filed()
    number = objection.number
    with live_server.app.test_request_context():
        mine = key_of("127.0.0.1")
    for _ in range(10):
        done(lambda: limits.wrong_pair(mine, number, now=clock.now()))
    look(phone, number, code)
    usable(phone, "浏览器算好后才能再次查询")
    expect(phone.get_by_text("计算已完成")).to_be_visible(timeout=60_000)
    press(phone, "查询")
    expect(phone.get_by_role("heading", level=1)).to_contain_text(number)

    look(phone, number, code)
    expect(phone.get_by_text("浏览器算好后才能再次查询")).to_be_visible()
    press(phone, "查询")  # at once
    expect(phone.get_by_role("heading", level=1)).to_contain_text(number, timeout=60_000)


def test_everybody_can_use_the_pages_after_the_receipt(desktop: Page, phone: Page) -> None:
    running, first = filed()
    answered, second = dismissed()
    pairs = [(running.number, first), (answered.number, second)]
    for page in (desktop, phone):
        for address, showing in (("/progress", "找不到回执？"), ("/limits", "每小时的次数")):
            page.goto(address)
            usable(page, showing)
        look(page, running.number, WRONG)
        usable(page, "请先处理以下问题")
        for number, code in pairs:
            look(page, number, code)
            expect(page.get_by_role("heading", level=1)).to_contain_text(number)
            usable(page, "理由与裁定")
        press(page, "送出")
        usable(page, "请写下要说的话")
