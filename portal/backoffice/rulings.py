"""异议裁定: ground by ground, or those that are alike together, then the case; and online changes, which a person
decides too (rules O5, O6, O8, S4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash
from sqlalchemy import case as when
from sqlalchemy import func, select

from portal import clock
from portal.backoffice import case_forms, ruling_groups
from portal.backoffice.case_steps import take_step
from portal.domain import decisions, ladder, likeness, objections
from portal.domain.errors import NotFound
from portal.domain.ladder import OBJECTION_ANSWER
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.bureau import Bureau, bureaus_within
from portal.models.escalation import Escalation
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.project import Project
from portal.models.words import Disposition, FilingStatus, LimitStep, Status
from portal.web.access import actor, application, needs
from portal.web.pages import go, page, succeeds
from portal.web.paging import newest_first

bp = Blueprint("rulings", __name__)
ROWS = 50


@bp.get("/rulings")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """Contested cases of the bureau and of those below, with how much of each is ruled on."""
    found = newest_first(_contested(), Application.id, size=ROWS)
    horizons = OBJECTION_ANSWER.horizons(clock.today())
    return page(
        "backoffice/rulings/index.html",
        rows=[_row(row, horizons) for row in found.items],
        alike=_alike([row.id for row in found.items]),
        older_url=found.older_url,
        newer_url=found.newer_url,
        own_bureau_id=actor().bureau_id,
    )


@bp.get("/rulings/<string:number>")
@needs(Permission.SEE_CASES)
def show(number: str) -> Response:
    """The grounds of one case, those that say much the same together: ruled on in one go, each for itself."""
    return ruling_groups.show(application(number))


@bp.post("/rulings/<string:number>/dispositions")
@needs(Permission.DECIDE)
def rule_on_group(number: str) -> Response:
    """Give the chosen grounds the same disposition."""
    contested, form = application(number), ruling_groups.GroupForm()
    if not form.validate():
        return ruling_groups.show(contested, failed=form, status=422)
    chosen = ruling_groups.chosen(contested, form)

    def rule() -> None:
        disposition = Disposition(form.disposition.data)
        decisions.rule_on_group(chosen, disposition, form.reason.data, actor=actor(), now=clock.now())

    begin_write()
    if not succeeds(form, rule):
        return ruling_groups.show(application(number), failed=form, status=form.status)
    flash(f"已对{len(chosen)}条理由分别作出裁定。裁定不予受理的须由另一人确认。", "success")
    return go("backoffice.rulings.show", number=number)


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


def _row(row: Any, horizons: Mapping[LimitStep, date]) -> dict[str, Any]:
    """What the list says of one case, with the day by which the oldest open objection is to be answered (rule O8)."""
    due = OBJECTION_ANSWER.limit(row.waits_since).last_day if row.waits_since else None
    return {**row._mapping, "due": due, "step": ladder.reached(due, horizons) if due else None}


def _alike(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each case with grounds that say much the same: how many such grounds, in how many groups."""
    query = (
        select(Notice.application_id, ObjectionGround.fingerprint)
        .join(Objection, Objection.notice_id == Notice.id)
        .join(ObjectionGround, ObjectionGround.objection_id == Objection.id)
        .where(Notice.application_id.in_(ids))
        .order_by(ObjectionGround.id)
    )
    prints: dict[int, list[str]] = {}
    for application_id, fingerprint in db.session.execute(query):
        prints.setdefault(application_id, []).append(fingerprint)
    groups = {of: [group for group in likeness.grouped(all_) if len(group) > 1] for of, all_ in prints.items()}
    return {of: (sum(map(len, found)), len(found)) for of, found in groups.items() if found}


def _contested() -> Any:
    grounds = (
        select(
            Notice.application_id,
            func.count(ObjectionGround.id).label("grounds"),
            func.count(ObjectionGround.disposition).label("ruled"),
            func.count(Objection.id.distinct()).label("objections"),
            func.min(when((Objection.status == FilingStatus.RECEIVED, Objection.arrived_at))).label("waits_since"),
            func.count(when((Objection.status == FilingStatus.RECEIVED, Escalation.id)).distinct()).label("escalated"),
        )
        .join(Objection, Objection.notice_id == Notice.id)
        .join(ObjectionGround, ObjectionGround.objection_id == Objection.id)
        .outerjoin(Escalation, Escalation.objection_id == Objection.id)
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
            grounds.c.waits_since,
            grounds.c.escalated,
        )
        .join(Project, Application.project_id == Project.id)
        .join(Bureau, Application.bureau_id == Bureau.id)
        .join(grounds, grounds.c.application_id == Application.id)
        .where(
            Application.status == Status.CONTESTED,
            Application.bureau_id.in_(bureaus_within(actor().bureau_path or "/")),
        )
    )
