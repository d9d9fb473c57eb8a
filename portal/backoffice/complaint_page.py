"""The page of one complaint: what was said, how far it is, and the forms of what may be done now; shown again when one
fails. Its filer has no name here, only a number (rule C7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.backoffice import complaint_forms, histories
from portal.domain import complaint_moves, complaints, dialogue
from portal.domain.complaint_moves import Step
from portal.extensions import db
from portal.models.complaint import Complaint, ComplaintRound
from portal.models.trail_entry import subject_history
from portal.models.words import ComplaintFinding, ComplaintMatter
from portal.web import complaint_road, uploads
from portal.web.forms import Form
from portal.web.pages import page

ENDS = (Step.CONCLUDE, Step.CONCLUDE_REVIEW)
ACTS: dict[str, tuple[str, tuple[Step, ...]]] = {
    "registration": ("登记", (Step.REGISTER,)),
    "acceptance": ("受理", (Step.ACCEPT,)),
    "conclusion": ("作出结论并答复", ENDS),
    "extension": ("延长办理期限", (Step.EXTEND,)),
    "transfer": ("转送其他单位", (Step.PASS_ON,)),
    "refusal": ("不予受理", (Step.REFUSE,)),
}
"""What each act is called, and the steps of the flow chart of which one must be possible."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something the present state allows. `why` says why not now; empty: it may be done."""

    label: str
    why: str = ""


def show_complaint(complaint: Complaint, *, status: int = 200, failed: Form | None = None, key: str = "") -> Response:
    """The whole page of a complaint; `failed` is the form that was refused, `key` its name ("conclusion")."""
    complaint = _loaded(complaint.id)
    today = clock.today()
    offered = offers(complaint)
    forms = {name: complaint_forms.blank(name, complaint) for name, offer in offered.items() if not offer.why}
    forms["messages"] = complaint_forms.blank("messages", complaint)
    told: list[str] = []
    lost: list[tuple[str, str]] = []
    if failed is not None and key in forms:
        forms[key] = failed
    elif failed is not None:  # it is not offered any more, so its errors and its text stand on top of the page
        told, lost = _errors(failed), _typed(failed)
    return page(
        "backoffice/complaints/show.html",
        status=status,
        complaint=complaint,
        tone=complaint_road.TONES[complaint.status],
        steps=complaint_road.steps(complaint),
        step=complaint_road.step(complaint),
        stopped=complaint_road.stopped(complaint),
        days_left=(complaint.due_on - today).days if complaint.due_on else 0,
        round_=complaint.rounds[-1] if complaint.rounds else None,
        accept_days=complaints.days("accept_days", complaint.matter, today),
        answer_days=complaints.days("answer_days", complaint.matter, today),
        extension_days=complaints.days("extension_days", complaint.matter, today),
        to_put_right=_to_put_right(complaint),
        offered=offered,
        forms=forms,
        refused_key=key,
        told=told,
        lost=lost,
        messages=dialogue.of(complaint),
        history=histories.with_names(db.session.scalars(subject_history("complaint", complaint.number)).all()),
        accept=uploads.ACCEPT,
        files_said_before=uploads.said_before(),
    )


def offers(complaint: Complaint) -> dict[str, Offer]:
    """The acts that start from the present state, each with what is against it now (rules C3, C4)."""
    found = {
        key: Offer(label, _once_only(complaint) if key == "extension" else "")
        for key, (label, steps) in ACTS.items()
        if any(complaint_moves.can(complaint, step) for step in steps)
    }
    if complaint.status not in complaint_moves.ENDED:
        found["recusal"] = Offer("本人回避")
    return found


def _once_only(complaint: Complaint) -> str:
    extended = bool(complaint.rounds) and complaint.rounds[-1].extension is not None
    return "期限只能延长一次，已经延长过" if extended else ""


def _to_put_right(complaint: Complaint) -> bool:
    """Whether something untrue stands in the record that was found to be so: it is deleted or corrected (rule C6)."""
    found = {ComplaintFinding.SUBSTANTIATED, ComplaintFinding.PARTLY} & {each.finding for each in complaint.rounds}
    return bool(found) and complaint.matter in (ComplaintMatter.FALSE_RECORD, ComplaintMatter.TAMPERING)


def _loaded(complaint_id: int) -> Complaint:
    """The complaint with all its page shows, in a handful of queries however much that is."""
    query = (
        select(Complaint)
        .where(Complaint.id == complaint_id)
        .options(
            joinedload(Complaint.notice),
            joinedload(Complaint.project),
            joinedload(Complaint.bureau),
            joinedload(Complaint.against),
            selectinload(Complaint.evidence),
            selectinload(Complaint.rounds).joinedload(ComplaintRound.bureau),
            selectinload(Complaint.rounds).joinedload(ComplaintRound.answered_by),
        )
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).unique().one()


def _errors(form: Form) -> list[str]:
    return [str(error) for errors in (form.form_errors, *(field.errors for field in form)) for error in errors]


def _typed(form: Form) -> list[tuple[str, str]]:
    """What stood in a form that is no longer offered, so that its writer can keep it."""
    texts: list[tuple[str, Any]] = [(field.label.text, field.data) for field in form if field.type == "TextAreaField"]
    return [(label, text) for label, text in texts if text and text.strip()]
