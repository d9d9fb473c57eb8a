"""One look at a page of the web: what it says of pages that are well, odd, slow, endless or not there."""

from __future__ import annotations

import socket

import pytest

from portal.integrations import public_page
from tests.support.odd_site import odd_site

SHOWN = f'<html><p data-content-hash="{"a" * 64}">公示监测</p></html>'


@pytest.mark.rule("N7")
@pytest.mark.parametrize(
    ("answer", "status", "content_hash"),
    [
        ((200, SHOWN), 200, "a" * 64),
        ((200, "<html>维护中</html>"), 200, ""),
        ((200, SHOWN.replace("a" * 64, "A" * 64)), 200, ""),
        ((404, "没有"), 404, ""),
        ((500, SHOWN), 500, "a" * 64),
        ((0, ""), None, ""),
        ((200, "x" * (public_page.LARGEST + 1)), None, ""),
    ],
)
def test_a_look_says_status_and_fingerprint_of_what_was_there(answer, status, content_hash):
    with odd_site(lambda _path: answer) as site:
        seen = public_page.look(f"{site.url}/notices/GS-1")
    assert (seen.http_status, seen.content_hash) == (status, content_hash)
    assert seen.milliseconds >= 0
    assert site.asked == ["/notices/GS-1"]


@pytest.mark.rule("N7")
def test_another_place_a_page_leads_to_is_not_looked_at():
    with odd_site(lambda _path: (302, SHOWN)) as site:
        assert public_page.look(f"{site.url}/notices/GS-1").http_status == 302
    assert site.asked == ["/notices/GS-1"]


@pytest.mark.rule("N7")
def test_a_page_that_comes_drop_by_drop_counts_as_no_answer(monkeypatch):
    monkeypatch.setattr(public_page, "SECONDS_AT_MOST", 0.3)
    with odd_site(lambda _path: (200, SHOWN)) as site:
        site.seconds_between_bytes = 0.05
        seen = public_page.look(site.url)
    assert seen.http_status is None
    assert seen.milliseconds < 3000


@pytest.mark.rule("N7")
def test_nobody_at_the_address_is_no_answer_and_no_address_is_an_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert public_page.look(f"http://127.0.0.1:{port}/").http_status is None
    assert public_page.look("http://no-such-host.invalid/").http_status is None
    for address in ("", "gs.example.gov.cn", "ftp://example.org/", "http://", "http://host:port/"):
        with pytest.raises(ValueError):  # noqa: PT011
            public_page.look(address)
