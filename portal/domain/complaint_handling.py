"""What the office does with a complaint: register, accept, refuse, pass on, extend, conclude (rules C2–C4, C6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.clock import beijing_date
from portal.domain import complaint_moves, complaint_routing, complaints, dialogue, texts
from portal.domain.actor import Actor
from portal.domain.attachments import StoredFile
from portal.domain.canonical import digest
from portal.domain.complaint_access import require_handler
from portal.domain.complaint_moves import Step
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.trail import Event
from portal.extensions import db, insert, lock
from portal.models.bureau import Bureau
from portal.models.complaint import Complaint, ComplaintRecusal, ComplaintRound
from portal.models.words import ComplaintFinding, ComplaintMatter, ComplaintStage

TOLD = "，将告知提交人"
ACCOUNTABLE = frozenset({ComplaintMatter.TAMPERING, ComplaintMatter.STAFF_CONDUCT, ComplaintMatter.DELAY})
"""What, if true, somebody in office answers for (rule C6)."""
END_OF_STAGE = {
    ComplaintStage.ANSWER: Step.CONCLUDE,
    ComplaintStage.REOPENED: Step.CONCLUDE,
    ComplaintStage.REVIEW: Step.CONCLUDE_REVIEW,
    ComplaintStage.FINAL_REVIEW: Step.CONCLUDE_FINAL_REVIEW,
}


def register(complaint: Complaint, *, actor: Actor, now: datetime) -> None:
    """Enter it in the register; whether it is accepted is told by the same last day (rules C3, C4).

    What was passed on to somebody outside and came back is told about anew.
    """
    held = _hold(complaint, actor)
    came_back = complaint_moves.is_outside(held)
    complaint_moves.move(held, Step.REGISTER, actor, now=now)
    if came_back:
        held.told, held.due_on = "", complaints.last_day("accept_days", held.matter, beijing_date(now))


def accept(complaint: Complaint, *, actor: Actor, now: datetime) -> None:
    """Accept it: from now on runs the limit for the answer (rule C3)."""
    held = _hold(complaint, actor)
    last_day = complaints.last_day("answer_days", held.matter, beijing_date(now))
    complaint_moves.move(held, Step.ACCEPT, actor, now=now, detail={"last_day": last_day.isoformat()})
    begin_round(held, ComplaintStage.ANSWER, limit="answer_days", now=now)


def refuse(complaint: Complaint, reason: str, *, actor: Actor, now: datetime) -> None:
    """Do not accept it, and tell the filer why (rule C3). Raises RuleViolation without a reason."""
    held = _hold(complaint, actor)
    told = texts.require(reason, texts.REASON, "请写明不予受理的理由", TOLD, rule="C3")
    complaint_moves.move(held, Step.REFUSE, actor, now=now, after={"reason": digest(told.encode())})
    held.told, held.due_on = told, None


def pass_on(complaint: Complaint, to: Bureau | None, reason: str, *, actor: Actor, now: datetime) -> None:
    """Hand it to the bureau it belongs to, and tell the filer (rule C3). That bureau has the full limit to tell
    whether it accepts.

    to: None for somebody outside this portal, whom the reason names; then nothing is owed here any more. Raises
    RuleViolation for the bureau complained about and those below it (C2), and for one's own.
    """
    held = _hold(complaint, actor)
    told = texts.require(reason, texts.REASON, "请写明转给谁、为什么", TOLD, rule="C3")
    if to is not None:
        complaint_routing.check_passing_on(held.against, to)
        if to.id == held.bureau_id:
            raise RuleViolation("此件已在本单位，请选择其他单位", rule="C3", field="to")
    name = to.name if to is not None else "本平台以外的单位"
    after = {"reason": digest(told.encode())}
    complaint_moves.move(held, Step.PASS_ON, actor, now=now, detail={"to": name}, after=after)
    held.told, held.due_on = told, None
    if to is not None:
        held.bureau, held.by_discipline = to, False
        held.due_on = complaints.last_day("accept_days", held.matter, beijing_date(now))


def extend(complaint: Complaint, reason: str, *, actor: Actor, now: datetime) -> None:
    """Extend the limit for the answer once, and tell the filer why (rule C3). Raises NotAllowedNow the second time."""
    held = _hold(complaint, actor)
    why = texts.require(reason, texts.REASON, "请写明延长的理由", TOLD, rule="C3")
    round_ = current_round(held)
    if round_.extension is not None:
        raise NotAllowedNow("期限只能延长一次", rule="C3")
    longer = complaints.days("extension_days", held.matter, beijing_date(now))
    last_day = round_.last_day + timedelta(days=longer)
    detail, after = {"last_day": last_day.isoformat()}, {"reason": digest(why.encode())}
    complaint_moves.move(held, Step.EXTEND, actor, now=now, detail=detail, after=after)
    round_.extension, round_.last_day, held.due_on = why, last_day, last_day


def conclude(complaint: Complaint, finding: ComplaintFinding, outcome: str, *, actor: Actor, now: datetime) -> None:
    """End the present round with a finding and an outcome the filer reads (rules C3, C4).

    Where somebody in office answers for what is found true, his accountability is proposed in the trail (rule C6).
    Raises RuleViolation without an outcome that states request, facts, opinion and basis.
    """
    held = _hold(complaint, actor)
    asked = "请写明核查的事实、意见和依据"
    said = texts.require(outcome, texts.OUTCOME, asked, "，将答复提交人", rule="C4", field="outcome")
    if not held.rounds:
        raise NotAllowedNow("请先受理，再答复", rule="C4")
    round_ = current_round(held)
    detail = {"stage": round_.stage.value, "finding": finding.value}
    after = {"outcome": digest(said.encode())}
    complaint_moves.move(held, END_OF_STAGE[round_.stage], actor, now=now, detail=detail, after=after)
    round_.finding, round_.outcome, round_.answered_at = finding, said, now
    round_.answered_by_id = actor.account_id
    held.due_on = None
    if finding is not ComplaintFinding.UNSUBSTANTIATED and held.matter in ACCOUNTABLE:
        complaint_moves.record(held, Event.ACCOUNTABILITY_PROPOSED, actor, now=now)


def recuse(complaint: Complaint, reason: str, *, actor: Actor, now: datetime) -> None:
    """Take no part in it any more, for a reason that is kept (rule C2)."""
    held = _hold(complaint, actor)
    why = texts.require(reason, texts.REASON, "请写明回避的理由", rule="C2")
    insert(ComplaintRecusal, complaint_id=held.id, account_id=actor.account_id, reason=why, at=now)
    db.session.expire(held, ["recusals"])
    after = {"reason": digest(why.encode())}
    complaint_moves.record(held, Event.COMPLAINT_RECUSED, actor, now=now, after=after)


def answer(complaint: Complaint, text: str, files: Sequence[StoredFile] = (), *, actor: Actor, now: datetime) -> None:
    """Write to the filer, who reads it with number and code (rule C1)."""
    held = _hold(complaint, actor)
    dialogue.answer(held, text, files, actor=actor, now=now)


def begin_round(complaint: Complaint, stage: ComplaintStage, *, limit: str, now: datetime, asked: str = "") -> None:
    """Begin a round of handling at whoever handles it now; its limit runs from today."""
    last_day = complaints.last_day(limit, complaint.matter, beijing_date(now))
    complaint.rounds.append(
        ComplaintRound(
            stage=stage,
            bureau=complaint.bureau,
            by_discipline=complaint.by_discipline,
            asked=asked,
            begun_at=now,
            last_day=last_day,
        )
    )
    complaint.due_on = last_day


def current_round(complaint: Complaint) -> ComplaintRound:
    """The round under way, or the last one. Raises NotAllowedNow if it was not accepted."""
    if not complaint.rounds:
        raise NotAllowedNow("还没有受理", rule="C4")
    return complaint.rounds[-1]


def _hold(complaint: Complaint, actor: Actor) -> Complaint:
    held = lock(Complaint, complaint.id)
    require_handler(actor, held)
    return held
