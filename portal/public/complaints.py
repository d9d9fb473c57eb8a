"""投诉举报: what it is about, who says so, what happened, a last look, the receipt (rules C1, C2, O2, O4).

Each step is a page of its own and kept on the server before it is left, so that nothing typed is lost; who holds the
address goes on with it. No cookie, no script is needed.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import select

from portal import clock
from portal.domain import complaints, filings, receipts
from portal.domain.actor import PUBLIC
from portal.domain.attachments import stored
from portal.extensions import begin_write, csrf, db
from portal.models.complaint import Complaint
from portal.models.words import ComplaintMatter, Purpose
from portal.public import complaint_steps, complaint_targets
from portal.public.complaint_forms import CheckForm, ContentForm, IdentityForm, TargetForm, identity_of, subject_of
from portal.public.complaint_steps import (
    back_to,
    check_page,
    check_target,
    fits,
    gap,
    go_on,
    keep,
    kept,
    step_page,
    target_page,
    ticket_of,
)
from portal.web.pages import attempt, go, kept_for, page, typed

bp = Blueprint("complaints", __name__, url_prefix="/complaints")
BROUGHT_ALONG = ("notice", "project", "company", "bureau")
"""Words in the address that say what it is about: ?notice=GS-… from the page of a notice."""


@bp.get("")
@kept_for(60)
def new() -> Response:
    """What can be reported, who looks into it and until when; begins here."""
    today = clock.today()
    return page(
        "public/complaints/new.html",
        pick=complaint_targets.known(_brought_along(request.args)),
        accept_days=complaints.days("accept_days", ComplaintMatter.OTHER, today),
        answer_days=complaints.days("answer_days", ComplaintMatter.OTHER, today),
    )


@bp.post("")
@csrf.exempt  # see PublicForm
def begin() -> Response:
    """Begin one, with what the address brought along, and go to its first step."""
    pick = complaint_targets.known(_brought_along(request.form))
    begin_write()
    token = filings.begin_other(Purpose.COMPLAINT, now=g.arrived_at)
    if pick is not None:
        filings.keep_draft(filings.find_ticket(token), {"pick": pick.key})
    db.session.commit()
    return go("public.complaints.target", token=token)


@bp.get("/<token>")
def edit(token: str) -> Response:
    """Come back to a complaint that has begun: to the first step that lacks something."""
    return go_on(token, filings.draft(ticket_of(token)))


@bp.get("/<token>/target")
def target(token: str) -> Response:
    """Step 1: what is wrong, with whom or what."""
    said = filings.draft(ticket_of(token))
    return target_page(token, said, TargetForm(data=said))


@bp.post("/<token>/target")
@csrf.exempt
def keep_target(token: str) -> Response:
    """Keep step 1; on the way search, pick one of the hits, or put back what was picked."""
    ticket, form = ticket_of(token), TargetForm()
    asked = next((name for name in ("find", "pick", "drop") if name in request.form), "next")
    valid = form.validate()
    said = {**filings.draft(ticket), **{name: value or "" for name, value in form.data.items()}}
    if asked == "pick":
        said["pick"] = request.form["pick"][:80]
    elif asked == "drop":
        said["pick"] = ""
    keep(ticket, said)
    if asked != "next" and not form.q.errors:
        return back_to(token, "target", "found" if asked == "find" else "about")
    if valid and fits(form, lambda: check_target(said)):
        return go("public.complaints.identity", token=token)
    return target_page(token, said, form, form.status)


@bp.get("/<token>/identity")
def identity(token: str) -> Response:
    """Step 2: who says so."""
    said = filings.draft(ticket_of(token))
    return step_page("identity", token, said, IdentityForm(data=said))


@bp.post("/<token>/identity")
@csrf.exempt
def keep_identity(token: str) -> Response:
    """Keep step 2."""
    ticket, form = ticket_of(token), IdentityForm()
    valid = form.validate()
    said = {**filings.draft(ticket), **{name: value or "" for name, value in form.data.items()}}
    keep(ticket, said)
    if valid and fits(form, lambda: complaints.check_identity(identity_of(said))):
        return go("public.complaints.content", token=token)
    return step_page("identity", token, said, form, form.status)


@bp.get("/<token>/content")
def content(token: str) -> Response:
    """Step 3: what happened, and what shows it."""
    ticket = ticket_of(token)
    said = filings.draft(ticket)
    return step_page("content", token, said, ContentForm(data=said), kept=kept(ticket))


@bp.post("/<token>/content")
@csrf.exempt
def keep_content(token: str) -> Response:
    """Keep step 3 with what was uploaded; on the way take a file out."""
    ticket, form = ticket_of(token), ContentForm()
    form.validate()
    said = {**filings.draft(ticket), "text": form.text.data or ""}
    dropped = request.form.get("remove", "")
    complaint_steps.keep_content(ticket, form, said, int(dropped) if dropped.isdecimal() and len(dropped) < 16 else 0)
    if (dropped or "upload" in request.form) and not form.errors:
        return back_to(token, "content", "evidence")
    if not form.errors and fits(form, lambda: complaints.check_text(said["text"])):
        return go("public.complaints.check", token=token)
    return step_page("content", token, said, form, form.status, kept=kept(ticket))


@bp.get("/<token>/check")
def check(token: str) -> Response:
    """Step 4: everything once more, and who will handle it."""
    ticket = ticket_of(token)
    said = filings.draft(ticket)
    return check_page(ticket, token, said, CheckForm()) if not gap(said) else go_on(token, said)


@bp.post("/<token>")
@csrf.exempt
def create(token: str) -> Response:
    """File it. Sent twice, it is filed once."""
    ticket, form = ticket_of(token), CheckForm()
    said = filings.draft(ticket)
    if gap(said):
        return go_on(token, said)
    subject, who = subject_of(said), identity_of(said)
    assert subject is not None  # no gap
    files = [stored(file) for file in kept(ticket)]
    begin_write()
    filed = attempt(
        form,
        lambda: complaints.file(
            token, subject, said["text"], files, who, arrived_at=g.arrived_at, actor=PUBLIC, now=clock.now()
        ),
    )
    if filed is None:
        return check_page(ticket_of(token), token, said, form, form.status)
    return go("public.complaints.receipt", token=token)


@bp.get("/<token>/receipt")
def receipt(token: str) -> Response:
    """Number and code: shown to whoever holds the token, and to nobody else."""
    ticket = filings.find_ticket(token)
    filed = db.session.scalar(select(Complaint).where(Complaint.ticket_id == ticket.id))
    if filed is None:
        return go("public.complaints.edit", token=token)
    return page("public/complaints/receipt.html", filed=filed, code=receipts.code_for(token))


@bp.errorhandler(filings.AlreadyFiled)
def _to_receipt(_refusal: filings.AlreadyFiled) -> Response:
    """Sent twice, or come back to by the browser's back button: the same receipt."""
    db.session.rollback()
    return go("public.complaints.receipt", token=(request.view_args or {})["token"])


def _brought_along(values: Any) -> str:
    """Key of what an address or its form names; empty if it names nothing."""
    named = ((kind, typed(values.get(kind))) for kind in BROUGHT_ALONG)
    return next((f"{kind}:{reference}" for kind, reference in named if reference), "")
