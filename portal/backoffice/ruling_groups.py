"""相近的异议理由: the grounds of one case in groups that say much the same, to be ruled on together (rule O5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.validators import InputRequired

from portal import clock
from portal.backoffice import case_actions
from portal.backoffice.case_actions import Case
from portal.backoffice.forms import explained
from portal.domain import decisions, escalation, likeness
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.words import Disposition
from portal.web.access import actor
from portal.web.forms import Form, choices
from portal.web.pages import page

GROUPS, MEMBERS = 20, 200
"""How much one page shows; what is left follows once this is ruled on."""


class GroupForm(Form):
    """One disposition for every ground that is ticked. `group` is the first ground of the group it was sent from."""

    group = HiddenField()
    grounds = SelectMultipleField("本组理由", coerce=str, validate_choice=False)
    disposition = RadioField("裁定", choices=choices(Disposition), validators=[InputRequired("请选择裁定")])
    reason = explained("裁定理由（将答复每一位异议人）", "请写明裁定理由")


@dataclass(frozen=True, slots=True)
class Group:
    """Grounds without a disposition that say much the same; the first stands for all."""

    first: ObjectionGround
    shown: list[ObjectionGround]
    size: int
    alike: int
    """How many there are with those that are ruled on already."""
    form: GroupForm


def show(contested: Application, *, failed: GroupForm | None = None, status: int = 200) -> Response:
    """The page of one case's groups, the largest first; `failed`: the form that was refused, as it was sent."""
    # whom a ground is alike is told from all of them; only what is shown is read in full
    query = (
        select(ObjectionGround.id, ObjectionGround.fingerprint, ObjectionGround.disposition)
        .join(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Notice.application_id == contested.id)
        .order_by(ObjectionGround.id)
    )
    grounds = db.session.execute(query).all()
    groups: list[tuple[list[int], int]] = []
    for places in likeness.grouped([ground.fingerprint for ground in grounds]):
        waiting = [grounds[place].id for place in places if grounds[place].disposition is None]
        if waiting:
            groups.append((waiting, len(places)))
    groups.sort(key=lambda group: -len(group[0]))
    shown = groups[:GROUPS]
    read = _read([ground_id for waiting, _ in shown for ground_id in waiting[:MEMBERS]])
    case = Case(contested, list(read.values()), actor(), clock.today())
    offered = case_actions.offers(case).get("ruling")
    return page(
        "backoffice/rulings/show.html",
        status=status,
        application=contested,
        escalations=escalation.of_case(contested),
        groups=[
            _group([read[id_] for id_ in waiting[:MEMBERS]], len(waiting), alike, failed) for waiting, alike in shown
        ],
        more=len(groups) - len(shown),
        open_grounds=sum(ground.disposition is None for ground in grounds),
        all_grounds=len(grounds),
        may_rule=offered is not None and not offered.why,
        why_not=offered.why if offered else "",
        failed=failed,
    )


def chosen(contested: Application, form: GroupForm) -> list[ObjectionGround]:
    """The grounds of this case that are ticked; anything else that was sent names nothing."""
    wanted = {int(text) for text in form.grounds.data or () if text.isascii() and text.isdigit() and len(text) < 10}
    return [ground for ground in decisions.grounds_of(contested) if ground.id in wanted]


def _group(shown: list[ObjectionGround], size: int, alike: int, failed: GroupForm | None) -> Group:
    first = shown[0]
    if failed is not None and failed.group.data in {str(ground.id) for ground in shown}:
        return Group(first, shown, size, alike, failed)
    # several of these forms stand on one page: each its own names for its fields' labels, the same words when sent
    form = GroupForm(formdata=None, data={"group": str(first.id), "grounds": [str(ground.id) for ground in shown]})
    for field in form:
        field.id = field.label.field_id = f"{field.id}-{first.id}"
    return Group(first, shown, size, alike, form)


def _read(ids: list[int]) -> dict[int, ObjectionGround]:
    query: Any = (
        select(ObjectionGround)
        .where(ObjectionGround.id.in_(ids))
        .options(
            joinedload(ObjectionGround.objection).joinedload(Objection.notice),
            joinedload(ObjectionGround.aside_by),
            selectinload(ObjectionGround.evidence),
        )
        .order_by(ObjectionGround.id)
    )
    return {ground.id: ground for ground in db.session.scalars(query).unique()}
