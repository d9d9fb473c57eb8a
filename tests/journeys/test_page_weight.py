"""The pages most people open, on a poor phone: how much comes over the line. How soon they can be read is measured, not
tested: `python -m benchmarks.weight`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from benchmarks.weight import WEIGHT, see
from portal import clock
from portal.extensions import db
from tests import builders
from tests.support.web_server import LiveServer

LONG = "湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路及综合管网配套基础设施工程总承包一标段"


@pytest.fixture
def address(live_server: LiveServer) -> Callable[[str], str]:
    """The whole address of a page of a portal with a full list; "notice" is one of them."""
    made = [
        builders.notice(existing=builders.entry(builders.project(f"{LONG}{number}")), published_at=clock.now())
        for number in range(21)
    ]
    db.session.commit()
    paths = {"home": "/", "list": "/notices", "search": "/notices?q=长沙", "notice": f"/notices/{made[-1].reference}"}
    return lambda name: live_server.url + paths[name]


@pytest.mark.parametrize("page", ["home", "list", "search", "notice"])
def test_a_page_is_light_and_shows_its_content_on_a_poor_phone(
    browser: Browser, address: Callable[[str], str], page: str
) -> None:
    seen = see(browser, address(page))
    assert seen.weight <= WEIGHT
    assert seen.largest_paint > 0  # something was painted
