"""投诉举报 on the progress page: how far it is, who handles it until when, what came of it, and what its filer may
still do (rules C2–C5).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal import clock
from portal.domain import complaint_followup, complaint_moves
from portal.domain.complaint_followup import LONGEST_NOTE
from portal.domain.complaint_moves import Step
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.words import ComplaintStatus, Rating
from portal.public.progress_parts.forms import ActForm

NAME = "投诉举报"
TEMPLATE = "public/progress/_complaint.html"
STEPS = ("收到", "登记", "受理", "答复", "办结")
STEP_OF_STATUS = {
    ComplaintStatus.RECEIVED: 0,
    ComplaintStatus.PASSED_ON: 0,
    ComplaintStatus.REGISTERED: 1,
    ComplaintStatus.NOT_ACCEPTED: 2,
    ComplaintStatus.INVESTIGATING: 3,
    ComplaintStatus.CONCLUDED: 4,
    ComplaintStatus.RE_EXAMINING: 3,
    ComplaintStatus.RE_EXAMINED: 4,
    ComplaintStatus.CLOSED: 5,
}
TONES = {
    ComplaintStatus.NOT_ACCEPTED: "grey",
    ComplaintStatus.CONCLUDED: "green",
    ComplaintStatus.RE_EXAMINED: "green",
    ComplaintStatus.CLOSED: "green",
}


class RatingForm(ActForm):
    """Was it solved (rule C5)."""

    KEY = "rating"
    rating = RadioField(
        "您反映的问题解决了吗",
        choices=[SelectChoice(rating.value, rating.label) for rating in Rating],
        validators=[InputRequired("请选择是否解决")],
    )
    note = TextAreaField("说明", validators=[Optional(), Length(max=LONGEST_NOTE, message=f"不超过{LONGEST_NOTE}字")])


class ReviewForm(ActForm):
    """Ask the bureau above to look again (rule C3)."""

    KEY = "review"
    reason = TextAreaField(
        "对答复的哪一点有异议",
        validators=[
            InputRequired("请写明对答复的哪一点有异议"),
            Length(max=LONGEST_NOTE, message=f"不超过{LONGEST_NOTE}字"),
        ],
    )


class WithdrawalForm(ActForm):
    """Take it back."""

    KEY = "withdrawal"


def find(number: str) -> tuple[Complaint, str] | None:
    """The complaint with this number."""
    filed = db.session.scalar(select(Complaint).where(Complaint.number == number))
    return (filed, filed.code_hash) if filed else None


def context(filing: Complaint) -> dict[str, Any]:
    """How far the complaint is, and the forms of what may be done now."""
    today = clock.today()
    round_ = filing.rounds[-1] if filing.rounds else None
    answered = round_ is not None and round_.answered_at is not None
    why_not = complaint_followup.why_no_review(filing, today)
    next_stage = complaint_followup.REVIEWS[filing.status][0] if filing.status in complaint_followup.REVIEWS else None
    forms: dict[str, ActForm] = {}
    if answered and filing.status is ComplaintStatus.CONCLUDED and round_ is not None and round_.rating is None:
        forms[RatingForm.KEY] = RatingForm.blank()
    if next_stage is not None and not why_not:
        forms[ReviewForm.KEY] = ReviewForm.blank()
    if complaint_moves.can(filing, Step.WITHDRAW):
        forms[WithdrawalForm.KEY] = WithdrawalForm.blank()
    above = complaint_followup.above(filing)
    reviewer = complaint_followup.reviewer(filing)
    return {
        "badge": (filing.status.label, TONES.get(filing.status, "blue")),
        "notice": filing.notice,
        "steps": STEPS,
        "step": STEP_OF_STATUS[filing.status],
        "stopped": filing.status.label if filing.status is ComplaintStatus.NOT_ACCEPTED else "",
        "overdue": filing.due_on is not None and filing.due_on < today,
        "next_stage": next_stage,
        "why_no_review": why_not,
        "ask_by": complaint_followup.last_day_to_ask(filing, round_) if next_stage and round_ else None,
        "reviewer": reviewer.name if reviewer else "",
        "reopened_by": above.name if next_stage and above and complaint_followup.may_reopen(filing) else "",
        "forms": forms,
    }
