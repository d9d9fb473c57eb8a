"""The frames around every page and the error pages: sound, complete, and standing even when nothing else does."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import pytest

from portal.config import ROOT

OUR_FILES = sorted(path for folder in ("css", "js") for path in (ROOT / "static" / folder).iterdir())

Drawn = Callable[..., Element]


def words(element: Element) -> str:
    """What is read, blanks taken out."""
    return "".join("".join(element.itertext()).split())


class Entry(NamedTuple):
    """One of the navigation."""

    label: str
    url: str
    current: bool


class Site(NamedTuple):
    """Whose site it is."""

    site_host: str
    site_code: str
    site_icp: str


AROUND = {
    "navigation": (Entry(label="首页", url="/", current=True),),
    "offices": (("建筑管理处", ("0731-88950065",)), ("建设监督处", "0731-88950172")),
    "site": Site(site_host="湖南省住房和城乡建设厅", site_code="43", site_icp="湘ICP备1号"),
    "footer_links": (("站点地图", "/sitemap"),),
    "search_url": "/search",
    "staff": {"name": "欧阳建国", "bureau": "长沙市住房和城乡建设局", "duties": "核实岗"},
    "sign_out_url": "/out",
    "demo": True,
    "demo_clock_url": "/demo/clock",
    "today": date(2026, 11, 22),
}


@pytest.mark.parametrize("layout", ["public/base.html", "backoffice/base.html"])
@pytest.mark.parametrize("around", [AROUND, {}], ids=["all", "nothing"])
def test_a_frame_is_a_sound_page_with_everything_around_it_and_with_nothing(
    drawn: Drawn, layout: str, around: dict[str, Any]
) -> None:
    blocks = "{% block title %}公示{% endblock %}{% block content %}<h1>公示</h1>{% endblock %}"
    tree = drawn(f'{{% extends "{layout}" %}}{blocks}', **around)

    assert tree.findtext("head/title") == "公示 - 湖南省工程数据信息公示与监督平台"
    assert [main.get("id") for main in tree.iter("main")] == ["main"]
    assert next(tree.iter("a")).get("href") == "#main"
    if around:
        assert "演示系统，数据为改编" in words(tree)
        assert "2026年11月22日星期日" in words(tree)
        moves = [button.get("value") for button in tree.iter("button") if button.get("name") == "to"]
        assert moves == ["next-working-day", "window-end"]


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "errors").glob("*.html")), ids=lambda path: path.stem)
def test_every_error_page_stands_alone_and_leads_on(drawn: Drawn, path: Path) -> None:
    tree = drawn(path.read_text())

    assert words(next(tree.iter("h1")))
    assert [link for link in tree.iter("a") if "button" in (link.get("class") or "").split()]


def test_an_error_page_says_what_it_is_told(drawn: Drawn) -> None:
    told = {
        "title": "公示期已届满",
        "message": "可以改为投诉。",
        "next_steps": [("去投诉", "/complaints")],
        "code": 409,
    }
    tree = drawn('{% extends "errors/error.html" %}', **told)

    assert words(next(tree.iter("h1"))) == "公示期已届满"
    assert "可以改为投诉。" in words(tree)
    assert tree.findtext("head/title", "").startswith("公示期已届满 - ")


@pytest.mark.parametrize("path", OUR_FILES, ids=lambda path: path.name)
def test_our_own_files_ask_nobody_else_for_anything(path: Path) -> None:
    text = path.read_text()

    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert path.suffix != ".js" or len(text.splitlines()) <= 200


def test_what_a_citizen_loads_stays_light() -> None:
    files = ("css/tokens.css", "css/site.css", "css/public.css", "js/larger-type.js", "js/portal.js")

    assert sum(len(gzip.compress((ROOT / "static" / name).read_bytes())) for name in files) < 16_000
