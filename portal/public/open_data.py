"""数据开放: what can be read by machine, for people to find: feeds, interface, exports, site map."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import select

from portal import clock
from portal.domain import policy
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.words import Tier
from portal.public.api import ROUTES
from portal.public.exports import MOST_ROWS
from portal.web.pages import kept_for, page

bp = Blueprint("open_data", __name__)


@bp.get("/open-data")
@kept_for(600)
def index() -> Response:
    """All there is, each with its address."""
    bureaus = db.session.execute(
        select(Bureau.code, Bureau.name).where(Bureau.tier != Tier.COUNTY).order_by(Bureau.sort)
    ).all()
    examples = {route.path: _example(route) for route in ROUTES}
    return page(
        "public/open_data/index.html",
        bureaus=bureaus,
        routes=ROUTES,
        examples=examples,
        most_rows=MOST_ROWS,
        score_days=policy.value("scoreboard.days", clock.today()),
    )


def _example(route: object) -> str:
    return ""
