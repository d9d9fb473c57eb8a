"""进度查询: by number and code (rules O3, O4). A wrong pair tells nothing about what exists."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.domain import notices, receipts
from portal.extensions import csrf, db
from portal.models.application import Application
from portal.models.complaint import Complaint
from portal.models.objection import Objection
from portal.models.words import FilingStatus, NoticeStatus
from portal.public.filings import promise
from portal.public.forms import PublicForm
from portal.public.notice_page import progress_of
from portal.web.pages import page

bp = Blueprint("progress", __name__, url_prefix="/progress")
ANSWERED = 4
"""Past the last step: 收到, 公示期满, 逐条裁定, 答复."""


class ProgressForm(PublicForm):
    """What is printed on the receipt."""

    number = StringField("回执编号", validators=[InputRequired("请填写回执编号"), Length(max=40, message="编号太长")])
    code = StringField("查询码", validators=[InputRequired("请填写查询码"), Length(max=60, message="查询码太长")])


@bp.get("")
def new() -> Response:
    """Ask for number and code."""
    return page("public/progress/new.html", form=ProgressForm())


@bp.post("")
@csrf.exempt  # see PublicForm
def show() -> Response:
    """How far the filing is, to whoever has its code. Nothing is kept in the address or the browser."""
    form = ProgressForm()
    if not form.validate():
        return page("public/progress/new.html", form=form, status=422)
    number = receipts.valid_number(form.number.data)
    if number is None:
        form.number.errors = ["编号有误，请对照回执检查，末尾的校验字符也要填写"]
        return page("public/progress/new.html", form=form, status=422)
    filed = _find(number, form.code.data)
    if filed is None:
        form.form_errors.append("编号与查询码不匹配，请对照回执重新填写")
        return page("public/progress/new.html", form=form, status=404)
    return page("public/progress/show.html", filed=filed, notice=filed.notice, **_standing(filed), **promise(filed))


def _find(number: str, code: str) -> Objection | Complaint | None:
    """The filing this pair opens. Takes the same path whether the number or the code is wrong."""
    filed: Objection | Complaint | None
    if number.startswith("YY"):
        filed = db.session.scalar(select(Objection).where(Objection.number == number))
    else:
        filed = db.session.scalar(select(Complaint).where(Complaint.number == number))
    stored = filed.code_hash if filed else receipts.code_hash(number, "")
    fits = receipts.code_fits(number, code, stored)
    return filed if filed and fits else None


def _outcome(application: Application) -> str:
    """What came of the case, in the words of its last notice."""
    goes_up = notices.goes_up(application)
    return progress_of(application.notices[-1], application.status, application.bureau.name, goes_up=goes_up).next


def _standing(filed: Objection | Complaint) -> dict[str, Any]:
    """How far an objection is, and what came of the case it is about."""
    if isinstance(filed, Complaint):
        return {}
    application = filed.notice.application
    if filed.status is FilingStatus.ANSWERED:
        return {"step": ANSWERED, "outcome": _outcome(application)}
    return {"step": 1 if filed.notice.status is NoticeStatus.OPEN else 2}
