"""公示: publish and retract (rules N1, N2, N3)."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import select

from portal import clock
from portal.backoffice import case_forms
from portal.backoffice.case_steps import take_step
from portal.domain import notices
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.bureau import bureaus_within
from portal.models.notice import Notice
from portal.web.access import actor, application, needs

bp = Blueprint("notices", __name__)


@bp.post("/applications/<string:number>/notice")
@needs(Permission.PUBLISH_NOTICE)
def create(number: str) -> Response:
    """Put a verified case on notice."""
    case, form = application(number), case_forms.sent("notice")
    return take_step(
        case,
        form,
        "notice",
        lambda: notices.publish(case, actor=actor(), now=clock.now(), shown=form.copies.data or ""),
        "公示已发布。公示期内任何人都可以提出异议；期满无异议的，由系统自动办结。",
    )


@bp.post("/notices/<string:reference>/retraction")
@needs(Permission.PUBLISH_NOTICE)
def retract(reference: str) -> Response:
    """Take a notice back; the case can then be put on a new one."""
    notice, form = find(reference), case_forms.sent("retraction")
    return take_step(
        notice.application,
        form,
        "retraction",
        lambda: notices.retract(notice, form.reason.data, actor=actor(), now=clock.now()),
        "公示已撤回，原公示页面仍可查看并注明撤回理由。再次公示将重新计算完整的公示期。",
    )


def find(reference: str) -> Notice:
    """The notice with this reference within the actor's bureau and below; outside it does not exist (rule A5)."""
    query = select(Notice).where(
        Notice.reference == reference[:40], Notice.bureau_id.in_(bureaus_within(actor().bureau_path or "/"))
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("没有找到这个公示，请核对编号", rule="A5")
    return found
