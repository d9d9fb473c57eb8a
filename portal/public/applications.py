"""我要申请: choose, be told route and gate, fill in, check, keep the receipt (rules S4, S5, S7, S8, S9, O4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import select

from portal import clock
from portal.domain import filings, identifiers, online_intake, receipts, signed_receipts, workdays
from portal.domain.filings import AlreadyFiled
from portal.extensions import begin_write, csrf, db
from portal.models import search
from portal.models.notice import IntakeTicket
from portal.models.project import Project
from portal.models.words import Kind, Origin, Section
from portal.public import application_form, beginning
from portal.public.application_next import next_of
from portal.public.objection_forms import CodeForm
from portal.public.receipt_picture import picture_of
from portal.web import proof, uploads
from portal.web.intake_steps import Steps
from portal.web.pages import attempt, go, page, typed
from portal.web.proof import ProofWanted

bp = Blueprint("applications", __name__, url_prefix="/applications")
MOST_FOUND = 10
STEPS = ("选择事项", "填写", "核对", "回执")


@bp.get("")
def new() -> Response:
    """Choose project, kind and entries; what each of them will meet is told here, before anything is filled in."""
    q = typed(request.args.get("q"))
    number = identifiers.check_project_number(q).value if q else None
    if number is not None:
        return go("public.applications.new", project=number)
    return _choose(application_form.steps_from(request.args), q)


@bp.post("")
@csrf.exempt  # see PublicForm
def begin() -> Response:
    """Open the form: from here on what is typed is kept, sealed, with a ticket of its own."""
    steps = application_form.steps_from(request.form)
    if not steps.ready:
        return _choose(steps, "", status=422)
    chosen = steps.carried()
    return beginning.begin(
        "public.applications.edit", lambda at: online_intake.begin({"steps": chosen}, now=at), carried=chosen
    )


@bp.get("/<token>")
def edit(token: str) -> Response:
    """The form, with what is on file and everything typed before."""
    ticket = _open(token)
    steps = application_form.steps_of(ticket)
    return _form(ticket, token, steps, application_form.form_of(ticket, steps))


@bp.post("/<token>/draft")
@csrf.exempt
def keep(token: str) -> Response:
    """Keep what was typed and uploaded without going on; on the way take a file out."""
    ticket = _open(token)
    steps = application_form.steps_of(ticket)
    dropped = request.form.get("remove", "")
    file_id = int(dropped) if dropped.isascii() and dropped.isdigit() and len(dropped) < 16 else 0
    form = application_form.keep(ticket, steps, dropped=file_id)
    if form.errors:
        return _form(ticket, token, steps, form, 422)
    anchor = "papers" if dropped else "main"
    return redirect(url_for("public.applications.edit", token=token, _anchor=anchor), code=303)  # type: ignore[return-value]


@bp.post("/<token>")
@csrf.exempt
def check(token: str) -> Response:
    """Keep it, and go on to the comparison if nothing is wrong with it."""
    ticket = _open(token)
    steps = application_form.steps_of(ticket)
    form = application_form.keep(ticket, steps)
    if application_form.check(form, ticket, steps) is None:
        return _form(ticket, token, steps, form, 422)
    return go("public.applications.preview", token=token)


@bp.get("/<token>/preview")
def preview(token: str) -> Response:
    """Before and after, who applies, what is handed in: to be checked once more."""
    return _preview(_open(token), token)


@bp.post("/<token>/receipt")
@csrf.exempt
def create(token: str) -> Response:
    """Send it in. However often it is sent, it gives one receipt."""
    ticket = _open(token)
    steps = application_form.steps_of(ticket)
    form = application_form.form_of(ticket, steps)
    written = application_form.check(form, ticket, steps)
    if written is None:
        return _form(ticket, token, steps, form, 422)
    if form.warnings and "acknowledged" not in request.form:
        return _preview(ticket, token, unread="请核对提示；确认无误后勾选，再次提交", status=422)
    project, papers, kind = steps.project or written.project, application_form.papers_of(ticket), steps.settled_kind
    assert project is not None
    begin_write()
    number = attempt(
        form,
        proof.guarded(
            steps.number,
            lambda: online_intake.file(
                token,
                kind,
                project,
                written.requests,
                written.applicant,
                papers,
                arrived_at=g.arrived_at,
                now=clock.now(),
                reason=written.reason,
                target_level=written.target_level,
            ),
        ),
    )
    if number is None:
        ticket = _open(token)
        if form.status == ProofWanted.status:
            return _preview(ticket, token, unread=form.form_errors[-1], status=form.status)
        return _form(ticket, token, application_form.steps_of(ticket), form, form.status)
    return go("public.applications.receipt", token=token)


@bp.get("/<token>/receipt")
@bp.get("/<token>/receipt/code", endpoint="receipt_again")
def receipt(token: str) -> Response:
    """Number and code: shown to whoever holds the token, and to nobody else."""
    return _receipt(token, CodeForm(formdata=None))


@bp.post("/<token>/receipt/code")
@csrf.exempt
def type_back(token: str) -> Response:
    """Look whether the code that was written down is the right one. Nothing depends on it: the application is in."""
    form = CodeForm()
    return _receipt(token, form, right=form.is_right(token))


@bp.errorhandler(AlreadyFiled)
def _to_receipt(_refusal: AlreadyFiled) -> Response:
    """Sent twice, or come back to by the browser's back button: the same receipt."""
    db.session.rollback()
    return go("public.applications.receipt", token=(request.view_args or {})["token"])


def _receipt(token: str, form: CodeForm, *, right: bool = False) -> Response:
    found = online_intake.receipt_of(token)
    if found is None:
        return go("public.applications.edit", token=token)
    calendar, today = workdays.load_calendar(db.session), clock.today()
    return page(
        "public/applications/receipt.html",
        status=form.status if form.errors else 200,
        receipt=found,
        token=token,
        form=form,
        right=right,
        code=receipts.code_for(token),
        note_signed=signed_receipts.note_of(found),
        told={case.id: next_of(case, calendar, today) for case in found.cases},
        picture=picture_of(found.number),
        steps=STEPS,
    )


def _open(token: str) -> IntakeTicket:
    """The ticket of an application that is being filled in. Raises NotFound, and AlreadyFiled."""
    online_intake.find_ticket(token)
    return filings.open_ticket(token)


def _choose(steps: Steps, q: str, *, status: int = 200) -> Response:
    found = _projects(q) if q else []
    if steps.errors or steps.refused:
        status = 422
    return page(
        "public/applications/new.html",
        status=status,
        steps=steps,
        typed_q=q or steps.typed["project"],
        asked=bool(q),
        found=found,
        more=len(found) > MOST_FOUND,
        most=MOST_FOUND,
        kinds=[Kind.SUPPLEMENT] if steps.is_new else list(Kind),
        sections=list(Section),
        origins=list(Origin),
        stepper_steps=STEPS,
    )


def _projects(words: str) -> list[Project]:
    """The newest projects whose name, number or owner holds these words; one more than is shown, if there are."""
    found = search.find(Project, words, {}, limit=MOST_FOUND + 1)
    ids = found.ids if found else []
    by_id = {project.id: project for project in db.session.scalars(select(Project).where(Project.id.in_(ids)))}
    return [by_id[number] for number in ids if number in by_id]


def _form(ticket: IntakeTicket, token: str, steps: Steps, form: Any, status: int = 200) -> Response:
    return page(
        "public/applications/edit.html",
        status=status,
        form=form,
        steps=steps,
        stepper_steps=STEPS,
        token=token,
        kept=filings.kept_files(ticket),
        kept_until=ticket.holds_until,
        files_said_before=uploads.said_before(),
    )


def _preview(ticket: IntakeTicket, token: str, *, unread: str = "", status: int = 200) -> Response:
    steps = application_form.steps_of(ticket)
    form = application_form.form_of(ticket, steps)
    written = application_form.check(form, ticket, steps)
    if written is None:
        return go("public.applications.edit", token=token)
    bureau = application_form.bureau_of(steps.project, written)
    return page(
        "public/applications/preview.html",
        status=status,
        steps=steps,
        stepper_steps=STEPS,
        form=form,
        written=written,
        bureau=bureau,
        compared=application_form.previews(steps, written, bureau),
        papers=application_form.papers_of(ticket),
        token=token,
        unread=unread,
        asked=proof.asked(steps.number),
    )
