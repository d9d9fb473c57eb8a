"""频次限制说明: the limits in force, published, and what happens above them."""

from __future__ import annotations

from flask import Blueprint, Response

from portal import clock
from portal.domain import policy
from portal.web import proof
from portal.web.pages import kept_for, page

bp = Blueprint("limits", __name__, url_prefix="/limits")


@bp.get("")
@kept_for(60)
def show() -> Response:
    """Which limits hold today. Nobody is shut out by them."""
    names = {
        "per_address": "limits.filings_per_address",
        "per_matter": "limits.filings_per_matter",
        "begun": "limits.begun_per_address",
        "wrong_pairs": "limits.wrong_pairs",
        "wrong_per_number": "limits.wrong_pairs_per_number",
        "messages": "limits.messages_per_filing",
        "alerts_asked": "alerts.asked_per_visitor",
        "alert_letters": "alerts.letters_per_day",
        "alerts_most": "alerts.most_per_address",
    }
    in_force = dict(zip(names, policy.values(clock.today(), *names.values()), strict=True))
    return page(
        "public/limits/show.html",
        **in_force,
        seconds=proof.SECONDS_TO_WAIT,
        longest=proof.LONGEST_WAIT // 60,
        longest_look_up=proof.LONGEST_LOOK_UP_WAIT,
    )
