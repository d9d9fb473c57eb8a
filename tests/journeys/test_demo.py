"""What a newcomer does with `make run`: publish or object, move the clock, see it approved or contested."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.config import ROOT
from portal.demo import staff
from tests.support import browser as real_browser
from tests.support.browser import press

START_WITHIN_SECONDS = 240


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo of its own, started by the command that `make run` uses and ended by Ctrl-C."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    state = tmp_path_factory.mktemp("demo")
    log = (state / "log").open("w")
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("portal")), "demo", "run", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "PORTAL_STATE": str(state)},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    until = time.monotonic() + START_WITHIN_SECONDS
    while "演示已启动" not in (state / "log").read_text():
        assert process.poll() is None, (state / "log").read_text()
        assert time.monotonic() < until, (state / "log").read_text()
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    os.killpg(process.pid, signal.SIGINT)
    try:
        assert process.wait(timeout=20) == 0, (state / "log").read_text()
    finally:
        log.close()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def visitor(browser: Browser, demo: str) -> Iterator[Page]:
    """A newcomer at a desk."""
    with real_browser.visit(browser, demo, width=1280, height=900) as page:
        yield page


def sign_in(page: Page, username: str) -> None:
    page.goto("/office/session/new")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(staff.PASSWORD)
    press(page, "登录")
    expect(page.get_by_role("heading", name="工作台", exact=True)).to_be_visible()


@pytest.mark.rule("O1", "O3", "N9")
def test_a_newcomer_objects_moves_the_clock_and_sees_the_case_contested(visitor: Page) -> None:
    visitor.goto("/notices?q=凯乐")
    visitor.get_by_role("link", name=re.compile("凯乐南路")).first.click()
    expect(visitor.get_by_role("heading", name="对内容有异议？")).to_be_visible()
    address = visitor.url
    press(visitor, "我要提出异议")
    visitor.get_by_label("匿名", exact=True).check()
    visitor.get_by_role("button", name=re.compile("^下一步")).click()
    visitor.get_by_role("textbox", name=re.compile("第一条理由")).fill("补充协议没有公示，金额无法核对")
    visitor.get_by_role("button", name=re.compile("^下一步")).click()
    press(visitor, "提交异议")
    expect(visitor.get_by_role("heading", name="异议已收到")).to_be_visible()
    number = re.search(r"YY\d{6}-\w{8}-\w", visitor.locator("main").inner_text())
    assert number, visitor.locator("main").inner_text()
    visitor.goto(address)
    press(visitor, "前进到公示届满")
    expect(visitor.locator("main")).to_contain_text("公示期满有异议")
    sign_in(visitor, "hunan.shenhe")
    visitor.goto("/office/rulings")
    expect(visitor.locator("main")).to_contain_text("凯乐南路")


@pytest.mark.rule("N1", "N3", "N8", "N9", "T7")
def test_a_newcomer_publishes_a_verified_case_moves_the_clock_and_sees_it_approved(visitor: Page) -> None:
    sign_in(visitor, "xinshao.gongshi")
    visitor.get_by_role("link", name="核实属实，待公示").click()
    expect(visitor.get_by_role("heading", name="申请", exact=True)).to_be_visible()
    visitor.get_by_role("link", name=re.compile("SQ430522")).first.click()
    visitor.locator("summary", has_text="发布公示").click()
    press(visitor, "确认发布")
    visitor.get_by_role("link", name="查看公示页面").click()
    for left in (5, 4, 3, 2, 1):
        expect(visitor.locator("main")).to_contain_text(f"还剩{left}个工作日")
        press(visitor, "前进到下一个工作日")
    expect(visitor.locator("main")).to_contain_text("今日截止")
    press(visitor, "前进到公示届满")
    expect(visitor.locator("main")).to_contain_text("公示期满无异议")
    history = visitor.locator("main")
    for sentence in ("收到修正申请", "核实完毕", "发布公示", "写入"):
        expect(history).to_contain_text(sentence)


@pytest.mark.rule("N1")
def test_a_newcomer_opens_the_redacted_evidence_of_a_notice(visitor: Page) -> None:
    visitor.goto("/notices?q=十标")
    visitor.get_by_role("link", name=re.compile("十标招投标信息修正")).first.click()
    expect(visitor.get_by_role("heading", name="公开材料")).to_be_visible()
    with visitor.expect_download() as begun:
        visitor.get_by_role("link", name=re.compile("中标通知书.*已遮盖")).click()
    assert Path(begun.value.path()).read_bytes().startswith(b"\x89PNG")
