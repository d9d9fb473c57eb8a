"""What the page of a notice says to machines and leads to: its one address, particulars, feeds, things to take away."""

from __future__ import annotations

import re
from pathlib import Path

from flask.testing import FlaskClient

from portal.config import Settings
from portal.domain import notices
from portal.domain.actor import SYSTEM
from tests import builders
from tests.builders import at, done
from tests.conftest import application
from tests.public.conftest import SetClock
from tests.support.databases import Databases


def head_of(page: str) -> dict[str, str]:
    """What the head of a page says: names and contents of its <meta>, and its <link>s by their relation and title."""
    said = dict(re.findall(r'<meta name="(\w+)" content="([^"]*)"', page))
    for link in re.findall(r'<link rel="(?:canonical|alternate)"[^>]*>', page):
        rel, title = re.search(r'rel="(\w+)"', link), re.search(r'title="([^"]*)"', link)
        href = re.search(r'href="([^"]*)"', link)
        assert rel
        assert href
        said[title[1] if title else rel[1]] = href[1]
    return said


def test_the_head_says_what_government_sites_say_of_an_article(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:05"))

    said = head_of(sqlite_client.get(f"/notices/{notice.reference}?from=chat").text)

    assert said["SiteName"] == "湖南省工程数据信息公示与监督平台"
    assert said["ColumnName"] == "公示"
    assert said["ColumnType"] == "公示公告"
    assert said["ArticleTitle"] == notice.title
    assert said["PubDate"] == "2026-09-30 10:05"
    assert said["ContentSource"] == "浏阳市住房和城乡建设局"
    assert "公示到2026年10月13日（星期二）24:00" in said["Description"]
    assert said["Url"] == said["canonical"] == f"/notices/{notice.reference}"
    number = notice.application.project.number
    assert said["本项目的公示（Atom）"] == f"/feeds/projects/{number}.atom"
    assert said["全部公示（Atom）"] == "/feeds/notices.atom"
    for name in ("本项目的公示（Atom）", "全部公示（Atom）", "全部公示（RSS）"):
        assert sqlite_client.get(said[name]).status_code == 200


def test_each_page_has_one_address_and_a_refusal_none(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")

    def canonical(path: str) -> str | None:
        return head_of(sqlite_client.get(path).text).get("canonical")

    assert canonical("/") == "/"
    assert canonical("/notices") == "/notices"
    assert canonical("/notices?bureau=430100") is None  # narrowed: another page
    assert canonical("/notices/GS430181-2026-99999") is None
    assert canonical("/nowhere") is None
    assert canonical("/progress") is None


def test_the_site_address_of_the_settings_stands_in_the_head(databases: Databases, tmp_path: Path) -> None:
    more = {"site_url": "https://gs.example.gov.cn", "site_code": "4300000001"}
    with databases.fresh("sqlite") as url, application(Settings.for_tests(url, tmp_path, **more)) as app:
        reference = builders.notice().reference
        said = head_of(app.test_client().get(f"/notices/{reference}").text)
    assert said["canonical"] == f"https://gs.example.gov.cn/notices/{reference}"
    assert said["SiteDomain"] == "gs.example.gov.cn"
    assert said["SiteIDCode"] == "4300000001"


def test_what_can_be_taken_away_stands_beside_the_notice(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    address = f"/notices/{notice.reference}"
    page = sqlite_client.get(address).text
    for path in ("/qr.svg", "/window.ics", "/poster", "/poster.pdf"):
        assert f'"{address}{path}"' in page
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 10:00")))
    assert "/window.ics" not in sqlite_client.get(address).text
