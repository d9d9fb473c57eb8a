"""数据开放: the page that explains to people what machines can read; each example on it works."""

from __future__ import annotations

import html as markup
import re
import subprocess
import sys

from flask.testing import FlaskClient
from playwright.sync_api import Page

from portal.extensions import db
from portal.models.company import Company
from portal.public.api import ROUTES
from portal.public.export_files import MOST_ROWS
from tests import builders
from tests.builders import at, done
from tests.public.reading import words
from tests.public.statements import counted
from tests.support.browser import usable
from tests.support.web_server import LiveServer

HOST = "http://localhost"


def links(html: str) -> list[str]:
    return [markup.unescape(link) for link in re.findall(r'href="([^"]+)"', html)]


def test_every_link_of_the_page_leads_somewhere(client: FlaskClient) -> None:
    builders.notice(published_at=at("2026-09-30 10:00"))
    done(lambda: db.session.add(Company(code="91430000183764483Y", name="湖南三穗建筑工程有限公司")))
    html = client.get("/open-data").text
    found = {link.removeprefix(HOST) for link in links(html.partition("<main")[2].partition("</main>")[0])}

    counties = [link for link in found if re.fullmatch(r"/feeds/bureaus/\d+\.\w+", link)]
    assert len(counties) > 3 * 100
    for link in found - set(counties[9:]):
        if link.startswith("/"):
            assert client.get(link).status_code == 200, link
    api = {link.partition("?")[0] for link in found if link.startswith("/api/v1/")}
    assert len(api) == len(ROUTES) + 1


def test_every_address_of_the_interface_is_explained(client: FlaskClient) -> None:
    builders.notice()
    said = words(client.get("/open-data").text)
    for route in ROUTES:
        assert f"GET /api/v1{route.path} " in said
        assert route.title in said
        for name, field in route.query.model_fields.items() if route.query else ():
            assert (field.alias or name) in said
            assert field.description
            assert field.description in said
    assert "supplement（补录），correction（修正）" in said
    assert f"每个文件最多{MOST_ROWS}行" in said
    assert "使用条款" in said


def test_an_empty_portal_shows_no_example_that_fails(client: FlaskClient) -> None:
    html = client.get("/open-data").text
    assert "现在还没有可以作例子的数据" in html
    for link in links(html):
        link = link.removeprefix(HOST)
        if link.startswith(("/api/", "/feeds/", "/exports/")):
            assert client.get(link).status_code == 200, link


def test_the_page_is_everybodys_and_asks_the_same_few_questions(client: FlaskClient) -> None:
    builders.notice()
    with counted() as few:
        page = client.get("/open-data")
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"].startswith("public")
    again = client.get("/open-data", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304
    for _ in range(3):
        builders.notice()
    with counted() as many:
        client.get("/open-data")
    assert len(many) == len(few) <= 6


def test_the_program_on_the_page_reads_every_open_notice(live_server: LiveServer) -> None:
    notices = [builders.notice() for _ in range(2)]
    db.session.commit()
    html = live_server.app.test_client().get("/open-data").text
    sample = re.search(r"<code>(import json.*?)</code>", html, re.DOTALL)
    assert sample
    program = markup.unescape(sample[1]).replace(HOST, live_server.url)

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    lines = run.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [notice.reference for notice in reversed(notices)]
    assert notices[0].title in lines[1]


def test_everybody_can_use_the_pages_on_a_phone(phone: Page) -> None:
    builders.notice()
    done(lambda: db.session.add(Company(code="91430000183764483Y", name="湖南三穗建筑工程有限公司")))
    phone.goto("/open-data")
    phone.locator("details > summary").click()
    phone.locator('a[href="/feeds/bureaus/430181.atom"]').wait_for()
    usable(phone, "不用注册，不用密钥")
    phone.goto("/scoreboard")
    usable(phone, "每一行是当地住房城乡建设部门")
    phone.goto("/scoreboard?bureau=430100")
    usable(phone, "以下各行是县级部门")
