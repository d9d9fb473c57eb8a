"""Files on their way: over a broken connection, two buttons too early, two clicks at once, and far too large."""

from __future__ import annotations

import http.client
import socket
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from sqlalchemy import func, select

from portal import clock
from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket
from portal.models.objection import Objection
from tests import builders
from tests.support import browser as real_browser
from tests.support.browser import press
from tests.support.files import pdf
from tests.support.web_server import LiveServer

REASON = "合同金额与中标通知书不一致"
TOO_LARGE = 200 * 2**20


def paper(name: str, pages: int = 1) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf(pages=pages)}


def open_grounds(page: Page) -> None:
    """An anonymous objection to a notice of today, at its second step."""
    notice = builders.notice(published_at=clock.now())
    db.session.commit()
    page.goto(f"/notices/{notice.reference}")
    press(page, "我要提出异议")
    press(page, "下一步：理由与证据")
    page.get_by_label("第一条理由", exact=True).fill(REASON)


def kept() -> list[str]:
    """Names of the files kept with drafts."""
    db.session.rollback()
    return list(db.session.scalars(select(Attachment.name).order_by(Attachment.id)))


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("第一条理由的证据文件").set_input_files(files=list(files))


@pytest.mark.rule("O3")
def test_a_file_is_sent_again_by_itself_when_the_connection_breaks_and_is_kept_once(phone: Page) -> None:
    open_grounds(phone)
    sent = []

    def break_twice(route: Route) -> None:
        sent.append(route)
        if len(sent) == 1:
            route.abort("internetdisconnected")  # before anything arrived
        elif len(sent) == 2:
            route.fetch()  # it arrived, and the answer is lost
            route.abort("connectionreset")
        else:
            route.continue_()

    phone.route("**/files/0", break_twice)
    choose(phone, paper("中标通知书.pdf"))
    expect(phone.get_by_text("连接中断，2秒后自动重试（第1次）")).to_be_visible()
    expect(phone.locator("[data-kept]").get_by_text("中标通知书.pdf")).to_be_visible(timeout=15_000)
    expect(phone.locator("[data-sending]")).to_be_hidden()
    assert len(sent) == 3
    assert kept() == ["中标通知书.pdf"]


@pytest.mark.rule("O3")
def test_a_file_on_its_way_shows_how_far_it_is_and_the_next_step_waits_for_it(desktop: Page) -> None:
    open_grounds(desktop)
    first: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if first:
            route.continue_()
        else:
            first.append(route)

    desktop.route("**/files/0", hold_the_first)
    choose(desktop, paper("合同.pdf"), paper("图纸.pdf", 2))
    expect(desktop.get_by_role("progressbar", name="上传进度：合同.pdf")).to_be_visible()
    expect(desktop.get_by_text("等待上传").last).to_be_visible()
    press(desktop, "下一步：核对")
    expect(desktop.get_by_text("传完后自动进入下一步")).to_be_visible()
    first[0].continue_()
    desktop.wait_for_url("**/check")
    expect(desktop.get_by_text("合同.pdf、图纸.pdf")).to_be_visible()


@pytest.mark.rule("O3", "O9")
def test_who_loses_the_connection_comes_back_by_the_address_on_another_device(
    phone: Page, browser: Browser, live_server: LiveServer
) -> None:
    open_grounds(phone)
    choose(phone, paper("中标通知书.pdf"))
    expect(phone.locator("[data-kept]").get_by_text("中标通知书.pdf")).to_be_visible()
    press(phone, "保存，稍后再填")
    phone.wait_for_url("**/grounds#evidence")
    address = phone.url.partition("/grounds")[0]
    with real_browser.visit(browser, live_server.url, width=1280, height=900, javascript=False) as desk:
        desk.goto(address)
        expect(desk.get_by_text("中标通知书.pdf")).to_be_visible()
        expect(desk.get_by_text(REASON)).to_be_visible()
        press(desk, "提交异议")
        expect(desk.get_by_text("异议已收到")).to_be_visible()
        desk.go_back()
        expect(desk.get_by_text("异议已收到")).to_be_visible()  # the back button leads to the receipt too


@pytest.mark.rule("O1")
def test_two_clicks_at_once_are_one_objection_with_one_receipt(desktop: Page) -> None:
    open_grounds(desktop)
    press(desktop, "下一步：核对")
    desktop.get_by_role("button", name="提交异议").dblclick()
    expect(desktop.get_by_text("异议已收到")).to_be_visible()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Objection)) == 1


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """A file of 200 MB that takes no room."""
    path = tmp_path / "很大的.pdf"
    with path.open("wb") as file:
        file.write(pdf())
        file.truncate(TOO_LARGE)
    return path


@pytest.mark.parametrize("javascript", [True, False])
def test_two_hundred_megabytes_are_refused_in_words_and_what_was_kept_before_stays(
    browser: Browser, live_server: LiveServer, huge: Path, *, javascript: bool
) -> None:
    with real_browser.visit(browser, live_server.url, width=375, height=812, javascript=javascript) as page:
        open_grounds(page)
        choose(page, paper("先传的.pdf"))
        press(page, "保存，稍后再填")
        page.wait_for_url("**/grounds#evidence")
        expect(page.get_by_text("先传的.pdf")).to_be_visible()
        address = page.url.partition("#")[0]
        page.get_by_label("第一条理由的证据文件").set_input_files(str(huge))
        if javascript:
            expect(page.get_by_text("文件太大，每个不超过20 MB").first).to_be_visible()  # told before a byte is sent
        else:
            press(page, "下一步：核对")
            expect(page.get_by_role("heading", name="提交的内容太大")).to_be_visible()
            expect(page.get_by_text("一次提交合计不超过60 MB")).to_be_visible()
        page.goto(address)
        expect(page.get_by_text("先传的.pdf")).to_be_visible()
    assert kept() == ["先传的.pdf"]


@pytest.mark.rule("O1")
def test_the_real_server_holds_the_window_while_a_slow_body_is_still_coming(live_server: LiveServer) -> None:
    reference = builders.notice(published_at=clock.now()).reference
    db.session.commit()
    where = urlsplit(live_server.url)
    asking = http.client.HTTPConnection(where.hostname or "", where.port)
    asking.request("POST", f"/notices/{reference}/filings")
    address = asking.getresponse().getheader("Location") or ""
    asking.close()

    def held_until() -> datetime:
        db.session.rollback()
        return db.session.scalars(select(IntakeTicket.holds_until)).one()

    before = held_until()
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    body = head + pdf() + b"." * 200_000 + b"\r\n--x--\r\n"
    headers = f"Host: {where.netloc}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}"
    with socket.create_connection((where.hostname, where.port or 80)) as slow:
        slow.sendall(f"POST {address}/files/0 HTTP/1.1\r\n{headers}\r\nHX-Request: true\r\n\r\n".encode() + body[:900])
        deadline = time.monotonic() + 10
        while held_until() == before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert held_until() > before  # and not a tenth of the body has arrived
        assert kept() == []
        slow.sendall(body[900:])
        assert slow.recv(15) == b"HTTP/1.1 200 OK"
    assert kept() == ["a.pdf"]
