"""What search engines read: robots.txt, and the site map in parts by key, so that a million notices cost no more."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy import func, null, select

from portal import clock
from portal.domain.errors import NotFound
from portal.extensions import db, reading
from portal.models.circular import Circular
from portal.models.company import Company
from portal.models.notice import Notice
from portal.models.project import Project
from portal.web.addresses import absolute
from portal.web.pages import kept_for

bp = Blueprint("sitemap", __name__)
PER_PART = 10_000
"""Keys, not addresses: a part is read from the primary key alone, and gaps only make it smaller."""
MOST_PARTS = 10**9
"""No key of either database is so large that it would lie beyond."""
PARTS: dict[str, tuple[Any, Any, Any, str, str]] = {
    "notices": (
        Notice.id,
        Notice.reference,
        func.coalesce(Notice.closed_at, Notice.published_at),
        "public.notices.show",
        "reference",
    ),
    "projects": (Project.id, Project.number, Project.created_at, "public.projects.show", "number"),
    "companies": (Company.id, Company.code, null(), "public.companies.show", "code"),
    "circulars": (Circular.id, Circular.number, Circular.published_at, "public.circulars.show", "number"),
}
"""Name of the parts: key, what the address is made of, last change if known, view, its parameter."""
PAGES = (
    "public.home.index",
    "public.notices.index",
    "public.records.index",
    "public.records.remedies",
    "public.circulars.index",
    "public.scoreboard.index",
    "public.complaints.new",
    "public.applications.new",
    "public.progress.new",
    "public.alerts.new",
    "public.limits.show",
    "public.receipts.verify",
    "public.open_data.index",
)
CLOSED = ("/office", "/filings/", "/complaints/", "/applications/", "/progress/", "/alerts/", "/exports/")
"""What no search engine should visit: staff, what belongs to one person, and large files."""


@bp.get("/robots.txt")
@kept_for(3600)
def robots() -> Response:
    """Everything public may be read."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), f"Sitemap: {absolute('public.sitemap.index')}"]
    return _as(make_response("\n".join(lines) + "\n"), "text/plain")


@bp.get("/sitemap.xml")
@kept_for(600)
def index() -> Response:
    """The list of parts."""
    parts = [absolute("public.sitemap.pages")]
    for name, (key, *_rest) in PARTS.items():
        highest = db.session.scalar(select(func.max(key)))
        if highest is not None:
            parts += [absolute("public.sitemap.part", name=name, at=at) for at in range(highest // PER_PART + 1)]
    return _as(make_response(render_template("public/feeds/sitemap_index.xml", parts=parts)), "application/xml")


@bp.get("/sitemaps/pages.xml")
@kept_for(3600)
def pages() -> Response:
    """The pages that always exist."""
    found = [(absolute(page), "") for page in PAGES]
    return _as(make_response(render_template("public/feeds/sitemap.xml", pages=found)), "application/xml")


@bp.get("/sitemaps/<any(notices, projects, companies, circulars):name>-<int:at>.xml")
@kept_for(600)
def part(name: str, at: int) -> Response:
    """The pages whose keys lie in one range."""
    key, made_of, changed, view, parameter = PARTS[name]
    if at > MOST_PARTS:
        raise NotFound("站点地图没有这一部分。")
    query = select(made_of, changed).where(key >= at * PER_PART, key < (at + 1) * PER_PART).order_by(key)
    rows = reading().execute(query).all()
    if not rows:
        raise NotFound("站点地图没有这一部分。")
    # one address is worked out, the others differ in their last part: ten thousand would take a second
    stem = absolute(view, **{parameter: "-"}).removesuffix("-")
    found = [
        (f"{stem}{quote(text, safe='')}", clock.beijing_date(moment).isoformat() if moment else "")
        for text, moment in rows
    ]
    return _as(make_response(render_template("public/feeds/sitemap.xml", pages=found)), "application/xml")


def _as(response: Response, mimetype: str) -> Response:
    response.mimetype = mimetype
    return response
