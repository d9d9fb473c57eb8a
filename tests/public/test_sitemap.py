"""What search engines read: robots.txt, the site map and its parts; every address leads to a page."""

from __future__ import annotations

from pathlib import Path
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.config import Settings
from portal.domain import circulars
from portal.extensions import db
from portal.models.company import Company
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.words import Role
from portal.public.sitemap import PER_PART
from tests import builders
from tests.builders import at, done
from tests.conftest import application
from tests.public.statements import counted
from tests.support.databases import Databases

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
COMPANY = "91430000183764483Y"


def locations(client: FlaskClient, path: str) -> dict[str, str]:
    """Addresses of a site map, without the host, and when each was last changed."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.mimetype == "application/xml"
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers
    root = ElementTree.fromstring(answer.data)
    assert root.tag in (f"{{{NAMES['s']}}}urlset", f"{{{NAMES['s']}}}sitemapindex")
    found = {}
    for each in root:
        url = each.findtext("s:loc", "", NAMES)
        assert url.startswith("http://localhost/")
        found[url.removeprefix("http://localhost")] = each.findtext("s:lastmod", "", NAMES)
    return found


def filled() -> Notice:
    """One of everything that has a page of its own."""
    notice = builders.notice(published_at=at("2026-09-30 00:30"))
    head = builders.acting(Role.DECIDER, Role.PUBLISHER, bureau_code="430000")
    done(
        lambda: circulars.publish("关于虚假业绩的通报", "经查，业绩不实。", [], actor=head, now=at("2026-10-09 08:30"))
    )
    if db.session.query(Company).filter_by(code=COMPANY).first() is None:
        done(lambda: db.session.add(Company(code=COMPANY, name="湖南三穗建筑工程有限公司")))
    return notice


def test_every_address_of_the_site_map_is_a_page_once(client: FlaskClient) -> None:
    notice = filled()
    parts = locations(client, "/sitemap.xml")
    found: dict[str, str] = {}
    for part in parts:
        some = locations(client, part)
        assert not set(some) & set(found)
        found |= some

    assert found[f"/notices/{notice.reference}"] == "2026-09-30"  # the day in Beijing
    assert f"/companies/{COMPANY}" in found
    assert any(path.startswith("/circulars/TB-") for path in found)
    assert any(path.startswith("/projects/") for path in found)
    assert {"/", "/notices", "/records", "/circulars", "/scoreboard", "/open-data"} <= set(found)
    for path in found:
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), path


def test_an_empty_portal_has_a_site_map_of_its_pages(sqlite_client: FlaskClient) -> None:
    assert list(locations(sqlite_client, "/sitemap.xml")) == ["/sitemaps/pages.xml"]


def test_a_part_is_a_range_of_keys_so_that_gaps_and_millions_cost_nothing(client: FlaskClient) -> None:
    first = filled()

    def far_away() -> None:
        values = {column.name: getattr(first.application.project, column.name) for column in Project.__table__.columns}
        db.session.add(Project(**(values | {"id": 3 * PER_PART + 7, "number": "4301811511029999"})))

    done(far_away)
    parts = [path for path in locations(client, "/sitemap.xml") if "projects" in path]
    assert parts == [f"/sitemaps/projects-{at}.xml" for at in range(4)]
    assert list(locations(client, parts[3])) == ["/projects/4301811511029999"]
    for path in parts[:1] + parts[3:]:
        with counted() as sent:
            client.get(path)
        assert len(sent) == 1
    with counted() as sent:
        client.get("/sitemap.xml")
    assert len(sent) == 4


@pytest.mark.parametrize(
    "path",
    [
        "/sitemaps/notices-1.xml",
        "/sitemaps/notices-999999999999999999999.xml",
        "/sitemaps/notices--1.xml",
        "/sitemaps/notices-x.xml",
        "/sitemaps/accounts-0.xml",
        "/sitemaps/notices-0.xml%00",
    ],
)
def test_a_part_that_does_not_exist_is_refused_in_chinese(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert "请" in answer.text or "没有" in answer.text


def test_robots_are_let_in_where_everybody_is_and_nowhere_else(sqlite_client: FlaskClient) -> None:
    answer = sqlite_client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == ["http://localhost/sitemap.xml"]
    for path in ("/", "/notices", "/notices/GS430181-2026-00001", "/records", "/complaints", "/progress", "/feeds/x"):
        assert robots.can_fetch("*", path), path
    for path in ("/office/", "/office", "/filings/abc", "/progress/YY1", "/complaints/abc/check", "/applications/abc",
                 "/alerts/abc", "/exports/notices.csv"):  # fmt: skip
        assert not robots.can_fetch("*", path), path


def test_a_site_that_knows_its_address_believes_no_request_about_it(databases: Databases, tmp_path: Path) -> None:
    with databases.fresh("sqlite") as url:
        settings = Settings.for_tests(url, tmp_path, site_url="https://gs.example.gov.cn")
        with application(settings) as app:
            client = app.test_client()
            builders.notice(published_at=clock.now())
            for path in ("/robots.txt", "/sitemap.xml", "/sitemaps/notices-0.xml", "/feeds/notices.atom",
                         "/feeds/notices.ics", "/api/v1/notices", "/exports/notices.csv"):  # fmt: skip
                answer = client.get(path, headers={"Host": "evil.example"})
                assert answer.status_code == 200, path
                assert "evil.example" not in answer.text, path
                assert "https://gs.example.gov.cn/" in answer.text.replace("\r\n ", ""), path
