"""Who may read and handle a complaint: the desk it lies on, and of that desk nobody with a part in the matter (rules
C2, A4).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select

from portal.domain import permissions
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.application import Application
from portal.models.complaint import Complaint, ComplaintRecusal, complaints_at
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.recheck import Recheck
from portal.models.verification import Verification
from portal.models.words import Role

NOT_THERE = "没有找到这件投诉举报：编号有误，或者不由您的岗位办理"


def desks(actor: Actor) -> set[bool]:
    """Where the actor sits: False for his bureau's complaint desk, True for its discipline office (rule C2)."""
    return {
        by_discipline
        for role, by_discipline in ((Role.COMPLAINT_HANDLER, False), (Role.DISCIPLINE_OFFICER, True))
        if actor.has(role)
    }


def readable(actor: Actor) -> Select[int]:
    """Ids of the complaints the actor may read: those of his desks without what he stays out of (rules C2, A4)."""
    recused = select(ComplaintRecusal.complaint_id).where(ComplaintRecusal.account_id == actor.user_id)
    return complaints_at(actor.bureau_id, desks(actor)).where(Complaint.id.not_in(recused), ~_took_part(actor))


def find(number: str, actor: Actor) -> Complaint:
    """The complaint with this number, to be read by the actor.

    Raises NotFound unless it lies on his own desk, NotAllowed where he stays out of it: as `require_handler`.
    """
    found = db.session.scalar(select(Complaint).where(Complaint.number == number[:24]))
    if found is None:
        raise NotFound(NOT_THERE, rule="C2")
    require_handler(actor, found)
    return found


def require_handler(actor: Actor, complaint: Complaint) -> None:
    """Raise NotFound unless it lies on the actor's own desk; NotAllowed if he is recused or had part in the matter
    (rules C2, A4).
    """
    permissions.require(actor, Permission.HANDLE_COMPLAINT)
    if complaint.bureau_id != actor.bureau_id or complaint.by_discipline not in desks(actor):
        raise NotFound(NOT_THERE, rule="C2")
    if actor.user_id in {recusal.account_id for recusal in complaint.recusals}:
        raise NotAllowed("您已回避此件，请由其他人员办理", rule="C2")
    if db.session.scalar(select(exists().where(Complaint.id == complaint.id, _took_part(actor)))):
        raise NotAllowed("您经办过被反映的事项，应当回避，请由其他人员办理", rule="A4")


def _took_part(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor verified, published, ruled on or decided what the complaint is about: the notice, or any case
    of the project.
    """
    of_notice = select(Notice.application_id).where(Notice.id == Complaint.notice_id).correlate(Complaint)
    about = or_(Application.id.in_(of_notice), Application.project_id == Complaint.project_id)
    his = or_(Application.decided_by_id == actor.user_id, *_work(actor))
    return exists().where(about, his).correlate(Complaint)


def _work(actor: Actor) -> list[Any]:
    """What an officer may have done in a case, each as a condition on the case."""
    notices = select(Notice.id).where(Notice.application_id == Application.id).correlate(Application)
    rulings = (
        select(ObjectionGround.id)
        .join(Objection, ObjectionGround.objection_id == Objection.id)
        .where(Objection.notice_id.in_(notices), ObjectionGround.ruled_by_id == actor.user_id)
    )
    rechecks = (
        select(Recheck.id)
        .join(Objection, Recheck.objection_id == Objection.id)
        .where(Objection.notice_id.in_(notices), Recheck.decided_by_id == actor.user_id)
    )
    return [
        exists().where(Verification.application_id == Application.id, Verification.verifier_id == actor.user_id),
        exists().where(Notice.application_id == Application.id, Notice.published_by == actor.name),
        rulings.exists(),
        rechecks.exists(),
    ]
