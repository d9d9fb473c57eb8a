"""The page of one case: everything about it, and the forms of what may be done now; shown again when one fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.backoffice import case_actions, case_forms
from portal.backoffice.case_actions import Case, Offer
from portal.backoffice.case_forms import CaseForm
from portal.domain import escalation, likeness, policy, public_copies, sections, trail, workdays
from portal.domain.sections import FieldType
from portal.domain.workdays import Window
from portal.extensions import db
from portal.models.account import Account
from portal.models.application import Application, ApplicationChange, ApplicationReceipt
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.trail_entry import TrailEntry, case_history
from portal.models.verification import Verification
from portal.models.words import Kind, NoticeStatus
from portal.web import case_road
from portal.web.access import actor
from portal.web.pages import page

NUMBERS = (FieldType.AMOUNT, FieldType.AREA, FieldType.LENGTH, FieldType.INTEGER)
CODES = (FieldType.COMPANY_CODE, FieldType.NUMBER, FieldType.NODE_NUMBER, FieldType.PERMIT_NUMBER)


def show_case(
    application: Application, *, status: int = 200, failed: CaseForm | None = None, key: str = ""
) -> Response:
    """The whole page of a case; `failed` is the form that was refused, `key` its name ("confirmation", "ground-7")."""
    application = _loaded(application.id)
    grounds = _grounds(application)
    case = Case(application, grounds, actor(), clock.today())
    offered = case_actions.offers(case)
    history = list(db.session.scalars(case_history(application.number)))
    forms = _forms(offered, grounds, history[-1].id if history else 0)
    later: list[TrailEntry] = []
    told, lost = [], []
    if failed is not None:
        later = [entry for entry in history if status == 409 and entry.id > _seen(failed)]
        if key in forms:
            failed.seen.data = str(history[-1].id)
            forms[key] = failed
        else:  # it is not offered any more, so its errors and its text stand on top of the page
            told, lost = _errors(failed), _typed(failed)
    copies = public_copies.prepared(application) if "notice" in offered else []
    if "notice" in forms:
        forms["notice"].copies.data = public_copies.fingerprint(copies)
    names = _names(history)
    calendar = workdays.load_calendar(db.session)
    notice = application.notices[-1] if application.notices else None
    return page(
        "backoffice/applications/show.html",
        status=status,
        application=application,
        tone=case_road.TONES[application.status],
        step=case_road.step(application),
        steps=case_road.steps(application),
        stopped=case_road.stopped(application),
        linked=[each for each in application.receipt.cases if each is not application] if application.receipt else [],
        changes=[comparison(application, change) for change in application.changes],
        grounds=grounds,
        escalations=escalation.of_case(application) if grounds else {},
        alike=likeness.companions([ground.fingerprint for ground in grounds]),
        notice=notice,
        window=_window(notice) if notice is not None else None,
        left=workdays.working_days_left(case.today, notice.last_day, calendar) if notice is not None else 0,
        running=notice is not None and notice.status is NoticeStatus.OPEN,
        offered=offered,
        forms=forms,
        refused_key=key,
        told=told,
        later=[(entry, trail.facts(entry)) for entry in later],
        lost=lost,
        waiting_for=case_actions.waiting_for(application),
        preview=_preview(case) if "notice" in offered else None,
        copies=[(copy.original_id, said) for copy, said in zip(copies, public_copies.said(copies), strict=True)],
        kept_back=len(public_copies.originals(application)) - len(copies) if "notice" in offered else 0,
        history=[(entry, _by_name(trail.facts(entry), names)) for entry in history],
        names=names,
        events={event.value: event.label for event in trail.Event},
        matters_missing=offered["confirmation"].why if "confirmation" in offered else "",
    )


def comparison(application: Application, change: ApplicationChange) -> dict[str, Any]:
    """One entry before and after, in the shape the comparison is drawn from."""
    rows = sections.diff(change.section, change.before, change.after)
    upgrade = application.kind is Kind.LEVEL_UPGRADE
    level = change.entry.level.label if change.entry else ""
    return {
        "title": f"{change.section.label} · {change.entry_number or '未编号'}",
        "added": change.before is None,
        "changed": [_row(change, row) for row in rows if row.changed],
        "unchanged": [_row(change, row) for row in rows if not row.changed],
        "note": f"数据等级：{level} → {application.target_level.label}" if upgrade and application.target_level else "",
        "origin": change.origin.label,
        "level": change.entry.level if change.entry else None,
    }


def _row(change: ApplicationChange, row: sections.FieldChange) -> dict[str, Any]:
    field = sections.field_of(change.section, row.key)
    style = "num" if field and field.type in NUMBERS else "code" if field and field.type in CODES else ""
    nothing = {"—": None}
    return {
        "label": row.label,
        "before": nothing.get(row.before, row.before),
        "after": nothing.get(row.after, row.after),
        "style": style,
    }


def _loaded(application_id: int) -> Application:
    """The case with all its page shows, in a handful of queries however much that is."""
    query = (
        select(Application)
        .where(Application.id == application_id)
        .options(
            joinedload(Application.project),
            joinedload(Application.bureau),
            selectinload(Application.changes).joinedload(ApplicationChange.entry),
            selectinload(Application.verifications).joinedload(Verification.verifier),
            selectinload(Application.verifications).selectinload(Verification.evidence),
            selectinload(Application.notices),
            selectinload(Application.papers),
            selectinload(Application.deficiency_notices),
            joinedload(Application.receipt).selectinload(ApplicationReceipt.cases),
        )
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).unique().one()


def _grounds(application: Application) -> list[ObjectionGround]:
    """Every ground of every objection to this case (rule O3), with evidence and ruling."""
    query = (
        select(ObjectionGround)
        .join(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Notice.application_id == application.id)
        .options(
            joinedload(ObjectionGround.objection).joinedload(Objection.notice),
            joinedload(ObjectionGround.ruled_by),
            selectinload(ObjectionGround.evidence),
        )
        .order_by(ObjectionGround.id)
    )
    return list(db.session.scalars(query).unique())


def _forms(offered: dict[str, Offer], grounds: Iterable[ObjectionGround], seen: int) -> dict[str, CaseForm]:
    forms = {key: case_forms.blank(key) for key in offered if key in case_forms.FORMS and not offered[key].why}
    if "ruling" in offered and not offered["ruling"].why:
        waiting = [ground for ground in grounds if ground.disposition is None]
        forms |= {f"ground-{ground.id}": case_forms.ruling_form(ground.id, was_sent=False) for ground in waiting}
    for form in forms.values():
        form.seen.data = str(seen)
    return forms


def _window(notice: Notice) -> Window:
    calendar = workdays.load_calendar(db.session)
    published = clock.beijing_date(notice.published_at)
    return workdays.window_until(published, notice.last_day, calendar, provisional=notice.provisional)


def _preview(case: Case) -> Window:
    """The window a notice would have that is published now (rules N3, N5)."""
    length = policy.value("notice.working_days", case.today)
    return workdays.open_window(case.today, workdays.load_calendar(db.session), length)


def _names(history: Iterable[TrailEntry]) -> dict[str, str]:
    """Names of the officers in a history, by what the trail calls them; shown to staff only (rules V6, T7)."""
    usernames = {entry.actor.removeprefix("staff:") for entry in history if entry.actor.startswith("staff:")}
    query = select(Account.username, Account.display_name).where(Account.username.in_(sorted(usernames)))
    return {f"staff:{row.username}": row.display_name for row in db.session.execute(query)} if usernames else {}


def _by_name(facts: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What an entry says, with the officer's name in place of his account (rule V6)."""
    who = facts["actor"]
    others = "系统" if who.startswith("system:") else "公众" if who == "public" else who
    return facts | {"actor": names.get(who, others)}


def _seen(form: CaseForm) -> int:
    typed = form.seen.data or ""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0


def _errors(form: CaseForm) -> list[str]:
    return [str(error) for errors in (form.form_errors, *(field.errors for field in form)) for error in errors]


def _typed(form: CaseForm) -> list[tuple[str, str]]:
    """What stood in a form that is no longer offered, so that its writer can keep it."""
    hidden = (form.seen.name, form.csrf_token.name)
    return [
        (field.label.text, field.data)
        for field in form
        if field.name not in hidden and isinstance(field.data, str) and field.data.strip()
    ]
