"""A citizen objects, downloads the signed receipt, and verifies it, on a phone and at a desk, with and without
JavaScript; and again after somebody made the objection disappear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import clock
from portal.extensions import db
from portal.models.objection import Objection
from tests import builders
from tests.support import browser as real_browser
from tests.support.browser import press, usable
from tests.support.losing import lose
from tests.support.web_server import LiveServer

VISITORS = [(375, True), (320, False), (1280, True), (1280, False)]


@pytest.fixture(params=VISITORS, ids=real_browser.name_of)
def visitor(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of each visitor in turn."""
    with real_browser.visit_by(request.param, browser, live_server.url) as page:
        yield page


@pytest.mark.rule("O4", "T6")
def test_a_citizen_keeps_a_receipt_that_outlives_the_objection(visitor: Page, tmp_path: Path) -> None:
    notice = builders.notice(published_at=clock.now())
    db.session.commit()
    visitor.goto(f"/notices/{notice.reference}")
    press(visitor, "我要提出异议")
    visitor.get_by_label("匿名").check()
    press(visitor, "下一步：理由与证据")
    visitor.get_by_label("第一条理由", exact=True).fill("合同金额与中标通知书不一致")
    press(visitor, "下一步：核对")
    press(visitor, "提交异议")

    usable(visitor, "异议已收到")
    with visitor.expect_download() as waiting:
        visitor.get_by_role("link", name="下载签名回执").click()
    assert waiting.value.suggested_filename.startswith("签名回执-YY")
    kept = tmp_path / "receipt.txt"
    waiting.value.save_as(kept)

    visitor.get_by_role("link", name="验证回执").first.click()
    usable(visitor, "您粘贴或上传的内容不保存")
    visitor.get_by_label("或者选择下载的回执文件").set_input_files(kept)
    press(visitor, "验证")
    usable(visitor, "签名有效，登记在案。")

    db.session.rollback()
    lose("objection", db.session.scalars(db.select(Objection.number)).one())
    visitor.get_by_label("粘贴回执的全部内容").fill(kept.read_text(encoding="utf-8"))
    press(visitor, "验证")
    usable(visitor, "签名有效，系统中查无此件。")
    visitor.get_by_label("粘贴回执的全部内容").fill("编号YY261009")
    press(visitor, "验证")
    expect(visitor.get_by_role("alert")).to_contain_text("不是一份完整的签名回执")
    usable(visitor, "不是一份完整的签名回执")
    assert not visitor.context.cookies()
