"""异议裁定: ground by ground, then the case; and online changes, which a person decides too (rules O5, O6, S4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import func, select

from portal import clock
from portal.backoffice import case_forms
from portal.backoffice.case_steps import take_step
from portal.domain import decisions, objections
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import Bureau, bureaus_within
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.project import Project
from portal.models.words import Disposition, Status
from portal.web.access import actor, application, needs
from portal.web.pages import page
from portal.web.paging import newest_first

bp = Blueprint("rulings", __name__)
ROWS = 50


@bp.get("/rulings")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """Contested cases of the bureau and of those below, with how much of each is ruled on."""
    found = newest_first(_contested(), Application.id, size=ROWS)
    return page(
        "backoffice/rulings/index.html",
        rows=found.items,
        older_url=found.older_url,
        newer_url=found.newer_url,
        own_bureau_id=actor().bureau_id,
    )


@bp.post("/grounds/<int:ground_id>/ruling")
@needs(Permission.DECIDE)
def create(ground_id: int) -> Response:
    """Give one ground its disposition."""
    ground = _find(ground_id)
    form = case_forms.ruling_form(ground_id, was_sent=True)
    return take_step(
        ground.objection.notice.application,
        form,
        f"ground-{ground_id}",
        lambda: objections.rule_on_ground(
            ground, Disposition(form.disposition.data), form.reason.data, actor=actor(), now=clock.now()
        ),
        "已保存。裁定不予受理的须由另一人确认；其余裁定异议人凭编号和查询码可以看到。全部理由裁定后请审核办理。",
    )


@bp.post("/applications/<string:number>/conclusion")
@needs(Permission.DECIDE)
def conclude(number: str) -> Response:
    """Decide a contested case once every ground is ruled on."""
    case, form = application(number), case_forms.sent("conclusion")
    return take_step(
        case,
        form,
        "conclusion",
        lambda: decisions.conclude_contested(case, form.reason.data, actor=actor(), now=clock.now()),
        "已审核办理。异议均不成立的，等申请复核的期限届满或复核作出后办结；结果写入留痕并告知申请单位。",
    )


@bp.post("/applications/<string:number>/online-change")
@needs(Permission.DECIDE)
def change_online(number: str) -> Response:
    """Change what online business generated."""
    case, form = application(number), case_forms.sent("online-change")
    return take_step(
        case,
        form,
        "online-change",
        lambda: decisions.change_online(case, form.reason.data, actor=actor(), now=clock.now()),
        "线上变更已办结，档案已更新。",
    )


def _find(ground_id: int) -> ObjectionGround:
    """The ground of an objection within the actor's bureau and below; outside it does not exist (rule A5)."""
    query = (
        select(ObjectionGround)
        .join(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(ObjectionGround.id == ground_id, Notice.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
    )
    found = db.session.scalar(query) if ground_id < 2**31 else None
    if found is None:
        raise NotFound("没有找到这条异议理由", rule="A5")
    return found


def _contested() -> Any:
    grounds = (
        select(
            Notice.application_id,
            func.count(ObjectionGround.id).label("grounds"),
            func.count(ObjectionGround.disposition).label("ruled"),
            func.count(Objection.id.distinct()).label("objections"),
            func.min(Objection.arrived_at).label("first_arrived_at"),
        )
        .join(Objection, Objection.notice_id == Notice.id)
        .join(ObjectionGround, ObjectionGround.objection_id == Objection.id)
        .group_by(Notice.application_id)
        .subquery()
    )
    return (
        select(
            Application.id,
            Application.number,
            Application.kind,
            Application.bureau_id,
            Project.name.label("project_name"),
            Bureau.area_name.label("bureau_name"),
            grounds.c.objections,
            grounds.c.grounds,
            grounds.c.ruled,
            grounds.c.first_arrived_at,
        )
        .join(Project, Application.project_id == Project.id)
        .join(Bureau, Application.bureau_id == Bureau.id)
        .join(grounds, grounds.c.application_id == Application.id)
        .where(
            Application.status == Status.CONTESTED,
            Application.bureau_id.in_(bureaus_within(actor().bureau_path or "/")),
        )
    )
