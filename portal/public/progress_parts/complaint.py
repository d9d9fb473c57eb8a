"""投诉举报 on the progress page: how far it is, who handles it until when, what came of it, and what its filer may
still do (rules C2–C5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal import clock
from portal.domain import complaint_followup, complaint_moves, texts, trail
from portal.domain.complaint_moves import Step
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.trail_entry import TrailEntry, subject_history
from portal.models.words import Rating
from portal.public.progress_parts.forms import ActForm
from portal.web import complaint_road
from portal.web.forms import at_most

NAME = "投诉举报"
TEMPLATE = "public/progress/_complaint.html"


class RatingForm(ActForm):
    """Was it solved (rule C5)."""

    KEY = "rating"
    rating = RadioField(
        "您反映的问题解决了吗",
        choices=[SelectChoice(rating.value, rating.label) for rating in Rating],
        validators=[InputRequired("请选择是否解决")],
    )
    note = TextAreaField("说明", validators=[Optional(), at_most(texts.REASON)])


class ReviewForm(ActForm):
    """Ask the bureau above to look again (rule C3)."""

    KEY = "review"
    reason = TextAreaField(
        "对答复的哪一点有异议",
        validators=[InputRequired("请写明对答复的哪一点有异议"), at_most(texts.REASON)],
    )


class WithdrawalForm(ActForm):
    """Take it back; asked twice, because it cannot be undone."""

    KEY = "withdrawal"
    sure = BooleanField("我确认撤回这件投诉举报，撤回后不能恢复", validators=[InputRequired("请勾选确认后再撤回")])


def find(number: str) -> tuple[Complaint, str] | None:
    """The complaint with this number."""
    filed = db.session.scalar(select(Complaint).where(Complaint.number == number))
    return (filed, filed.code_hash) if filed else None


def context(filing: Complaint) -> dict[str, Any]:
    """How far the complaint is, and the forms of what may be done now."""
    today = clock.today()
    round_ = filing.rounds[-1] if filing.rounds else None
    why_not = complaint_followup.why_no_review(filing, today)
    next_stage = complaint_followup.REVIEWS[filing.status][0] if filing.status in complaint_followup.REVIEWS else None
    above, reviewer = complaint_followup.above(filing), complaint_followup.reviewer(filing)
    stopped = complaint_road.stopped(filing)
    return {
        "badge": (stopped or filing.status.label, complaint_road.TONES[filing.status]),
        "notice": filing.notice,
        "steps": complaint_road.steps(filing),
        "step": complaint_road.step(filing),
        "stopped": stopped,
        "days_left": (filing.due_on - today).days if filing.due_on else 0,
        "next_stage": next_stage,
        "why_no_review": why_not,
        "ask_by": complaint_followup.last_day_to_ask(filing, round_) if next_stage and round_ else None,
        "reviewer": reviewer.name if reviewer else "",
        "reopened_by": above.name if next_stage and above and complaint_followup.may_reopen(filing) else "",
        "history": [(entry, trail.facts(entry)) for entry in db.session.scalars(_history(filing))],
        "forms": {form.KEY: form for form in _forms(filing, reviewable=next_stage is not None and not why_not)},
    }


def _forms(filing: Complaint, *, reviewable: bool) -> Iterator[ActForm]:
    """What the filer may do now; the verbs decide."""
    if complaint_followup.may_rate(filing):
        yield RatingForm.blank()
    if reviewable:
        yield ReviewForm.blank()
    if complaint_moves.can(filing, Step.WITHDRAW):
        yield WithdrawalForm.blank()


def _history(filing: Complaint) -> Select[TrailEntry]:
    """What happened to it; what was said stands in the dialogue."""
    said = (trail.Event.MESSAGE_FROM_FILER.value, trail.Event.MESSAGE_TO_FILER.value)
    return subject_history("complaint", filing.number).where(TrailEntry.event.not_in(said))
