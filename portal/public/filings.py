"""提出异议: begin, fill in, file, keep the receipt (rules O1, O3, O9)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal import clock
from portal.domain import filings, objections, receipts
from portal.domain.actor import PUBLIC
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.filings import Ground, Identity
from portal.extensions import begin_write, csrf, db
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket
from portal.models.objection import Objection
from portal.models.words import IdentityMode
from portal.public.notices import find
from portal.web import uploads
from portal.web.pages import attempt, go, page, refuse

bp = Blueprint("filings", __name__)
GROUNDS = 3
"""Fields for grounds on the page; the law of the filing is in domain.filings."""


class ObjectionForm(FlaskForm):
    """The shape of a filing; whether it is one is asked of the verb."""

    status = 422
    mode = RadioField(
        "身份方式",
        choices=[SelectChoice(mode.value, mode.label) for mode in IdentityMode],
        default=IdentityMode.ANONYMOUS.value,
        validators=[InputRequired("请选择身份方式")],
    )
    name = StringField("姓名或单位名称", validators=[Optional(), Length(max=60, message="不超过60个字")])
    contact = StringField("联系电话或邮箱", validators=[Optional(), Length(max=60, message="不超过60个字")])
    ground_0 = TextAreaField("第一条理由", validators=[InputRequired("请写明异议理由"), Length(max=4000, message="不超过4000字")])
    ground_1 = TextAreaField("第二条理由（可不填）", validators=[Optional(), Length(max=4000, message="不超过4000字")])
    ground_2 = TextAreaField("第三条理由（可不填）", validators=[Optional(), Length(max=4000, message="不超过4000字")])


@bp.post("/notices/<reference>/filings")
@csrf.exempt  # begins something only the beginner can see; there is no session yet to abuse
def begin(reference: str) -> Response:
    """Mark that a filing has begun, and go to its form."""
    begin_write()
    notice = find(reference)
    token = filings.begin(notice.id, now=g.arrived_at)
    db.session.commit()
    return go("public.filings.edit", token=token)


@bp.get("/filings/<token>")
def edit(token: str) -> Response:
    """The form, with everything typed before."""
    ticket = filings.find_ticket(token)
    if ticket.used_at is not None:
        return go("public.filings.receipt", token=token)
    return _form(ticket, token, ObjectionForm(data=filings.draft(ticket)))


@bp.post("/filings/<token>")
def create(token: str) -> Response:
    """File it: in time as an objection, too late as a complaint."""
    form = ObjectionForm()
    ticket = filings.find_ticket(token)
    if not form.validate():
        return _keep_and_show(ticket, token, form)
    try:
        said = _grounds(form)
    except RuleViolation as refusal:
        refuse(form, refusal)
        return _keep_and_show(ticket, token, form)
    notice_id = ticket.notice_id
    begin_write()
    filed = attempt(
        form,
        lambda: objections.file_or_complain(
            notice_id, token, said, _identity(form), arrived_at=g.arrived_at, actor=PUBLIC, now=clock.now()
        ),
    )
    if filed is None:
        return _keep_and_show(filings.find_ticket(token), token, form)
    return go("public.filings.receipt", token=token)


@bp.get("/filings/<token>/receipt")
def receipt(token: str) -> Response:
    """Number and code: shown to whoever holds the token, and to nobody else."""
    ticket = filings.find_ticket(token)
    filed = db.session.scalar(select(Objection).where(Objection.ticket_id == ticket.id)) or db.session.scalar(
        select(Complaint).where(Complaint.ticket_id == ticket.id)
    )
    if filed is None:
        raise NotFound("这次填写还没有提交")
    return page(
        "public/filings/receipt.html",
        filed=filed,
        notice=ticket.notice,
        code=receipts.code_for(token),
        is_objection=isinstance(filed, Objection),
    )


def _grounds(form: ObjectionForm) -> list[Ground]:
    texts = [form.ground_0.data, form.ground_1.data, form.ground_2.data]
    return [
        Ground(text or "", tuple(uploads.store(request.files.getlist(f"files_{at}"), field=f"ground_{at}")))
        for at, text in enumerate(texts)
    ]


def _identity(form: ObjectionForm) -> Identity:
    mode = IdentityMode(form.mode.data)
    if mode is IdentityMode.ANONYMOUS:
        return filings.ANONYMOUS
    typed = {"name": (form.name.data or "").strip(), "contact": (form.contact.data or "").strip()}
    return Identity(mode, {key: value for key, value in typed.items() if value})


def _keep_and_show(ticket: IntakeTicket, token: str, form: ObjectionForm) -> Response:
    """Keep what was typed on the server before showing what is wrong with it."""
    typed: dict[str, Any] = {name: value for name, value in form.data.items() if name != "csrf_token"}
    begin_write()
    filings.keep_draft(ticket, typed)
    db.session.commit()
    return _form(ticket, token, form, status=form.status)


def _form(ticket: IntakeTicket, token: str, form: ObjectionForm, status: int = 200) -> Response:
    notice = ticket.notice
    return page(
        "public/filings/edit.html",
        status=status,
        form=form,
        token=token,
        notice=notice,
        ticket=ticket,
        in_time=objections.in_time(notice, ticket, clock.now()),
        files_said_before=uploads.SAID_BEFORE,
    )
