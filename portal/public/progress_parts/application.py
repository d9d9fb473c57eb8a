"""申请 on the progress page: every case of the receipt with what happens next, by whom and until when; the one-time
deficiency notice, to be answered item by item; taking a case back (rules S7, V1, V2).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from wtforms import BooleanField
from wtforms.validators import InputRequired

from portal import clock
from portal.domain import deficiencies, trail, workdays, workflow
from portal.extensions import db
from portal.models.application import Application, ApplicationReceipt
from portal.models.deficiency import DeficiencyNotice
from portal.models.notice import Notice
from portal.models.trail_entry import case_history
from portal.models.words import Status
from portal.public.application_next import next_of
from portal.public.progress_parts.forms import ActForm
from portal.web import answer_form, case_road

NAME = "申请"
TEMPLATE = "public/progress/_application.html"


class WithdrawalForm(ActForm):
    """Take one case back; asked twice, because it cannot be undone."""

    KEY = "withdrawal"
    sure = BooleanField("我确认撤回这件申请，撤回后不能恢复", validators=[InputRequired("请勾选确认后再撤回")])

    @classmethod
    def of(cls, case_number: str, *, was_sent: bool = False) -> WithdrawalForm:
        """The form for this case: the cases of one receipt have one each."""
        key = f"{cls.KEY}-{case_number}"
        own = type("CaseWithdrawalForm", (cls,), {"KEY": key})
        return own(prefix=key) if was_sent else own(formdata=None, prefix=key)


def find(number: str) -> tuple[Application, str] | None:
    """The first case of the receipt with this number: it speaks for all of them (rule S7)."""
    receipt = db.session.scalar(select(ApplicationReceipt).where(ApplicationReceipt.number == number))
    return (receipt.cases[0], receipt.code_hash) if receipt else None


def context(filing: Application) -> dict[str, Any]:
    """How far each case is, and the forms of what may be done now."""
    cases = cases_of(filing)
    forms: dict[str, ActForm] = {}
    for case in cases:
        asked = open_list(case)
        if asked is not None:
            form = correction_class(asked)
            forms[form.KEY] = form(formdata=None, prefix=form.KEY, data=answer_form.kept(asked))
        if case.status not in workflow.DECIDED:
            taken_back = WithdrawalForm.of(case.number)
            forms[taken_back.KEY] = taken_back
    calendar, today = workdays.load_calendar(db.session), clock.today()
    return {
        "badge": _badge(cases),
        "cases": [_shown(case, calendar, today) for case in cases],
        "road": case_road,
        "day_today": today,
        "forms": forms,
    }


def cases_of(filing: Application) -> list[Application]:
    """All cases of the receipt this one came with."""
    return list(filing.receipt.cases) if filing.receipt else [filing]


def open_list(case: Application) -> DeficiencyNotice | None:
    """The list the case waits for, if it waits for one."""
    lists = deficiencies.issued(case) if case.status is Status.DEFICIENT else []
    return lists[-1] if lists and lists[-1].answered_at is None else None


def correction_class(asked: DeficiencyNotice) -> type[ActForm]:
    """The form that answers this list: several cases of one receipt may each have theirs."""
    form = answer_form.form_class(asked, ActForm)
    form.KEY = f"answer-{asked.id}"
    return form


def _shown(case: Application, calendar: workdays.Calendar, today: date) -> dict[str, Any]:
    asked, limit = open_list(case), _limit(case, calendar, today)
    return {
        "case": case,
        "next": next_of(case, calendar, today),
        "limit": limit,
        "left": workdays.working_days_left(today, limit[1].last_day, calendar) if limit else 0,
        "asked": asked,
        "said_now": answer_form.said_now(asked) if asked else {},
        "hints": answer_form.hints(asked) if asked else {},
        "answered": [each for each in deficiencies.issued(case) if each.answered_at is not None],
        "history": [(entry, trail.facts(entry)) for entry in db.session.scalars(case_history(case.number))],
    }


def _limit(case: Application, calendar: workdays.Calendar, today: date) -> tuple[str, Notice | workdays.Limit] | None:
    """The day that matters now, and what it is called: of the notice, or for telling what is missing (rules N1, V1)."""
    if case.status is Status.ON_NOTICE:
        return "公示截止", case.notices[-1]
    accepted = deficiencies.acceptance(case, calendar, today)
    waits = case.status is Status.RECEIVED and accepted.accepted_on is None
    return ("告知期限", accepted.tell_until) if waits else None


def _badge(cases: list[Application]) -> tuple[str, str]:
    """One word for all cases: what waits for the applicant first, then what still runs."""
    order = [case for case in cases if case.status is Status.DEFICIENT]
    order += [case for case in cases if case.status not in workflow.DECIDED and case not in order]
    first = (order or cases)[0]
    several = f"（{len(cases)}件之一）" if len(cases) > 1 and len({case.status for case in cases}) > 1 else ""
    return first.status.label + several, case_road.TONES[first.status]
