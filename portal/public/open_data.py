"""数据开放: what can be read by machine, for people to find: feeds, calendars, interface, exports, terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response
from sqlalchemy import select

from portal import clock
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.company import Company
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.words import Tier
from portal.public import api, feeds
from portal.public.api_openapi import asked_by
from portal.public.export_files import MOST_ROWS
from portal.web.addresses import absolute
from portal.web.pages import kept_for, page

bp = Blueprint("open_data", __name__)
EXPORTS = (
    ("公示", "notices", "按关键词、部门、类型、内容、状态、截止日筛选"),
    ("工程项目", "projects", "按关键词、企业筛选"),
    ("企业", "companies", "按关键词筛选"),
    ("据实删除和更正的档案", "remedies", "按处理方式筛选"),
    ("通报", "circulars", "全部"),
    ("各部门办理情况", "scoreboard", "全部部门，含县级"),
)
"""List, its view among the exports, what it can be narrowed by."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the interface as the page explains it; `example` can be followed, or is empty."""

    path: str
    title: str
    asked: list[tuple[str, str, bool]]
    example: str


@bp.get("/open-data")
@kept_for(600)
def index() -> Response:
    """All there is, each with its address and an example that works."""
    bureaus = db.session.execute(
        select(Bureau.code, Bureau.area_name, Bureau.tier, Bureau.id, Bureau.parent_id).order_by(Bureau.sort)
    ).all()
    present = {
        "reference": db.session.scalar(select(Notice.reference).order_by(Notice.id.desc()).limit(1)),
        "number": db.session.scalar(select(Project.number).order_by(Project.id.desc()).limit(1)),
        "published": clock.today().isoformat(),
    }
    return page(
        "public/open_data/index.html",
        first_level=[bureau for bureau in bureaus if bureau.tier is Tier.CITY],
        counties={
            city.area_name: [bureau for bureau in bureaus if bureau.parent_id == city.id]
            for city in bureaus
            if city.tier is Tier.CITY
        },
        project=present["number"],
        company=db.session.scalar(select(Company.code).order_by(Company.id.desc()).limit(1)),
        addresses=[_explained(route, present) for route in api.ROUTES],
        exports=EXPORTS,
        most_rows=MOST_ROWS,
        most_events=feeds.MOST_EVENTS,
        per_page=feeds.PER_PAGE,
    )


def _explained(route: api.Route, present: dict[str, Any]) -> Address:
    """A route in words, with an example made of what is there; without one where nothing is there yet."""
    path, known = route.path, True
    for name in route.parts:
        known = known and bool(present[name])
        path = path.replace(f"{{{name}}}", quote(present[name] or "", safe=""))
    sample = {name: value or clock.today().isoformat() for name, value in route.sample.items()}
    example = f"{absolute('public.api.openapi').removesuffix('/openapi.json')}{path}"
    example += f"?{urlencode(sample)}" if sample else ""
    parts = [(name, said, True) for name, (said, _example) in route.parts.items()]
    return Address(
        f"/api/v1{route.path}",
        route.title,
        parts + (asked_by(route.query) if route.query else []),
        example if known else "",
    )
