"""What stands around every page: the way about, who runs the site, and the demo's banner."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import Flask, current_app, g, request
from flask_login import current_user

from portal import clock
from portal.domain import permissions
from portal.domain.permissions import Permission
from portal.web.access import actor
from portal.web.addresses import url_for
from portal.web.pages import typed

OFFICES = (
    ("建筑管理处", ("0731-88950065", "0731-88950168")),
    ("建设监督处", ("0731-88950172",)),
    ("勘察设计处", ("0731-88950075",)),
    ("政策法规处", ("0731-88950170",)),
    ("数字城建档案中心", ("0731-88950025",)),
)
"""The province's offices and telephones, as the notice of 2025-02-14 gives them."""
PUBLIC = (
    ("首页", "public.home.index"),
    ("公示", "public.notices.index"),
    ("业绩档案", "public.records.index"),
    ("投诉举报", "public.complaints.new"),
    ("我要申请", "public.applications.new"),
    ("进度查询", "public.progress.new"),
    ("通报", "public.circulars.index"),
    ("数据开放", "public.open_data.index"),
)
FEEDS = (
    ("全部公示（Atom）", "application/atom+xml", "public.feeds.notices", "atom"),
    ("全部公示（RSS）", "application/rss+xml", "public.feeds.notices", "rss"),
)
"""What a feed reader finds by itself on every public page."""
FOOTER: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("各部门办理情况", "public.scoreboard.index", {}),
    ("邮件订阅", "public.alerts.new", {}),
    ("Atom", "public.feeds.notices", {"form": "atom"}),
    ("RSS", "public.feeds.notices", {"form": "rss"}),
    ("截止日历", "public.feeds.calendar", {}),
    ("频次限制说明", "public.limits.show", {}),
    ("验证回执", "public.receipts.verify", {}),
)
OFFICE = (
    ("工作台", "backoffice.desk.index", None),
    ("申请", "backoffice.applications.index", Permission.SEE_CASES),
    ("收件", "backoffice.applications.new", Permission.RECEIVE_APPLICATION),
    ("异议裁定", "backoffice.rulings.index", Permission.SEE_CASES),
    ("异议复核", "backoffice.rechecks.index", Permission.SEE_CASES),
    ("督办", "backoffice.escalations.index", Permission.SEE_ESCALATIONS),
    ("留言", "backoffice.messages.index", Permission.SEE_CASES),
    ("投诉举报", "backoffice.complaints.index", Permission.HANDLE_COMPLAINT),
    ("业绩档案", "backoffice.records.index", Permission.SEE_RECORDS),
    ("通报", "backoffice.circulars.index", Permission.SEE_CASES),
    ("批量导入", "backoffice.imports.index", Permission.IMPORT),
    ("补录例外", "backoffice.exceptions.index", Permission.OPEN_EXCEPTION),
    ("工作日历", "backoffice.calendar.index", Permission.SEE_CALENDAR),
)


LED_TO = {
    "public.projects": "public.records",
    "public.companies": "public.records",
    "public.filings": "public.notices",
    "public.watch": "public.notices",
    "public.receipts": "public.progress",
    "backoffice.remedies": "backoffice.records",
    "backoffice.deficiencies": "backoffice.applications",
    "backoffice.verifications": "backoffice.applications",
    "backoffice.notices": "backoffice.applications",
    "backoffice.publication_gaps": "backoffice.applications",
    "backoffice.public_evidence": "backoffice.applications",
}
"""Nouns without an entry of their own, and the one that leads to their pages."""


class Link(NamedTuple):
    """One entry of the navigation."""

    label: str
    url: str
    current: bool


def init_app(app: Flask) -> None:
    """Give every template what surrounds its page; no query is made for it."""
    settings = app.config["PORTAL"]

    @app.context_processor
    def _around() -> dict[str, Any]:
        around = _office() if request.path.startswith("/office") else _public()
        return {
            **around,
            "offices": OFFICES,
            "site": settings,
            "demo": settings.demo,
            "today": clock.today(),
            "demo_clock_url": url_for("public.demo.move_clock") if settings.demo else None,
        }


def _public() -> dict[str, Any]:
    return {
        **_always(request.endpoint, request.root_path),
        "canonical": _canonical(),
        "q": typed(request.args.get("q")) if request.args else "",
    }


def _canonical() -> str:
    """The one address of this page, for who finds it under several; a list that was narrowed has none.

    It names the host only where the settings do: the bytes of a page are the same under every name.
    """
    if not g.get("kept") or (request.args and (request.endpoint or "").endswith(".index")):
        return ""
    return f"{current_app.config['PORTAL'].site_url}{request.root_path}{quote(request.path)}"


@lru_cache(maxsize=200)
def _always(_here: str | None, _root: str) -> dict[str, Any]:
    """What is the same around every page of a view: navigation, feeds, the links of the footer."""
    return {
        "navigation": tuple(_link(label, endpoint) for label, endpoint in PUBLIC),
        "home_url": url_for("public.home.index"),
        "search_url": url_for("public.notices.index"),
        "feeds": [(title, kind, url_for(endpoint, form=form)) for title, kind, endpoint, form in FEEDS],
        "footer_links": tuple((label, url_for(endpoint, **values)) for label, endpoint, values in FOOTER),
    }


def _office() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {"navigation": [], "home_url": url_for("backoffice.sessions.new")}
    me = actor()
    return {
        "navigation": [
            _link(label, endpoint)
            for label, endpoint, permission in OFFICE
            if permission is None or permissions.can(me, permission)
        ],
        "home_url": url_for("backoffice.desk.index"),
        "search_url": url_for("backoffice.desk.find") if permissions.can(me, Permission.SEE_CASES) else None,
        "q": typed(request.args.get("q")) if request.args else "",
        "staff": {
            "name": current_user.display_name,
            "bureau": current_user.bureau.name,
            "duties": "、".join(sorted(role.label for role in me.roles)),
        },
        "sign_out_url": url_for("backoffice.sessions.destroy"),
    }


def _link(label: str, endpoint: str) -> Link:
    """An entry is current on its own page, and the first of a noun on that noun's unlisted pages and on those of a
    noun it leads to.
    """
    here, listed = request.endpoint or "", [entry[1] for entry in (*PUBLIC, *OFFICE)]
    noun = here.rpartition(".")[0]
    noun = LED_TO.get(noun, noun)
    stands_for = here if here in listed else next((each for each in listed if each.rpartition(".")[0] == noun), "")
    return Link(label, url_for(endpoint), endpoint == stands_for)
