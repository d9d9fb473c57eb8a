"""工作台: what waits for whom, and the way to any number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import func, select

from portal import clock
from portal.domain import complaint_access, escalation, permissions, rechecks, workdays
from portal.domain.ladder import OBJECTION_ANSWER
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import bureaus_within
from portal.models.complaint import Complaint
from portal.models.escalation import waiting_for_answer
from portal.models.message import unanswered
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.project import Project
from portal.models.publication_sighting import notices_to_decide
from portal.models.supervision_case import SupervisionCase
from portal.models.words import LimitStep, NoticeStatus, Route, Status
from portal.web.access import actor, needs, signed_in
from portal.web.pages import page, typed

bp = Blueprint("desk", __name__)
CLOSING_SOONEST = 10


@dataclass(frozen=True, slots=True)
class Queue:
    """One figure of the desk and the list behind it."""

    label: str
    count: int
    url: str
    tone: str = ""


@bp.get("/")
@signed_in
def index() -> Response:
    """How much waits in each queue of the bureau and of those below, and which windows end next."""
    sees_cases = permissions.can(actor(), Permission.SEE_CASES)
    calendar = workdays.load_calendar(db.session)
    return page(
        "backoffice/desk/index.html",
        queues=[*(_queues() if sees_cases else []), *_escalations(), *_complaints()],
        closing=db.session.execute(_closing_soonest()).all() if sees_cases else [],
        left=lambda day: workdays.working_days_left(clock.today(), day, calendar),
        sees_cases=sees_cases,
        receives=permissions.can(actor(), Permission.RECEIVE_APPLICATION),
        opens_exceptions=permissions.can(actor(), Permission.OPEN_EXCEPTION),
        year_to_ask_for=workdays.year_to_ask_for(calendar, clock.today())
        if permissions.can(actor(), Permission.CHANGE_CALENDAR)
        else None,
    )


@bp.get("/search")
@needs(Permission.SEE_CASES)
def find() -> Response:
    """Straight to the case, notice, objection or project with this number; anything else searches the list."""
    q = typed(request.args.get("q"))
    target = _case_with_number(q.upper()) if q else None
    return redirect(target or url_for("backoffice.applications.index", q=q or None), code=303)  # type: ignore[return-value]


def _queues() -> list[Queue]:
    within = bureaus_within(actor().bureau_path or "/")
    counted: dict[tuple[Status, Route], int] = {
        (status, route): count
        for status, route, count in db.session.execute(
            select(Application.status, Application.route, func.count())
            .where(Application.bureau_id.in_(within))
            .group_by(Application.status, Application.route)
        )
    }

    def waiting(label: str, status: Status, route: Route | None = None, tone: str = "") -> Queue:
        count = sum(n for (s, r), n in counted.items() if s is status and route in (None, r))
        url = url_for("backoffice.applications.index", status=status.value, route=route.value if route else None)
        return Queue(label, count, url, tone if count else "")

    queues = [
        waiting("已收件，待核实", Status.RECEIVED),
        waiting("核实属实，待公示", Status.VERIFIED, Route.NOTICE),
        waiting("公示中", Status.ON_NOTICE),
        waiting("有异议，待裁定", Status.CONTESTED, tone="amber"),
        _to_answer_soon(within),
        waiting("线上变更待办", Status.VERIFIED, Route.ONLINE_CHANGE),
        Queue("监督线索", _supervision_cases(within), url_for("backoffice.supervision_cases.index")),
    ]
    gaps = _number_of(notices_to_decide().where(Notice.bureau_id.in_(within)))
    queues.append(Queue("公示中断，待决定", gaps, url_for("backoffice.publication_gaps.index"), "red" if gaps else ""))
    messages = _number_of(unanswered(actor().bureau_id))
    queues.append(Queue("待回复的留言", messages, url_for("backoffice.messages.index"), "amber" if messages else ""))
    if permissions.can(actor(), Permission.DECIDE):
        asked = _number_of(rechecks.to_decide(actor().bureau_id))
        queues.append(Queue("待作出的复核", asked, url_for("backoffice.rechecks.index"), "amber" if asked else ""))
    return queues


def _to_answer_soon(within: Any) -> Queue:
    """Objections that can be ruled on and whose limit is about to pass, or has passed (rule O8)."""
    soon = waiting_for_answer(OBJECTION_ANSWER.began_before(LimitStep.WARNING, clock.today()))
    count = _number_of(soon.where(Application.status == Status.CONTESTED, Application.bureau_id.in_(within)))
    return Queue("答复将到期或已超期的异议", count, url_for("backoffice.rulings.index"), "red" if count else "")


def _escalations() -> list[Queue]:
    """What bureaus below did not answer in time, and waits for this officer (rules O8, E1)."""
    if not permissions.can(actor(), Permission.SUPERVISE):
        return []
    count = _number_of(escalation.to_act_on(actor()))
    return [Queue("待督办的超期异议", count, url_for("backoffice.escalations.index"), "red" if count else "")]


def _number_of(query: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _supervision_cases(within: Any) -> int:
    query = select(func.count()).select_from(SupervisionCase).where(SupervisionCase.bureau_id.in_(within))
    return db.session.scalar(query) or 0


def _complaints() -> list[Queue]:
    """Complaints that wait on the officer's own desk; the bureaus above and below have their own (rule C2)."""
    if not permissions.can(actor(), Permission.HANDLE_COMPLAINT):
        return []
    waiting = select(func.count()).select_from(Complaint).where(Complaint.due_on.is_not(None))
    count = db.session.scalar(waiting.where(Complaint.id.in_(complaint_access.readable(actor())))) or 0
    return [Queue("投诉举报", count, url_for("backoffice.complaints.index"), "amber" if count else "")]


def _closing_soonest() -> Any:
    return (
        select(Notice.reference, Notice.title, Notice.last_day, Notice.provisional, Application.number.label("number"))
        .join(Application, Notice.application_id == Application.id)
        .where(Notice.status == NoticeStatus.OPEN, Notice.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
        .order_by(Notice.ends_at, Notice.id)
        .limit(CLOSING_SOONEST)
    )


def _case_with_number(number: str) -> str | None:
    """Address of what bears exactly this number, if the actor may see it."""
    within = Application.bureau_id.in_(bureaus_within(actor().bureau_path or "/"))
    numbers = select(Application.number).where(within)
    queries = (
        numbers.where(Application.number == number),
        numbers.join(Notice).where(Notice.reference == number),
        numbers.join(Notice).join(Objection, Objection.notice_id == Notice.id).where(Objection.number == number),
        numbers.join(SupervisionCase, SupervisionCase.application_id == Application.id).where(
            SupervisionCase.number == number
        ),
    )
    for query in queries:
        found = db.session.scalar(query.limit(1))
        if found is not None:
            return url_for("backoffice.applications.show", number=found)
    complaint = select(Complaint.number).where(Complaint.id.in_(complaint_access.readable(actor())))
    if db.session.scalar(complaint.where(Complaint.number == number)) is not None:
        return url_for("backoffice.complaints.show", number=number)
    project = db.session.scalar(
        select(Project.number).where(
            Project.number == number, Project.bureau_id.in_(bureaus_within(actor().bureau_path or "/"))
        )
    )
    return url_for("backoffice.records.show", number=project) if project is not None else None
