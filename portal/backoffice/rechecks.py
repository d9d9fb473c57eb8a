"""异议复核: what objectors ask of this bureau about the answers of those below it (rule O7)."""

from __future__ import annotations

from flask import Blueprint, Response, flash
from sqlalchemy.orm import joinedload
from wtforms import RadioField
from wtforms.validators import InputRequired

from portal import clock
from portal.backoffice.forms import explained
from portal.domain import dialogue, permissions, rechecks, texts
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.recheck import Recheck
from portal.models.words import RecheckOutcome
from portal.web.access import actor, needs
from portal.web.forms import Form, choices
from portal.web.pages import go, page, succeeds

bp = Blueprint("rechecks", __name__, url_prefix="/rechecks")
ROWS = 100


class OutcomeForm(Form):
    """What the bureau above finds."""

    outcome = RadioField("复核结论", choices=choices(RecheckOutcome), validators=[InputRequired("请选择复核结论")])
    reason = explained("复核理由（将答复异议人）", "请写明复核理由", texts.OPINION)


@bp.get("")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """Re-checks of this bureau and of those below: those to be decided first, by the day they are due."""
    notice = joinedload(Recheck.objection).joinedload(Objection.notice)
    query = (
        rechecks.within(actor().bureau_path or "/")
        .join(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .join(Application, Notice.application_id == Application.id)
        .options(notice.joinedload(Notice.application), joinedload(Recheck.bureau))
        .order_by(
            Recheck.outcome.is_not(None), Application.status.not_in(rechecks.WAITING), Recheck.decide_by, Recheck.id
        )
        .limit(ROWS)
    )
    found = db.session.scalars(query).all()
    return page("backoffice/rechecks/index.html", rechecks=found, waiting=rechecks.WAITING, most=ROWS)


@bp.get("/<string:number>")
@needs(Permission.SEE_CASES)
def show(number: str) -> Response:
    """What was objected, how it was answered, and why the objector does not agree."""
    return _show(rechecks.find(number, actor()), OutcomeForm(formdata=None))


@bp.post("/<string:number>/outcome")
@needs(Permission.DECIDE)
def decide(number: str) -> Response:
    """Confirm the answer, or find the objection right."""
    recheck, form = rechecks.find(number, actor()), OutcomeForm()
    if not form.validate():
        return _show(recheck, form, 422)

    def conclude() -> None:
        outcome = RecheckOutcome(form.outcome.data)
        rechecks.decide(recheck, outcome, form.reason.data, actor=actor(), now=clock.now())

    begin_write()
    if not succeeds(form, conclude):
        return _show(recheck, form, form.status)
    flash("复核结论已保存，异议人凭编号和查询码可以看到；案件随之办理。", "success")
    return go("backoffice.rechecks.show", number=number)


def _show(recheck: Recheck, form: OutcomeForm, status: int = 200) -> Response:
    objection = recheck.objection
    notice: Notice = objection.notice
    return page(
        "backoffice/rechecks/show.html",
        status=status,
        recheck=recheck,
        objection=objection,
        notice=notice,
        case=notice.application,
        messages=dialogue.of(objection),
        form=form,
        waits=notice.application.status in rechecks.WAITING,
        may_decide=recheck.bureau_id == actor().bureau_id and permissions.can(actor(), Permission.DECIDE),
    )
