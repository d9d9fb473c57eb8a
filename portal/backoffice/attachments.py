"""附件: a download only for whoever may see the thing it belongs to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Select, or_, select

from portal.domain import escalation, permissions
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.bureau import bureaus_within
from portal.models.deficiency import DeficiencyItem, DeficiencyNotice
from portal.models.escalation import Escalation
from portal.models.message import Message
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.verification import Verification
from portal.web import uploads
from portal.web.access import actor, needs

bp = Blueprint("attachments", __name__, url_prefix="/attachments")


@bp.get("/<int:attachment_id>")
@needs(Permission.SEE_ESCALATIONS)
def show(attachment_id: int) -> Response:
    """The file. Drafts that nobody has filed yet, and files of other bureaus, do not exist here (rule A5); those of
    complaints have a door of their own (rule C2).
    """
    query = select(Attachment).where(Attachment.id == attachment_id, or_(*_visible()))
    found = db.session.scalar(query) if attachment_id < 2**31 else None
    if found is None:
        raise NotFound("没有找到这个附件", rule="A5")
    try:
        return uploads.send(found)
    except FileNotFoundError:
        raise NotFound("附件文件不在存储中，请联系管理人员从备份恢复") from None


def _answered_items(cases: Select[Any]) -> Select[Any]:
    """What applicants supplied; while a list is being answered, its files are drafts."""
    return (
        select(DeficiencyItem.id)
        .join(DeficiencyNotice)
        .where(DeficiencyNotice.application_id.in_(cases), DeficiencyNotice.answered_at.is_not(None))
    )


def _visible() -> list[Any]:
    if not permissions.can(actor(), Permission.SEE_CASES):  # the discipline office: only what was taken up to it
        taken_up = escalation.readable(actor()).with_only_columns(Escalation.objection_id)
        grounds = select(ObjectionGround.id).where(ObjectionGround.objection_id.in_(taken_up))
        return [Attachment.ground_id.in_(grounds)]
    within = bureaus_within(actor().bureau_path or "/")
    cases = select(Application.id).where(Application.bureau_id.in_(within))
    objections = select(Objection.id).join(Notice, Objection.notice_id == Notice.id).where(Notice.bureau_id.in_(within))
    grounds = select(ObjectionGround.id).where(ObjectionGround.objection_id.in_(objections))
    return [
        Attachment.application_id.in_(cases),
        Attachment.verification_id.in_(select(Verification.id).where(Verification.application_id.in_(cases))),
        Attachment.ground_id.in_(grounds),
        Attachment.deficiency_item_id.in_(_answered_items(cases)),
        Attachment.message_id.in_(
            select(Message.id).where(or_(Message.objection_id.in_(objections), Message.application_id.in_(cases)))
        ),
    ]
