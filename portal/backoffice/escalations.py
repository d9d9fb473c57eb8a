"""督办: objections that bureaus below did not answer in time, and what this bureau says to it (rules O8, E1)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request
from sqlalchemy.orm import aliased
from wtforms import RadioField
from wtforms.validators import InputRequired

from portal import clock
from portal.backoffice.forms import explained
from portal.domain import escalation, permissions, texts, workdays
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.bureau import Bureau
from portal.models.escalation import Escalation, still_waits
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.words import EscalationOutcome
from portal.web.access import actor, needs
from portal.web.forms import Form, choices
from portal.web.pages import go, page, succeeds
from portal.web.paging import newest_first

bp = Blueprint("escalations", __name__, url_prefix="/escalations")
ROWS = 50
ACTS = {EscalationOutcome.INSTRUCTED: escalation.instruct, EscalationOutcome.RETURNED: escalation.send_back}


class OutcomeForm(Form):
    """What the bureau above says to it."""

    outcome = RadioField("办法", choices=choices(EscalationOutcome), validators=[InputRequired("请选择督办或退回")])
    text = explained("督办意见或退回理由", "请写明督办意见或退回理由", texts.OPINION)


@bp.get("")
@needs(Permission.SEE_ESCALATIONS)
def index() -> Response:
    """What was taken up from this bureau and from those below, newest first; ?mine=1: what waits for this officer."""
    mine = "mine" in request.args
    found = newest_first(_listed(mine), Escalation.id, size=ROWS)
    return page(
        "backoffice/escalations/index.html",
        rows=found.items,
        older_url=found.older_url,
        newer_url=found.newer_url,
        mine=mine,
        supervises=permissions.can(actor(), Permission.SUPERVISE),
    )


@bp.get("/<string:number>")
@needs(Permission.SEE_ESCALATIONS)
def show(number: str) -> Response:
    """What was objected, since when the answer is due, and what was said to it."""
    return _show(escalation.find(number, actor()), OutcomeForm(formdata=None))


@bp.post("/<string:number>/outcome")
@needs(Permission.SUPERVISE)
def act(number: str) -> Response:
    """Instruct the bureau below, or leave it to that bureau."""
    found, form = escalation.find(number, actor()), OutcomeForm()
    if not form.validate():
        return _show(found, form, 422)

    def say() -> None:
        ACTS[EscalationOutcome(form.outcome.data)](found, form.text.data, actor=actor(), now=clock.now())

    begin_write()
    if not succeeds(form, say):
        return _show(found, form, form.status)
    flash("已送出，办理单位在案件页上看到，异议人凭编号和查询码看到进展。", "success")
    return go("backoffice.escalations.show", number=number)


def _show(found: Escalation, form: OutcomeForm, status: int = 200) -> Response:
    objection, notice = found.objection, found.objection.notice
    calendar = workdays.load_calendar(db.session)
    return page(
        "backoffice/escalations/show.html",
        status=status,
        escalation=found,
        objection=objection,
        notice=notice,
        case=notice.application,
        form=form,
        days_over=workdays.working_days_between(found.last_day, clock.today(), calendar),
        may_act=found.outcome is None and found.waits and escalation.may_act(found, actor()),
        duty=escalation.DUTY[found.by_discipline],
        sees_cases=permissions.can(actor(), Permission.SEE_CASES),
    )


def _listed(mine: bool) -> Any:
    owes = aliased(Bureau)
    chosen = escalation.to_act_on(actor()) if mine else escalation.readable(actor())
    return (
        chosen.with_only_columns(
            Escalation.id,
            Escalation.last_day,
            Escalation.by_discipline,
            Escalation.outcome,
            still_waits().label("waits"),
            Objection.number,
            Notice.title,
            owes.area_name.label("from_area"),
            Bureau.area_name.label("area"),
        )
        .join(owes, Escalation.from_bureau_id == owes.id)
        .join(Bureau, Escalation.bureau_id == Bureau.id)
    )
