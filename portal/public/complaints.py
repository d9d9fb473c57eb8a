"""投诉举报: what it is about, who says so, what happened, a last look, the receipt (rules C1, C2, O2, O4).

Each step is a page of its own and kept on the server before it is left, so that nothing typed is lost; who holds the
address goes on with it. No cookie, no script is needed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import select

from portal import clock
from portal.domain import complaints, filings, receipts, signed_receipts
from portal.domain.actor import PUBLIC
from portal.domain.attachments import stored
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.extensions import begin_write, csrf, db
from portal.models.complaint import Complaint
from portal.models.words import ComplaintMatter, Purpose
from portal.public import beginning, complaint_steps, complaint_targets
from portal.public.complaint_forms import ContentForm, TargetForm, subject_of
from portal.public.complaint_steps import (
    back_to,
    check_page,
    check_target,
    fits,
    gap,
    go_on,
    keep,
    kept,
    matter_key,
    step_page,
    target_page,
    ticket_of,
    wrong_with_identity,
)
from portal.public.objection_forms import CheckForm, CodeForm, IdentityForm, identity_of
from portal.public.receipt_picture import picture_of
from portal.web import proof
from portal.web.pages import attempt, go, kept_for, page, refuse, typed

bp = Blueprint("complaints", __name__, url_prefix="/complaints")
BROUGHT_ALONG = ("notice", "project", "company", "bureau")
"""Words in the address that say what it is about: ?notice=GS-… from the page of a notice."""


@bp.get("")
@kept_for(60)
def new() -> Response:
    """What can be reported, who looks into it and until when; begins here."""
    today, brought = clock.today(), _brought_along(request.args)
    pick = complaint_targets.known(brought)
    return page(
        "public/complaints/new.html",
        pick=pick,
        asked_in_vain="" if pick else brought.partition(":")[2],
        accept_days=complaints.days("accept_days", ComplaintMatter.OTHER, today),
        answer_days=complaints.days("answer_days", ComplaintMatter.OTHER, today),
    )


@bp.post("")
@csrf.exempt  # see PublicForm
def begin() -> Response:
    """Begin one, with what the address brought along, and go to its first step."""
    brought = _brought_along(request.form)
    pick = complaint_targets.known(brought)

    def open_ticket(at: datetime) -> str:
        token = filings.begin_other(Purpose.COMPLAINT, now=at)
        if pick is not None:
            filings.keep_draft(filings.find_ticket(token), {"pick": pick.key})
        return token

    return beginning.begin(
        "public.complaints.target", open_ticket, carried=[brought.partition(":")[::2]] if pick else []
    )


@bp.get("/<token>")
def edit(token: str) -> Response:
    """Come back to a complaint that has begun: to the first step that lacks something."""
    ticket = ticket_of(token)
    return go_on(ticket, token, filings.draft(ticket))


@bp.get("/<token>/target")
def target(token: str) -> Response:
    """Step 1: what is wrong, with whom or what."""
    ticket = ticket_of(token)
    said = filings.draft(ticket)
    return target_page(ticket, token, said, TargetForm(data=said))


@bp.post("/<token>/target")
@csrf.exempt
def keep_target(token: str) -> Response:
    """Keep step 1; on the way search, pick one of the hits, or put back what was picked."""
    ticket, form = ticket_of(token), TargetForm()
    asked = next((name for name in ("find", "pick", "drop") if name in request.form), "next")
    valid = form.validate()
    said = {**filings.draft(ticket), **{name: value or "" for name, value in form.data.items()}}
    if asked in ("pick", "drop"):
        said["pick"] = request.form["pick"][:80] if asked == "pick" else ""
    keep(ticket, form, said)
    if asked != "next" and not form.q.errors:
        return back_to(token, "target", "found" if asked == "find" else "about")
    if valid and fits(form, lambda: check_target(said)):
        return go("public.complaints.identity", token=token)
    return target_page(ticket, token, said, form, form.status)


@bp.get("/<token>/identity")
def identity(token: str) -> Response:
    """Step 2: who says so."""
    ticket = ticket_of(token)
    said = filings.draft(ticket)
    return step_page("identity", ticket, token, said, IdentityForm(data=said))


@bp.post("/<token>/identity")
@csrf.exempt
def keep_identity(token: str) -> Response:
    """Keep step 2; on the way take the stamped page of a unit out."""
    ticket, form = ticket_of(token), IdentityForm()
    form.validate()
    said = complaint_steps.keep_identity(ticket, form)
    if "remove" in request.form and not form.errors:
        return back_to(token, "identity", "seal")
    for wrong in wrong_with_identity(ticket, said) if not form.errors else ():
        refuse(form, wrong)
    if not form.errors:
        return go("public.complaints.content", token=token)
    return step_page("identity", ticket, token, said, form, form.status)


@bp.get("/<token>/content")
def content(token: str) -> Response:
    """Step 3: what happened, and what shows it."""
    ticket = ticket_of(token)
    said = filings.draft(ticket)
    return step_page("content", ticket, token, said, ContentForm(data=said))


@bp.post("/<token>/content")
@csrf.exempt
def keep_content(token: str) -> Response:
    """Keep step 3 with what was uploaded; on the way take a file out."""
    ticket, form = ticket_of(token), ContentForm()
    form.validate()
    said = complaint_steps.keep_content(ticket, form)
    if ("remove" in request.form or "upload" in request.form) and not form.errors:
        return back_to(token, "content", "evidence")
    if fits(form, lambda: complaints.check_text(said["text"])) and not form.errors:
        return go("public.complaints.check", token=token)
    return step_page("content", ticket, token, said, form, form.status)


@bp.post("/<token>/files/<place>")
@csrf.exempt
def upload(token: str, place: str) -> Response:
    """Keep one file as soon as it is chosen, as evidence or as the stamped page of a unit; answers with what is kept
    there now. Sent again, because the connection broke before the answer came, it is kept once.
    """
    ticket = ticket_of(token)
    at = complaint_steps.PLACES.get(place)
    if at is None:
        raise NotFound("没有这一项，请刷新页面后重新选择文件")
    try:
        complaint_steps.keep_upload(ticket, at)
    except filings.AlreadyFiled:
        raise
    except RuleViolation as refusal:
        db.session.rollback()
        return Response(refusal.message, refusal.status, mimetype="text/plain")
    return page("public/complaints/_kept.html", files=filings.kept_files(ticket).get(at, ()))


@bp.get("/<token>/check")
def check(token: str) -> Response:
    """Step 4: everything once more, and who will handle it."""
    ticket = ticket_of(token)
    said = filings.draft(ticket)
    if gap(ticket, said):
        return go_on(ticket, token, said)
    return check_page(ticket, token, said, CheckForm(formdata=None))


@bp.post("/<token>")
@csrf.exempt
def create(token: str) -> Response:
    """File it. Sent twice, it is filed once."""
    ticket, form = ticket_of(token), CheckForm()
    said = filings.draft(ticket)
    if gap(ticket, said):
        return go_on(ticket, token, said)
    if form.seen.data and form.seen.data != filings.state(ticket):
        refuse(form, NotAllowedNow("您核对之后，内容在另一个页面改过。下面是现在的内容，请再核对一次后提交。"))
        return check_page(ticket, token, said, form, form.status)
    subject, who, files = subject_of(said), identity_of(ticket, said), [stored(file) for file in kept(ticket)]
    assert subject is not None  # no gap
    begin_write()
    filed = attempt(
        form,
        proof.guarded(
            matter_key(said),
            lambda: complaints.file(
                token, subject, said["text"], files, who, arrived_at=g.arrived_at, actor=PUBLIC, now=clock.now()
            ),
        ),
    )
    if filed is None:
        return check_page(ticket_of(token), token, said, form, form.status)
    return go("public.complaints.receipt", token=token)


@bp.get("/<token>/receipt")
def receipt(token: str) -> Response:
    """Number and code: shown to whoever holds the token, and to nobody else."""
    return _receipt(token, CodeForm(formdata=None))


@bp.post("/<token>/receipt")
@csrf.exempt
def type_back(token: str) -> Response:
    """Look whether the code that was written down is the right one. Nothing depends on it: the complaint is in."""
    form = CodeForm()
    return _receipt(token, form, right=form.is_right(token))


@bp.errorhandler(filings.AlreadyFiled)
def _to_receipt(_refusal: filings.AlreadyFiled) -> Response:
    """Sent twice, or come back to by the browser's back button: the same receipt."""
    db.session.rollback()
    return go("public.complaints.receipt", token=(request.view_args or {})["token"])


def _receipt(token: str, form: CodeForm, *, right: bool = False) -> Response:
    filed = db.session.scalar(select(Complaint).where(Complaint.ticket_id == filings.find_ticket(token).id))
    if filed is None:
        return go("public.complaints.edit", token=token)
    return page(
        "public/complaints/receipt.html",
        status=form.status if form.errors else 200,
        steps=complaint_steps.STEPS,
        filed=filed,
        code=receipts.code_for(token),
        note_signed=signed_receipts.note_of(filed),
        picture=picture_of(filed.number),
        form=form,
        right=right,
        token=token,
    )


def _brought_along(values: Any) -> str:
    """Key of what an address or its form names; empty if it names nothing."""
    named = ((kind, typed(values.get(kind))) for kind in BROUGHT_ALONG)
    return next((f"{kind}:{reference}" for kind, reference in named if reference), "")
