"""提出异议: begin, fill in, file, keep the receipt (rules O1, O2, O3, O9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import select
from wtforms import MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal import clock
from portal.domain import filings, objections, policy, receipts, workdays
from portal.domain.actor import PUBLIC
from portal.domain.attachments import StoredFile, stored
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.filings import LONGEST_GROUND, MOST_GROUNDS, Ground, Identity
from portal.extensions import begin_write, csrf, db
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.words import IdentityMode
from portal.public.forms import PublicForm
from portal.public.notices import find
from portal.web import uploads
from portal.web.pages import attempt, go, page, refuse

bp = Blueprint("filings", __name__)
NUMERALS = "一二三四五六七八九十"


class ObjectionForm(PublicForm):
    """The shape of a filing; whether it is one is asked of the verb. Its grounds are the fields ground-0, files-0, …"""

    mode = RadioField(
        "您希望怎样提出",
        choices=[SelectChoice(mode.value, mode.label) for mode in IdentityMode],
        default=IdentityMode.ANONYMOUS.value,
        validators=[InputRequired("请选择身份方式")],
    )
    name = StringField("姓名或单位名称", validators=[Optional(), Length(max=60, message="姓名或单位名称不超过60个字")])
    contact = StringField("联系电话或邮箱", validators=[Optional(), Length(max=60, message="联系方式不超过60个字")])


for _at in range(MOST_GROUNDS):
    _length = Length(max=LONGEST_GROUND, message=f"第{_at + 1}条理由超过{LONGEST_GROUND}字，请精简或改为上传附件")
    _rules = [Optional(), _length]
    setattr(ObjectionForm, f"ground-{_at}", TextAreaField(f"第{NUMERALS[_at]}条理由", validators=_rules))
    setattr(ObjectionForm, f"files-{_at}", MultipleFileField(f"第{NUMERALS[_at]}条理由的证据文件"))


@bp.post("/notices/<reference>/filings")
@csrf.exempt  # see PublicForm
def begin(reference: str) -> Response:
    """Mark that a filing has begun, and go to its form."""
    begin_write()
    token = filings.begin(find(reference).id, now=g.arrived_at)
    db.session.commit()
    return go("public.filings.edit", token=token)


@bp.get("/notices/<reference>/filings")
def no_list(reference: str) -> Response:
    """Filings are nobody else's to read: back to the notice, where one begins."""
    return go("public.notices.show", reference=reference)


@bp.get("/filings/<token>")
def edit(token: str) -> Response:
    """The form, with everything typed and uploaded before."""
    ticket = filings.open_ticket(token)
    return _form(ticket, token, ObjectionForm(data=filings.draft(ticket)))


@bp.post("/filings/<token>/draft")
@csrf.exempt
def keep(token: str) -> Response:
    """Keep what was typed and uploaded, without filing it; on the way add a ground or take a file out."""
    ticket, form = filings.open_ticket(token), ObjectionForm()
    more, dropped = "more" in request.form, request.form.get("remove", "")
    _keep(
        ticket,
        form,
        more=more,
        dropped=int(dropped) if dropped.isascii() and dropped.isdigit() and len(dropped) < 16 else 0,
    )
    if form.errors:
        return _form(ticket, token, form, form.status)
    place = f"ground-{_shown(ticket) - 1}" if more else "evidence" if dropped else "main"
    return redirect(url_for("public.filings.edit", token=token, _anchor=place), code=303)  # type: ignore[return-value]


@bp.post("/filings/<token>")
@csrf.exempt
def create(token: str) -> Response:
    """File it: in time as an objection, too late as a complaint. Kept first, so that nothing typed is ever lost."""
    ticket, form = filings.open_ticket(token), ObjectionForm()
    fits = form.validate()
    _keep(ticket, form)
    if not fits or form.errors:
        return _form(ticket, token, form, form.status)
    notice_id, said, who = _notice(ticket).id, _grounds(ticket, form), _identity(form)
    begin_write()
    filed = attempt(
        form,
        lambda: objections.file_or_complain(
            notice_id, token, said, who, arrived_at=g.arrived_at, actor=PUBLIC, now=clock.now()
        ),
    )
    if filed is None:
        return _form(filings.find_ticket(token), token, form, form.status)
    return go("public.filings.receipt", token=token)


@bp.get("/filings/<token>/receipt")
def receipt(token: str) -> Response:
    """Number and code: shown to whoever holds the token, and to nobody else."""
    ticket = filings.find_ticket(token)
    filed = db.session.scalar(select(Objection).where(Objection.ticket_id == ticket.id)) or db.session.scalar(
        select(Complaint).where(Complaint.ticket_id == ticket.id)
    )
    if filed is None:
        return go("public.filings.edit", token=token)
    return page(
        "public/filings/receipt.html",
        filed=filed,
        notice=ticket.notice,
        code=receipts.code_for(token),
        **promise(filed),
    )


@bp.errorhandler(filings.AlreadyFiled)
def _to_receipt(_refusal: filings.AlreadyFiled) -> Response:
    """Sent twice, or come back to by the browser's back button: the same receipt."""
    db.session.rollback()
    return go("public.filings.receipt", token=(request.view_args or {})["token"])


def promise(filed: Objection | Complaint) -> dict[str, Any]:
    """Until when the filer hears something: by this portal's setting (rule O8), or by the statute's days (rule C3)."""
    arrived = clock.beijing_date(filed.arrived_at)
    if isinstance(filed, Complaint):
        days = policy.value("complaint.accept_days", arrived)
        return {"is_objection": False, "answer_days": days, "answer_by": arrived + timedelta(days=days)}
    days = policy.value("objection.answer_working_days", arrived)
    limit = workdays.limit(arrived, days, workdays.load_calendar(db.session))
    return {"is_objection": True, "answer_days": days, "answer_by": limit.last_day, "answer_guessed": limit.provisional}


def _keep(ticket: IntakeTicket, form: ObjectionForm, *, more: bool = False, dropped: int = 0) -> None:
    """Store what was typed and uploaded with the ticket, and commit. Refused files become errors of the form."""
    uploaded = {at: _uploaded(form, at) for at in range(MOST_GROUNDS)}
    typed = {name: value for name, value in form.data.items() if value and not name.startswith("files-")}
    used = [at + 1 for at in range(MOST_GROUNDS) if form[f"ground-{at}"].data or uploaded[at]]
    typed["shown"] = min(max(_shown(ticket), *used, 1) + more, MOST_GROUNDS)
    begin_write()
    filings.keep_draft(ticket, typed)
    for at, files in uploaded.items():
        try:
            filings.keep_files(ticket, at, files, now=clock.now())
        except RuleViolation as refusal:
            if not refusal.field:
                raise
            refuse(form, refusal)
    filings.drop_file(ticket, dropped)
    db.session.commit()


def _uploaded(form: ObjectionForm, at: int) -> list[StoredFile]:
    try:
        return uploads.store(request.files.getlist(f"files-{at}"), field=f"files-{at}")
    except RuleViolation as refusal:
        refuse(form, refusal)
        return []


def _grounds(ticket: IntakeTicket, form: ObjectionForm) -> list[Ground]:
    kept = filings.kept_files(ticket)
    return [
        Ground(form[f"ground-{at}"].data or "", tuple(stored(file) for file in kept.get(at, ())))
        for at in range(MOST_GROUNDS)
    ]


def _identity(form: ObjectionForm) -> Identity:
    mode = IdentityMode(form.mode.data)
    if mode is IdentityMode.ANONYMOUS:
        return filings.ANONYMOUS
    typed = {"name": (form.name.data or "").strip(), "contact": (form.contact.data or "").strip()}
    return Identity(mode, {key: value for key, value in typed.items() if value})


def _notice(ticket: IntakeTicket) -> Notice:
    """What the objection is about; another kind of filing goes on at another address."""
    if ticket.notice is None:
        raise NotFound(filings.NO_TICKET)
    return ticket.notice


def _shown(ticket: IntakeTicket) -> int:
    """How many grounds the form offered last."""
    return int(filings.draft(ticket).get("shown", 1))


def _form(ticket: IntakeTicket, token: str, form: ObjectionForm, status: int = 200) -> Response:
    notice = _notice(ticket)
    calendar, today = workdays.load_calendar(db.session), clock.today()
    return page(
        "public/filings/edit.html",
        status=status,
        form=form,
        shown=_shown(ticket),
        kept=filings.kept_files(ticket),
        token=token,
        notice=notice,
        today=today,
        left=workdays.working_days_left(today, notice.last_day, calendar),
        in_time=objections.in_time(notice, ticket, clock.now()),
        complaint_bureau=notice.bureau.parent or notice.bureau,
        most_grounds=MOST_GROUNDS,
        files_said_before=uploads.SAID_BEFORE,
    )
