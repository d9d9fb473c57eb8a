"""提出异议: who says so, why and what shows it, a last look, the receipt (rules O1, O2, O3, O4, O9).

Each step is a page of its own and kept on the server before it is left, so that nothing typed or uploaded is lost; who
holds the address goes on with it. No cookie, no script is needed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import select

from portal import clock
from portal.domain import complaints, filings, objections, policy, receipts, signed_receipts
from portal.domain.actor import PUBLIC
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.domain.filings import MOST_GROUNDS, SEAL
from portal.domain.ladder import OBJECTION_ANSWER
from portal.extensions import begin_write, csrf, db
from portal.models.complaint import Complaint
from portal.models.objection import Objection
from portal.public import beginning
from portal.public import objection_steps as steps
from portal.public.notices import find
from portal.public.objection_forms import CheckForm, CodeForm, GroundsForm, IdentityForm, grounds_of, identity_of
from portal.public.receipt_picture import picture_of
from portal.web import proof, uploads
from portal.web.pages import attempt, go, page, refuse

bp = Blueprint("filings", __name__)
# behind the note of arrival, before anything that reads the body
bp.record_once(lambda state: state.app.before_request_funcs[None].insert(1, steps.hold_from_arrival))


@bp.post("/notices/<reference>/filings")
@csrf.exempt  # see PublicForm
def begin(reference: str) -> Response:
    """Mark that a filing has begun, and go to its first step."""
    notice_id = find(reference).id
    return beginning.begin("public.filings.edit", lambda at: filings.begin(notice_id, now=at))


@bp.get("/notices/<reference>/filings")
def no_list(reference: str) -> Response:
    """Filings are nobody else's to read: back to the notice, where one begins."""
    return go("public.notices.show", reference=reference)


@bp.get("/filings/<token>")
def edit(token: str) -> Response:
    """Come back to a filing that has begun: to the first step that lacks something."""
    step, _ = steps.lacking(steps.ticket_of(token))
    return go(f"public.filings.{step or 'check'}", token=token)


@bp.get("/filings/<token>/identity")
def identity(token: str) -> Response:
    """Step 1: who says so."""
    ticket = steps.ticket_of(token)
    return steps.step_page("identity", ticket, token, steps.blank("identity", ticket))


@bp.post("/filings/<token>/identity")
@csrf.exempt
def keep_identity(token: str) -> Response:
    """Keep step 1; on the way take the stamped page out."""
    ticket, form = steps.ticket_of(token), IdentityForm()
    form.validate()
    steps.keep_identity(ticket, form)
    if form.errors:
        return steps.step_page("identity", ticket, token, form, form.status)
    if "remove" in request.form:
        return steps.back_to(token, "identity", "seal")
    step, refusals = steps.lacking(ticket)
    if step == "identity":
        return steps.refused_page(ticket, token, step, refusals, form)
    return go("public.filings.grounds", token=token)


@bp.get("/filings/<token>/grounds")
def grounds(token: str) -> Response:
    """Step 2: why, and what shows it."""
    ticket = steps.ticket_of(token)
    return steps.step_page("grounds", ticket, token, steps.blank("grounds", ticket))


@bp.post("/filings/<token>/grounds")
@csrf.exempt
def keep_grounds(token: str) -> Response:
    """Keep step 2; on the way add a ground, take one out, or take a file out."""
    ticket, form = steps.ticket_of(token), GroundsForm()
    form.validate()
    place = steps.keep_grounds(ticket, form)
    if form.errors:
        return steps.step_page("grounds", ticket, token, form, form.status)
    if place:
        return steps.back_to(token, "grounds", place)
    step, refusals = steps.lacking(ticket)
    if step == "grounds":
        return steps.refused_page(ticket, token, step, refusals, form)
    return go(f"public.filings.{step or 'check'}", token=token)


@bp.post("/filings/<token>/files/<place>")
@csrf.exempt
def upload(token: str, place: str) -> Response:
    """Keep one file of a ground, or the stamped page, as soon as it is chosen; answers with the files kept there now.

    Sent again, because the connection broke before the answer came, it is kept once.
    """
    ticket = steps.ticket_of(token)
    at = SEAL if place == "seal" else steps.place_of(place, MOST_GROUNDS)
    if at is None:
        raise NotFound("没有这一条理由，请刷新页面后重新选择文件")
    asked_by_script = "HX-Request" in request.headers
    try:
        steps.keep_upload(ticket, at, uploads.store(request.files.getlist("file"), secret=at == SEAL))
    except filings.AlreadyFiled:
        raise
    except RuleViolation as refusal:
        if not asked_by_script:
            raise
        db.session.rollback()
        return Response(refusal.message, refusal.status, mimetype="text/plain")
    if not asked_by_script:
        return go(f"public.filings.{'identity' if at == SEAL else 'grounds'}", token=token)
    return page("public/filings/_kept.html", files=filings.kept_files(ticket).get(at, ()))


@bp.get("/filings/<token>/check")
def check(token: str) -> Response:
    """Step 3: everything once more, until when it counts, and who will handle it."""
    ticket = steps.ticket_of(token)
    step, _ = steps.lacking(ticket)
    if step:
        return go(f"public.filings.{step}", token=token)
    return steps.step_page("check", ticket, token, CheckForm(formdata=None))


@bp.post("/filings/<token>")
@csrf.exempt
def create(token: str) -> Response:
    """File it: in time as an objection, too late as a complaint. Sent twice, it is filed once."""
    ticket, form = steps.ticket_of(token), CheckForm()
    step, refusals = steps.lacking(ticket)
    if step:
        return steps.refused_page(ticket, token, step, refusals)
    if form.seen.data and form.seen.data != filings.state(ticket):
        refuse(form, NotAllowedNow("您核对之后，内容在另一个页面改过。下面是现在的内容，请再核对一次后提交。"))
        return steps.step_page("check", ticket, token, form, form.status)
    draft = filings.draft(ticket)
    notice_id, said, who = steps.notice_of(ticket).id, grounds_of(ticket, draft), identity_of(ticket, draft)
    begin_write()
    filed = attempt(
        form,
        proof.guarded(
            steps.matter_key(ticket),
            lambda: objections.file_or_complain(
                notice_id, token, said, who, arrived_at=g.arrived_at, actor=PUBLIC, now=clock.now()
            ),
        ),
    )
    if filed is None:
        return steps.step_page("check", steps.ticket_of(token), token, form, form.status)
    return go("public.filings.receipt", token=token)


@bp.get("/filings/<token>/receipt")
def receipt(token: str) -> Response:
    """Step 4: number and code, shown to whoever holds the token, and to nobody else."""
    return _receipt(token, CodeForm(formdata=None))


@bp.post("/filings/<token>/receipt")
@csrf.exempt
def type_back(token: str) -> Response:
    """Look whether the code that was written down is the right one. Nothing depends on it: the filing is in."""
    form = CodeForm()
    return _receipt(token, form, right=form.is_right(token))


@bp.errorhandler(filings.AlreadyFiled)
def _to_receipt(_refusal: filings.AlreadyFiled) -> Response:
    """Sent twice, or come back to by the browser's back button: the same receipt."""
    db.session.rollback()
    return go("public.filings.receipt", token=(request.view_args or {})["token"])


def promise(filed: Objection | Complaint) -> dict[str, Any]:
    """Until when the filer hears something: by this portal's setting (rule O8), or by the statute's days (rule C3)."""
    arrived = clock.beijing_date(filed.arrived_at)
    if isinstance(filed, Complaint):
        days = complaints.days("accept_days", filed.matter, arrived)
        return {"is_objection": False, "answer_days": days, "answer_by": arrived + timedelta(days=days)}
    days, limit = policy.value(OBJECTION_ANSWER.days, arrived), OBJECTION_ANSWER.limit(filed.arrived_at)
    return {"is_objection": True, "answer_days": days, "answer_by": limit.last_day, "answer_guessed": limit.provisional}


def _receipt(token: str, form: CodeForm, *, right: bool = False) -> Response:
    ticket = filings.find_ticket(token)
    if ticket.notice is None:
        raise NotFound(filings.NO_TICKET)
    filed = db.session.scalar(select(Objection).where(Objection.ticket_id == ticket.id)) or db.session.scalar(
        select(Complaint).where(Complaint.ticket_id == ticket.id)
    )
    if filed is None:
        return go("public.filings.edit", token=token)
    return page(
        "public/filings/receipt.html",
        status=422 if form.errors else 200,
        steps=steps.STEPS,
        token=token,
        form=form,
        right=right,
        filed=filed,
        notice=ticket.notice,
        code=receipts.code_for(token),
        note_signed=signed_receipts.note_of(filed),
        picture=picture_of(filed.number),
        **promise(filed),
    )
