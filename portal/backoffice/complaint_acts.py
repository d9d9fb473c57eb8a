"""What an officer does with a complaint: each act is a resource of its own, and its verb asks again who may (rules
C2–C4).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, request
from sqlalchemy import select

from portal import clock
from portal.backoffice import complaint_forms
from portal.backoffice.complaint_page import show_complaint
from portal.domain import complaint_access, complaint_handling
from portal.domain.attachments import StoredFile
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.bureau import Bureau
from portal.models.complaint import Complaint
from portal.models.words import ComplaintFinding
from portal.web import uploads
from portal.web.access import actor, needs
from portal.web.forms import Form
from portal.web.pages import attempt, go, refuse

bp = Blueprint("complaint_acts", __name__, url_prefix="/complaints/<string:number>")


@bp.post("/registration")
@needs(Permission.HANDLE_COMPLAINT)
def register(number: str) -> Response:
    """Enter it in the register."""
    complaint, form = _sent(number, "registration")
    return take_step(
        complaint,
        form,
        "registration",
        lambda: complaint_handling.register(complaint, actor=actor(), now=clock.now()),
        "已登记。请在期限内告知受理、不予受理或者转送。",
    )


@bp.post("/acceptance")
@needs(Permission.HANDLE_COMPLAINT)
def accept(number: str) -> Response:
    """Accept it: the limit for the answer begins."""
    complaint, form = _sent(number, "acceptance")
    return take_step(
        complaint,
        form,
        "acceptance",
        lambda: complaint_handling.accept(complaint, actor=actor(), now=clock.now()),
        "已受理，提交人凭编号和查询码可以看到。办理期限从今天起算。",
    )


@bp.post("/refusal")
@needs(Permission.HANDLE_COMPLAINT)
def refuse_it(number: str) -> Response:
    """Do not accept it, and say why."""
    complaint, form = _sent(number, "refusal")
    return take_step(
        complaint,
        form,
        "refusal",
        lambda: complaint_handling.refuse(complaint, form["reason"].data, actor=actor(), now=clock.now()),
        "已告知提交人不予受理和理由。",
    )


@bp.post("/transfer")
@needs(Permission.HANDLE_COMPLAINT)
def pass_on(number: str) -> Response:
    """Hand it to the bureau it belongs to; from then on it does not lie here any more."""
    complaint, form = _sent(number, "transfer")

    def hand_over() -> None:
        to = db.session.scalar(select(Bureau).where(Bureau.code == form["to"].data))  # OUTSIDE: none of ours
        complaint_handling.pass_on(complaint, to, form["reason"].data, actor=actor(), now=clock.now())

    return take_step(
        complaint, form, "transfer", hand_over, f"{number} 已转送，提交人可以看到转给了谁和理由。", leaves=True
    )


@bp.post("/extension")
@needs(Permission.HANDLE_COMPLAINT)
def extend(number: str) -> Response:
    """Extend the limit for the answer, once."""
    complaint, form = _sent(number, "extension")
    return take_step(
        complaint,
        form,
        "extension",
        lambda: complaint_handling.extend(complaint, form["reason"].data, actor=actor(), now=clock.now()),
        "已延长，新的期限和理由已告知提交人。",
    )


@bp.post("/conclusion")
@needs(Permission.HANDLE_COMPLAINT)
def conclude(number: str) -> Response:
    """End the round with a finding and an answer."""
    complaint, form = _sent(number, "conclusion")

    def answer() -> None:
        finding = ComplaintFinding(form["finding"].data)
        complaint_handling.conclude(complaint, finding, form["outcome"].data, actor=actor(), now=clock.now())

    return take_step(complaint, form, "conclusion", answer, "已答复，提交人凭编号和查询码可以看到。")


@bp.post("/recusal")
@needs(Permission.HANDLE_COMPLAINT)
def recuse(number: str) -> Response:
    """Take no part in it any more; he who did so does not read it either."""
    complaint, form = _sent(number, "recusal")
    return take_step(
        complaint,
        form,
        "recusal",
        lambda: complaint_handling.recuse(complaint, form["reason"].data, actor=actor(), now=clock.now()),
        f"您已回避 {number}，此件由其他人员办理，您不再看到。",
        leaves=True,
    )


@bp.post("/messages")
@needs(Permission.HANDLE_COMPLAINT)
def say(number: str) -> Response:
    """Write to the filer, who may be anonymous."""
    complaint, form = _sent(number, "messages")
    stored: list[StoredFile] = []
    return take_step(
        complaint,
        form,
        "messages",
        lambda: complaint_handling.answer(complaint, form["text"].data, stored, actor=actor(), now=clock.now()),
        "已送出，提交人凭编号和查询码可以看到。",
        before=lambda: stored.extend(uploads.store(request.files.getlist("messages-files"))),
    )


def take_step(
    complaint: Complaint,
    form: Form,
    key: str,
    act: Callable[[], object],
    done: str,
    *,
    before: Callable[[], object] | None = None,
    leaves: bool = False,
) -> Response:
    """Check `form`, run `before` outside and `act` inside the transaction, and show the complaint again, with what
    happened or why not. leaves: it is not the actor's any more then, so it is back to the list.
    """
    number = complaint.number
    fits = form.validate()
    try:
        if fits and before is not None:
            before()
    except RuleViolation as refusal:
        refuse(form, refusal)
        fits = False
    if fits:
        begin_write()
        fits = attempt(form, lambda: (act(), True)) is not None
    if not fits:
        return show_complaint(complaint_access.find(number, actor()), status=form.status, failed=form, key=key)
    flash(done, "success")
    return go("backoffice.complaints.index") if leaves else go("backoffice.complaints.show", number=number)


def _sent(number: str, key: str) -> tuple[Complaint, Form]:
    """The complaint, if it lies on the actor's desk, and the form of one act on it."""
    complaint = complaint_access.find(number, actor())
    return complaint, complaint_forms.sent(key, complaint)
