"""异议 on the progress page: how far it is, the answer to every ground, and what its filer may do (rules O4–O8)."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired

from portal import clock
from portal.domain import escalation, notices, rechecks, texts, trail, workdays
from portal.domain.windows import Limit
from portal.extensions import db
from portal.models.application import Application
from portal.models.objection import Objection
from portal.models.recheck import Recheck
from portal.models.trail_entry import TrailEntry
from portal.models.words import FilingStatus, NoticeStatus, RecheckOutcome, Status
from portal.public.filings import promise
from portal.public.notice_page import progress_of
from portal.public.progress_parts.forms import ActForm
from portal.web.forms import at_most

NAME = "异议"
TEMPLATE = "public/progress/_objection.html"
STEPS = ("收到", "公示期满", "逐条裁定", "答复")
TONES = {FilingStatus.RECEIVED: "blue", FilingStatus.ANSWERED: "green", FilingStatus.WITHDRAWN: "grey"}


class WithdrawalForm(ActForm):
    """Take the objection back; asked twice, because it cannot be undone."""

    KEY = "withdrawal"
    sure = BooleanField("我确认撤回这件异议，撤回后不能恢复", validators=[InputRequired("请勾选确认后再撤回")])


class RecheckForm(ActForm):
    """Ask the bureau above to look again (rule O7)."""

    KEY = "recheck"
    reason = TextAreaField(
        "为什么不同意答复",
        validators=[InputRequired("请写明为什么不同意答复"), at_most(texts.RECHECK)],
    )


def find(number: str) -> tuple[Objection, str] | None:
    """The objection with this number."""
    filed = db.session.scalar(select(Objection).where(Objection.number == number))
    return (filed, filed.code_hash) if filed else None


def context(filing: Objection) -> dict[str, Any]:
    """How far the objection is, what came of the case it is about, and until when a re-check may be asked for."""
    application, recheck, until = filing.notice.application, rechecks.of(filing), rechecks.limit_of(filing)
    today, promised = clock.today(), promise(filing)
    forms: list[ActForm] = []
    if filing.status is FilingStatus.RECEIVED:
        forms.append(WithdrawalForm.blank())
    if may_ask(filing, recheck, until):
        forms.append(RecheckForm.blank())
    return {
        "badge": (filing.status.label, TONES[filing.status]),
        "notice": filing.notice,
        "steps": STEPS,
        "step": _step(filing),
        "outcome": _outcome(application) if filing.status is not FilingStatus.RECEIVED else "",
        "overdue": filing.status is FilingStatus.RECEIVED and promised["answer_by"] < today,
        "escalation": escalation.of(filing),
        "history": _history(filing),
        "recheck": recheck,
        "recheck_until": until,
        "recheck_left": _left(until),
        "recheck_overturned": recheck is not None and recheck.outcome is RecheckOutcome.OVERTURNED,
        "recheck_overdue": recheck is not None and recheck.decide_by < today,
        "above": rechecks.above(filing),
        "waits": application.status in rechecks.WAITING,
        "forms": {form.KEY: form for form in forms},
        **promised,
    }


def may_ask(filing: Objection, recheck: Recheck | None, until: Limit | None) -> bool:
    """True while the form is worth showing; the verb decides."""
    if until is None or recheck is not None or filing.notice.application.status not in rechecks.WAITING:
        return False
    return until.provisional or g.arrived_at < until.ends_at


def _step(filing: Objection) -> int:
    """Where the stepper stands; one past the last step once it is answered."""
    if filing.status is FilingStatus.ANSWERED:
        return len(STEPS)
    return 1 if filing.notice.status is NoticeStatus.OPEN else 2


def _left(until: Limit | None) -> int:
    calendar = workdays.load_calendar(db.session)
    return workdays.working_days_left(clock.today(), until.last_day, calendar) if until else 0


def _history(filing: Objection) -> list[tuple[TrailEntry, dict[str, Any]]]:
    """Everything that happened to the objection, to be read without persons (rule T7)."""
    query = (
        select(TrailEntry)
        .where(TrailEntry.subject_kind == "objection", TrailEntry.subject_ref == filing.number)
        .order_by(TrailEntry.id)
    )
    return [(entry, trail.facts(entry)) for entry in db.session.scalars(query)]


def _outcome(application: Application) -> str:
    """What came of the case, in the words of its last notice."""
    if application.status is Status.WITHDRAWN:
        return "申请单位已经撤回申请，此件不再办理，业绩档案保持原样。"
    if application.status is Status.AWAITING_RECHECK:  # what he may do himself stands beside the answer
        return f"经{application.bureau.name}裁定，异议均不成立。期满无人申请复核，或者复核维持的，按公示内容办结。"
    goes_up = notices.goes_up(application)
    return progress_of(application.notices[-1], application.status, application.bureau.name, goes_up=goes_up).next
