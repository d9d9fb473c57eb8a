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
    per_address, per_matter, wrong_pairs, wrong_per_number, messages = policy.values(
        clock.today(),
        "limits.filings_per_address",
        "limits.filings_per_matter",
        "limits.wrong_pairs",
        "limits.wrong_pairs_per_number",
        "limits.messages_per_filing",
    )
    return page(
        "public/limits/show.html",
        per_address=per_address,
        per_matter=per_matter,
        wrong_pairs=wrong_pairs,
        wrong_per_number=wrong_per_number,
        messages=messages,
        seconds=proof.SECONDS_TO_WAIT,
        longest=proof.LONGEST_WAIT // 60,
        longest_look_up=proof.LONGEST_LOOK_UP_WAIT,
    )
