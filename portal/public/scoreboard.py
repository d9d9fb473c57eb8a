"""办理情况: how each bureau does, for everyone to see (rules E3, V2)."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, request
from sqlalchemy import Engine

from portal import clock
from portal.domain.scoreboard import scoreboard
from portal.domain.scores import Scoreboard
from portal.extensions import db
from portal.models.words import Tier
from portal.web.pages import kept_for, page

bp = Blueprint("scoreboard", __name__)
SECONDS_KEPT = 600
_kept: WeakKeyDictionary[Engine, tuple[float, Scoreboard]] = WeakKeyDictionary()


@bp.get("/scoreboard")
@kept_for(60)
def index() -> Response:
    """The province and its first-level bureaus; ?bureau= one of these with the county bureaus below it."""
    board = present()
    chosen = request.args.get("bureau", "")
    city = next((score for score in board.scores if score.bureau == chosen and score.tier is Tier.CITY), None)
    if city is None:
        shown = [score for score in board.scores if score.tier is not Tier.COUNTY]
    else:
        shown = [city, *(score for score in board.scores if score.parent == city.bureau)]
    return page("public/scoreboard/index.html", board=board, city=city, scores=shown)


def present() -> Scoreboard:
    """The scoreboard as counted less than ten minutes ago, and today."""
    kept = _kept.get(db.engine)
    if kept is None or kept[0] < time.monotonic() or kept[1].until != clock.today():
        kept = _kept[db.engine] = (time.monotonic() + SECONDS_KEPT, scoreboard(now=clock.now()))
    return kept[1]
