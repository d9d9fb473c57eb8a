"""What the filer of a complaint may still do: rate the answer, ask for 复查 and 复核, withdraw (rules C3, C5)."""

from __future__ import annotations

from datetime import date, datetime

from portal.clock import beijing_date
from portal.domain import complaint_moves, complaint_routing, complaints, texts
from portal.domain.actor import PUBLIC
from portal.domain.canonical import digest
from portal.domain.complaint_handling import begin_round, current_round
from portal.domain.complaint_moves import Step
from portal.domain.complaint_routing import Handler
from portal.domain.errors import NotAllowedNow
from portal.extensions import lock
from portal.models.complaint import Complaint, ComplaintRound
from portal.models.words import ComplaintStage, ComplaintStatus, Rating

BEYOND = "本平台没有更上一级的部门；对省级部门的答复不服的，可以依法向其上一级机关请求复查、复核"
"""The next door where this portal has none."""
REVIEWS = {
    ComplaintStatus.CONCLUDED: (ComplaintStage.REVIEW, Step.ASK_REVIEW),
    ComplaintStatus.RE_EXAMINED: (ComplaintStage.FINAL_REVIEW, Step.ASK_FINAL_REVIEW),
}


def rate(complaint: Complaint, rating: Rating, note: str = "", *, now: datetime) -> None:
    """Say whether the answer solved it (rule C5). Solved: it is closed. Not solved: it is reopened once, one tier up.

    Raises NotAllowedNow where there is no answer to rate or it was rated before, RuleViolation if "not solved" does
    not say what is left.
    """
    held = lock(Complaint, complaint.id)
    if not complaint_moves.can(held, Step.RATE):
        raise NotAllowedNow("现在没有可以评价的答复", rule="C5")
    round_ = current_round(held)
    if round_.rating is not None:
        raise NotAllowedNow("您已经评价过这次答复", rule="C5")
    length = texts.REASON if rating is Rating.NOT_SOLVED else texts.REASON.optional
    said = texts.require(note, length, "请写明还有什么没有解决", rule="C5", field="note")
    step = Step.CLOSE_BY_RATING if rating is Rating.SOLVED else Step.RATE
    complaint_moves.move(held, step, PUBLIC, now=now, detail={"rating": rating.value})
    round_.rating, round_.rating_note = rating, said
    if rating is Rating.NOT_SOLVED and may_reopen(held):
        _reopen(held, said, now=now)


def may_rate(complaint: Complaint) -> bool:
    """Whether there is an answer that was not rated yet (rule C5)."""
    return complaint_moves.can(complaint, Step.RATE) and current_round(complaint).rating is None


def may_reopen(complaint: Complaint) -> bool:
    """Whether "not solved" brings it one tier up: once, and only where there is one (rule C5)."""
    return current_round(complaint).stage is ComplaintStage.ANSWER and above(complaint) is not None


def above(complaint: Complaint) -> Handler | None:
    """Who would look at the answer again, one tier up."""
    return complaint_routing.above(Handler(complaint.bureau, complaint.by_discipline))


def ask_review(complaint: Complaint, reason: str, *, now: datetime) -> None:
    """Ask the bureau above to examine the answer again: 复查, and after its answer 复核 (rule C3).

    Raises NotAllowedNow after the last day for asking, or where this portal has nobody above; RuleViolation without
    a reason.
    """
    held = lock(Complaint, complaint.id)
    refusal = why_no_review(held, beijing_date(now))
    if refusal:
        raise NotAllowedNow(refusal, rule="C3")
    why = texts.require(reason, texts.REASON, "请写明对答复的哪一点有异议", rule="C3")
    stage, step = REVIEWS[held.status]
    handler = reviewer(held)
    assert handler is not None  # why_no_review asked
    last_day = complaints.last_day("review_days", held.matter, beijing_date(now))
    detail = {"stage": stage.value, "handled_by": handler.name, "last_day": last_day.isoformat()}
    complaint_moves.move(held, step, PUBLIC, now=now, detail=detail, after={"reason": digest(why.encode())})
    _hand_to(held, handler)
    begin_round(held, stage, limit="review_days", now=now, asked=why)


def reviewer(complaint: Complaint) -> Handler | None:
    """Who examines the answer again: the bureau above; above the province the law names somebody else."""
    parent = complaint.bureau.parent
    return Handler(parent) if parent is not None and not complaint.by_discipline else None


def why_no_review(complaint: Complaint, today: date) -> str:
    """What is against asking for a re-examination now; empty if nothing is."""
    if complaint.status not in REVIEWS:
        return "现在没有可以请求复查、复核的答复"
    if reviewer(complaint) is None:
        return BEYOND
    if today > last_day_to_ask(complaint, current_round(complaint)):
        return "请求复查、复核的期限已过"
    return ""


def last_day_to_ask(complaint: Complaint, round_: ComplaintRound) -> date:
    """Until when a re-examination of this round's answer may be asked for, that day included (rule C3)."""
    if round_.answered_at is None:
        raise NotAllowedNow("还没有答复", rule="C3")
    return complaints.last_day("ask_days", complaint.matter, beijing_date(round_.answered_at))


def withdraw(complaint: Complaint, *, now: datetime) -> None:
    """The filer takes it back (rules C1, O4). What was found so far stays; the office may look on by itself."""
    held = lock(Complaint, complaint.id)
    complaint_moves.move(held, Step.WITHDRAW, PUBLIC, now=now)
    held.told, held.due_on = "您已撤回，本件办结。", None


def _reopen(complaint: Complaint, why: str, *, now: datetime) -> None:
    handler = above(complaint)
    assert handler is not None  # may_reopen asked
    last_day = complaints.last_day("answer_days", complaint.matter, beijing_date(now))
    detail = {"handled_by": handler.name, "last_day": last_day.isoformat()}
    complaint_moves.move(complaint, Step.REOPEN, PUBLIC, now=now, detail=detail)
    _hand_to(complaint, handler)
    begin_round(complaint, ComplaintStage.REOPENED, limit="answer_days", now=now, asked=why)


def _hand_to(complaint: Complaint, handler: Handler) -> None:
    complaint.bureau, complaint.by_discipline = handler.bureau, handler.by_discipline
