"""The tools of the tests are themselves tested where a silent fault would make other tests pass for nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from tests.support.browser import usable, visit
from tests.support.databases import KINDS, Databases
from tests.support.pages import PageFault, check_page
from tests.support.web_server import LiveServer

SOUND = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>公示</title><link rel="stylesheet" href="/static/a.css"></head>
<body>{}</body></html>"""


@pytest.mark.parametrize(
    "body",
    [
        '<form><label for="name">姓名</label><input id="name" name="name"></form>',
        '<label>姓名 <input name="name"></label>',
        '<input type="hidden" name="token"><input aria-label="搜索" name="q"><button>查</button>',
        '<p id="hint">提示</p><textarea aria-label="理由" aria-describedby="hint"></textarea>',
    ],
)
def test_a_sound_page_passes(body):
    check_page(SOUND.format(body))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<input name="q">', "no label"),
        ('<label for="other">姓名</label><input id="name">', "leads nowhere"),
        ("<select><option>长沙</option></select>", "no label"),
        ('<p id="a">一</p><p id="a">二</p>', "stands there 2 times"),
        ("<p><b>未闭合</p>", "end-tag"),
        ('<a href="#nowhere">跳转</a>', "leads nowhere"),
        ('<button><svg aria-hidden="true"></svg></button>', "says nothing"),
        ('<img src="/a.png">', "no alt text"),
        ('<p style="color:red">红</p>', "style of its own"),
        ('<p onclick="a()">点</p>', "script in the page"),
        ("<script>a()</script>", "written into the page"),
        ('<script src="https://example.com/a.js"></script>', "from elsewhere"),
    ],
)
def test_a_faulty_page_is_refused_with_the_reason(body, fault):
    with pytest.raises(PageFault, match=fault):
        check_page(SOUND.format(body))


def test_a_page_needs_a_title_and_the_language_and_a_fragment_must_be_asked_for():
    with pytest.raises(PageFault, match="no title"):
        check_page(SOUND.replace("公示", " ").format(""))
    with pytest.raises(PageFault, match="zh-CN"):
        check_page(SOUND.replace("zh-CN", "en").format(""))
    with pytest.raises(PageFault, match="not a whole page"):
        check_page("<tr><td>一行</td></tr>")
    check_page("<tr><td>一行</td></tr>", fragment_allowed=True)


@pytest.mark.parametrize("kind", KINDS)
def test_each_test_gets_a_migrated_database_of_its_own(databases: Databases, kind):
    with databases.fresh(kind) as one, databases.fresh(kind) as other:
        assert one != other
        for url in (one, other):
            engine = create_engine(url)
            with engine.begin() as connection:
                assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
                connection.execute(text("CREATE TABLE only_here (a INTEGER)"))
            engine.dispose()


def test_a_page_that_asks_somebody_else_fails_its_test(browser, live_server: LiveServer):
    def look_elsewhere():
        with visit(browser, live_server.url, width=375, height=812) as page:
            page.goto(live_server.url.replace("127.0.0.1", "localhost"))

    with pytest.raises(AssertionError, match="asked others"):
        look_elsewhere()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_page_that_is_wider_than_the_screen_is_not_usable(browser, live_server: LiveServer, javascript: bool) -> None:
    with visit(browser, live_server.url, width=375, height=812, phone=True, javascript=javascript) as page:
        page.goto("/limits")
        usable(page, "每小时的次数")
        page.locator("h1").evaluate("heading => heading.style.width = '3000px'")
        with pytest.raises(AssertionError, match=r"wider than the screen: .*<h1"):
            usable(page, "每小时的次数")


def test_a_page_that_shuts_somebody_out_is_not_usable(desktop) -> None:
    desktop.goto("/progress")
    usable(desktop, "找不到回执？")
    desktop.get_by_label("查询码").evaluate("field => field.labels[0].remove()")
    with pytest.raises(AssertionError, match="label"):
        usable(desktop, "找不到回执？")


def test_a_page_that_does_not_come_is_not_looked_at(desktop) -> None:
    desktop.goto("/limits")
    with pytest.raises(AssertionError, match="查询进度的另一页"):
        usable(desktop, "查询进度的另一页")
