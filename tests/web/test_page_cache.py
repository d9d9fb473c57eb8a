"""Kept pages: what may be kept, for whom, in which form, and until when."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from portal.extensions import begin_write, db
from portal.models.notice import Notice
from portal.web.page_cache import MOST_PAGES, PageCache
from tests import builders

PLAIN = {"Accept-Encoding": "identity"}
LONG = "很长的内容" * 400


class Site:
    """A small site behind the store: counts how often it is asked, and says what it is told to say."""

    def __init__(self, seconds: float = 60) -> None:
        self.asked = 0
        self.text = LONG
        self.keep = True
        self.status = "200 OK"
        self.cookie = ""
        self.meanwhile: Callable[[], Any] = lambda: None
        self.store = PageCache(self.answer, seconds)
        self.client = Client(self.store)

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        self.asked += 1
        body = f"{self.text}{self.asked}".encode()
        headers = [("Content-Type", "text/html"), ("Content-Length", str(len(body))), ("ETag", f'"{self.asked}"')]
        headers += [("Vary", "HX-Request"), ("Vary", "Cookie")]
        if self.cookie:
            headers.append(("Set-Cookie", self.cookie))
        environ["portal.keep"] = self.keep
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        start_response(self.status, headers)
        return iter([body])

    def get(self, path: str = "/", **headers: str) -> TestResponse:
        return self.client.get(path, headers=PLAIN | {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_page_is_made_once_and_served_from_then_on(site: Site) -> None:
    first, second = site.get(), site.get()
    assert site.asked == 1
    assert first.data == second.data == f"{LONG}1".encode()
    assert first.headers["ETag"] == second.headers["ETag"] == '"1"'
    assert second.headers["Content-Length"] == str(len(second.data))


def test_a_page_is_kept_no_longer_than_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    site, now = Site(seconds=5), [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    site.get()
    now[0] = 104.9
    site.get()
    assert site.asked == 1
    now[0] = 105.0
    site.get()
    assert site.asked == 2


def test_with_no_seconds_nothing_is_kept() -> None:
    site = Site(seconds=0)
    site.get()
    site.get()
    assert site.asked == 2
    assert not site.store.pages


def test_address_and_query_make_a_page_another(site: Site) -> None:
    for path in ("/a", "/b", "/a?q=1", "/a?q=2"):
        site.get(path)
    assert site.asked == 4
    site.get("/a?q=2")
    assert site.asked == 4


def test_a_part_for_htmx_is_another_page_than_the_whole(site: Site) -> None:
    part = site.get(HX_Request="true").data
    assert site.asked == 1
    for headers in (
        {},
        {"HX_Request": "false"},
        {"HX_Request": "true", "HX_Boosted": "true"},
        {"HX_Request": "true", "HX_History_Restore_Request": "true"},
    ):
        assert site.get(**headers).data != part, headers
    assert site.asked == 2
    assert site.get(HX_Request="true").data == part


def test_a_page_that_sets_a_cookie_is_its_visitors_own_and_never_kept(site: Site) -> None:
    site.cookie = "session=somebody"
    first, second = site.get(), site.get()
    assert site.asked == 2
    assert first.headers["Set-Cookie"] == second.headers["Set-Cookie"] == "session=somebody"
    assert not site.store.pages


@pytest.mark.parametrize("status", ["404 NOT FOUND", "410 GONE", "500 INTERNAL SERVER ERROR", "303 SEE OTHER"])
def test_only_a_good_answer_is_kept(site: Site, status: str) -> None:
    site.status = status
    assert site.get().status == status
    site.get()
    assert site.asked == 2


def test_what_no_view_marked_is_not_kept(site: Site) -> None:
    site.keep = False
    site.get()
    site.get()
    assert site.asked == 2


def test_a_kept_page_varies_by_what_changes_it_and_not_by_cookie(site: Site) -> None:
    assert site.get().headers["Vary"] == "HX-Request, Accept-Encoding"


def test_head_is_answered_without_a_body_and_with_the_pages_length(site: Site) -> None:
    head = site.client.head("/", headers=PLAIN)
    assert head.data == b""
    page = site.get()
    assert site.asked == 1
    assert head.headers["Content-Length"] == page.headers["Content-Length"] == str(len(page.data))
    site.keep = False
    assert site.client.head("/other").data == b""


def test_whoever_has_the_page_already_is_told_so(site: Site) -> None:
    tag = site.get().headers["ETag"]
    for condition in (tag, f"W/{tag}", f'"old", {tag}', "*", site.get(Accept_Encoding="gzip").headers["ETag"]):
        again = site.get(If_None_Match=condition)
        assert (again.status_code, again.data) == (304, b""), condition
        assert again.headers["ETag"] == tag
        assert "Content-Type" not in again.headers
    assert site.get(If_None_Match='"old"').status_code == 200
    assert site.asked == 1


def test_the_first_to_ask_may_have_the_page_already_too(site: Site) -> None:
    assert site.get(If_None_Match='"1"').status_code == 304
    assert site.get().data == f"{LONG}1".encode()
    assert site.asked == 1


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip; q=1.0", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("identity", False),
        ("", False),
        ("xgzip", False),
    ],
)
def test_a_page_is_compressed_for_those_who_take_it(site: Site, accepted: str, zipped: bool) -> None:
    page = site.get(Accept_Encoding=accepted)
    assert ("Content-Encoding" in page.headers) == zipped
    assert (gzip.decompress(page.data) if zipped else page.data) == f"{LONG}1".encode()
    assert page.headers["Content-Length"] == str(len(page.data))
    assert page.headers["ETag"] == ('"1-gzip"' if zipped else '"1"')


def test_a_small_page_is_not_compressed(site: Site) -> None:
    site.text = "短"
    assert "Content-Encoding" not in site.get(Accept_Encoding="gzip").headers


def test_who_changes_something_sees_it(site: Site) -> None:
    site.get()
    site.client.post("/change")
    assert site.asked == 2
    site.get()
    assert site.asked == 3


def test_a_page_made_while_something_changed_is_not_kept(site: Site) -> None:
    site.meanwhile = lambda: site.client.post("/change")
    stale = site.get()
    assert stale.status_code == 200
    site.meanwhile = lambda: None
    fresh = site.get()
    assert fresh.data != stale.data
    assert site.asked == 3


def test_a_page_asked_for_during_a_change_is_forgotten_when_it_is_done(site: Site) -> None:
    site.meanwhile = lambda: site.get("/list")
    site.client.post("/change")
    assert not site.store.pages


def test_a_failing_change_empties_the_store_too(site: Site) -> None:
    site.get()

    def fail() -> None:
        raise RuntimeError("the view broke")

    site.meanwhile = fail
    with pytest.raises(RuntimeError, match="broke"):
        site.client.post("/change")
    assert not site.store.pages


def test_the_store_never_grows_beyond_its_size(site: Site) -> None:
    for number in range(MOST_PAGES + 10):
        site.get(f"/{number}")
    assert len(site.store.pages) == MOST_PAGES
    assert site.get("/0").status_code == 200
    assert site.asked == MOST_PAGES + 11


def test_public_pages_name_no_host_so_that_one_copy_serves_every_name(sqlite_app: Flask) -> None:
    notice = builders.notice()
    client = sqlite_app.test_client()
    for path in ("/", "/notices", "/notices?q=长寿", f"/notices/{notice.reference}", "/progress"):
        page = client.get(path, base_url="https://gongshi.example.gov.cn")
        assert "example.gov.cn" not in page.text, path
        assert not re.findall(r'(?:href|src|action)="(?:https?:)?//', page.text), path


def test_a_signed_in_officer_sees_the_page_everybody_sees(sqlite_app: Flask) -> None:
    store = sqlite_app.wsgi_app
    assert isinstance(store, PageCache)
    store.seconds = 60
    builders.notice()
    officer = builders.officer()
    begin_write()
    officer.session_key = "known"
    db.session.commit()
    office, visitor = sqlite_app.test_client(), sqlite_app.test_client()
    with office.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{officer.id}:known", True

    seen = office.get("/notices")

    assert officer.display_name not in seen.text
    assert "Set-Cookie" not in seen.headers
    assert visitor.get("/notices").data == seen.data


def test_a_kept_page_shows_what_a_form_just_changed(sqlite_app: Flask) -> None:
    store = sqlite_app.wsgi_app
    assert isinstance(store, PageCache)
    store.seconds = 60
    notice = builders.notice()
    client = sqlite_app.test_client()
    address = f"/notices/{notice.reference}"
    client.get(address)
    begin_write()
    db.session.get_one(Notice, notice.id).title = "改过的标题"
    db.session.commit()
    assert "改过的标题" not in client.get(address).text
    client.post(f"{address}/filings")
    assert "改过的标题" in client.get(address).text
