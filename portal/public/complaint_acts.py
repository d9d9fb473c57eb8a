"""What a filer does about a complaint from the progress page: rate, ask for 复查 or 复核, withdraw (rules C3, C5)."""

from __future__ import annotations

from flask import Blueprint, Response

from portal import clock
from portal.domain import complaint_followup
from portal.extensions import csrf
from portal.models.complaint import Complaint
from portal.models.words import Rating
from portal.public.progress import act
from portal.public.progress_parts.complaint import RatingForm, ReviewForm, WithdrawalForm

bp = Blueprint("complaint_acts", __name__, url_prefix="/progress")


@bp.post("/<number>/rating")
@csrf.exempt  # see PublicForm
def rate(number: str) -> Response:
    """Say whether the answer solved it."""
    form = RatingForm.sent()
    return act(
        number,
        form,
        lambda filing: complaint_followup.rate(filing, Rating(form.rating.data), form.note.data or "", now=clock.now()),
        done="评价已记录。",
        kind=Complaint,
    )


@bp.post("/<number>/review")
@csrf.exempt
def ask_review(number: str) -> Response:
    """Ask for a re-examination of the answer."""
    form = ReviewForm.sent()
    return act(
        number,
        form,
        lambda filing: complaint_followup.ask_review(filing, form.reason.data, now=clock.now()),
        done="请求已送达，由上一级办理；结果会显示在本页。",
        kind=Complaint,
    )


@bp.post("/<number>/complaint-withdrawal")
@csrf.exempt
def withdraw(number: str) -> Response:
    """Take the complaint back."""
    return act(
        number,
        WithdrawalForm.sent(),
        lambda filing: complaint_followup.withdraw(filing, now=clock.now()),
        done="已撤回，本件办结。",
        kind=Complaint,
    )
