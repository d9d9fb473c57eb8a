"""对话: what filers wrote, and the answers of the office (rules O4, C1). Complaints have theirs on their own page."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from flask_wtf.file import MultipleFileField
from sqlalchemy import select

from portal import clock
from portal.backoffice.forms import explained
from portal.domain import dialogue, texts
from portal.domain.dialogue import Filing
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.bureau import bureaus_within
from portal.models.message import unanswered
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.web import uploads
from portal.web.access import actor, application, needs
from portal.web.forms import Form
from portal.web.pages import go, page, refuse, succeeds

bp = Blueprint("messages", __name__)
ROWS = 100


class AnswerForm(Form):
    """What the office writes to a filer."""

    text = explained("答复", "请写明答复", texts.MESSAGE)
    files = MultipleFileField("附件")


@bp.get("/messages")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """Filings of this bureau whose filer had the last word, the longest waiting first."""
    rows = db.session.execute(unanswered(actor().bureau_id).limit(ROWS)).all()
    return page("backoffice/messages/index.html", rows=rows, most=ROWS)


@bp.get("/objections/<string:number>/messages")
@needs(Permission.SEE_CASES)
def objection(number: str) -> Response:
    """What was said about one objection."""
    return _show(_objection(number), AnswerForm(formdata=None))


@bp.post("/objections/<string:number>/messages")
@needs(Permission.DECIDE)
def answer_objector(number: str) -> Response:
    """Write to whoever objected, who may be anonymous."""
    return _answer(_objection(number), "backoffice.messages.objection")


@bp.get("/applications/<string:number>/messages")
@needs(Permission.SEE_CASES)
def applicant(number: str) -> Response:
    """What was said about one application."""
    return _show(application(number), AnswerForm(formdata=None))


@bp.post("/applications/<string:number>/messages")
@needs(Permission.ANSWER_APPLICANT)
def answer_applicant(number: str) -> Response:
    """Write to the applicant."""
    return _answer(application(number), "backoffice.messages.applicant")


def _answer(filing: Filing, endpoint: str) -> Response:
    number, form = filing.number, AnswerForm()
    if not form.validate():
        return _show(filing, form, 422)
    try:
        files = uploads.store(request.files.getlist("files"))
    except RuleViolation as refusal:
        refuse(form, refusal)
        return _show(filing, form, form.status)

    def say() -> None:
        dialogue.answer(filing, form.text.data, files, actor=actor(), now=clock.now())

    begin_write()
    if not succeeds(form, say):
        return _show(filing, form, form.status)
    flash("已答复，对方凭编号和查询码可以看到。", "success")
    return go(endpoint, number=number)


def _show(filing: Filing, form: AnswerForm, status: int = 200) -> Response:
    is_objection = isinstance(filing, Objection)
    case = filing.notice.application if isinstance(filing, Objection) else filing
    return page(
        "backoffice/messages/show.html",
        status=status,
        filing=filing,
        is_objection=is_objection,
        case=case,
        messages=dialogue.of(filing),
        form=form,
        may_answer=dialogue.may_answer(filing, actor()),
        files_said_before=uploads.said_before(),
    )


def _objection(number: str) -> Objection:
    """The objection within the actor's bureau and below; outside it does not exist (rule A5)."""
    query = (
        select(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Objection.number == number[:24], Notice.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("没有找到这件异议，请核对编号", rule="A5")
    return found
