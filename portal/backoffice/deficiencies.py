"""一次性告知: an officer draws up everything that is missing, a second person signs a further list, and what an
applicant brings to the desk on paper is taken in (rules V1, V2).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash
from wtforms import BooleanField, StringField, TextAreaField

from portal import clock
from portal.backoffice import case_actions
from portal.backoffice.case_actions import Case
from portal.domain import checklists, deficiencies, resubmissions, texts, workdays
from portal.domain.checklists import Requirement
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission, can
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.deficiency import DeficiencyNotice
from portal.models.words import Status
from portal.web import answer_form, case_road, uploads
from portal.web.access import actor, application, needs
from portal.web.forms import Form, at_most
from portal.web.pages import attempt, go, page, refuse, succeeds

bp = Blueprint("deficiencies", __name__, url_prefix="/applications/<string:number>/deficiencies")


class SignatureForm(Form):
    """The second person's signature."""


class DrawUpForm(Form):
    """Which things of the checklist are missing; built with ask-<key> and note-<key> for each of them."""

    about = StringField("需要补正的内容")
    """Holds nothing: what is wrong with the choice as a whole stands here."""
    reason = TextAreaField(
        "再次告知的理由（将公开）",
        validators=[at_most(texts.PUBLISHED_REASON)],
    )


@bp.get("")
@needs(Permission.SEE_CASES)
def index(number: str) -> Response:
    """The checklist of the case, the lists told so far, and the answers."""
    return _show(application(number))


@bp.post("")
@needs(Permission.ANSWER_APPLICANT)
def create(number: str) -> Response:
    """Tell the applicant everything at once (rule V1), or draw up a further list (rule V2)."""
    case = application(number)
    form = _draw_up_class(case)()
    if not form.validate():
        return _show(case, drawn=form, status=422)
    notes = {asked.key: form[_note(asked)].data or "" for asked in checklists.checklist(case) if form[_ask(asked)].data}

    def draw_up() -> DeficiencyNotice:
        return deficiencies.draw_up(case, notes, form.reason.data or "", actor=actor(), now=clock.now())

    begin_write()
    notice = attempt(form, draw_up)
    if notice is None:
        return _show(case, drawn=form, status=form.status)
    if notice.issued_at is None:
        flash("已拟稿，待另一人签署后送达申请人。", "success")
    else:
        flash(f"已一次性告知，共{len(notice.items)}项。补正前不计入办理期限。", "success")
    return go("backoffice.deficiencies.index", number=number)


@bp.post("/<string:notice_number>/signature")
@needs(Permission.DECIDE)
def sign(number: str, notice_number: str) -> Response:
    """The second person puts a further list into force (rule V2)."""
    case, form = application(number), SignatureForm()
    notice = _list_of(case, notice_number)
    if not form.validate():
        return _show(case, signed=form, status=422)

    def put_into_force() -> None:
        deficiencies.sign(notice, actor=actor(), now=clock.now())

    begin_write()
    if not succeeds(form, put_into_force):
        return _show(case, signed=form, status=form.status)
    flash("已签署，告知书送达申请人，理由公开。", "success")
    return go("backoffice.deficiencies.index", number=number)


@bp.post("/<string:notice_number>/answer")
@needs(Permission.ANSWER_APPLICANT)
def take_in(number: str, notice_number: str) -> Response:
    """Take in at the desk what the applicant supplies: kept first, sent if nothing is missing."""
    case = application(number)
    notice = _list_of(case, notice_number)
    form = answer_form.form_class(notice, Form)()
    if not form.validate():
        return _show(case, answer=form, status=422)
    given = answer_form.answers(notice, form)

    def keep() -> list[RuleViolation]:
        return resubmissions.keep(notice, given, now=clock.now())

    def supply() -> None:
        resubmissions.resubmit(notice, actor=actor(), now=clock.now())

    begin_write()
    for refused in attempt(form, keep) or ():
        refuse(form, refused)
    begin_write()
    if form.errors or not answer_form.complete(notice, form) or not succeeds(form, supply):
        return _show(case, answer=form, status=form.status)
    flash("补正已收件，请继续核实。", "success")
    return go("backoffice.applications.show", number=number)


def _show(
    case: Application,
    *,
    drawn: Any = None,
    signed: Any = None,
    answer: Any = None,
    status: int = 200,
) -> Response:
    case = db.session.get_one(Application, case.id)
    calendar, today = workdays.load_calendar(db.session), clock.today()
    accepted = deficiencies.acceptance(case, calendar, today)
    offered = case_actions.offers(Case(case, (), actor(), today))
    may_tell = offered.get("deficiencies")
    lists = case.deficiency_notices
    asked = lists[-1] if case.status is Status.DEFICIENT else None
    takes_in = asked is not None and can(actor(), Permission.ANSWER_APPLICANT) and case.bureau_id == actor().bureau_id
    if takes_in and asked is not None:
        answer = answer or answer_form.form_class(asked, Form)(formdata=None, data=answer_form.kept(asked))
    return page(
        "backoffice/deficiencies/index.html",
        status=status,
        application=case,
        tone=case_road.TONES[case.status],
        step=case_road.step(case),
        steps=case_road.steps(case),
        stopped=case_road.stopped(case),
        accepted=accepted,
        left=workdays.working_days_left(today, accepted.tell_until.last_day, calendar),
        may_tell=may_tell,
        drawn=(drawn or _draw_up_class(case)(formdata=None, data=_prefilled(case))) if may_tell else None,
        refused=drawn is not None,
        groups=_groups(case),
        lists=lists,
        waiting=deficiencies.waiting(case),
        may_sign=offered.get("signature"),
        signature=signed or SignatureForm(formdata=None),
        asked=asked,
        answer=answer if takes_in else None,
        said_now=answer_form.said_now(asked) if asked else {},
        hints=answer_form.hints(asked) if asked else {},
        files_said_before=uploads.said_before(),
    )


def _groups(case: Application) -> list[dict[str, Any]]:
    """The checklist under its headings; after a resubmission each thing says whether it was part of it (rule V2)."""
    asked = checklists.checklist(case)
    apart = set(deficiencies.not_concerned(case, [each.key for each in asked]))
    return [
        {
            "label": label,
            "rows": [
                {"asked": each, "ask": _ask(each), "note": _note(each), "extra": each.key in apart} for each in group
            ],
        }
        for label, group in checklists.groups(asked)
    ]


def _draw_up_class(case: Application) -> type[DrawUpForm]:
    too_long = at_most(texts.NOTE, "每项说明")
    fields: dict[str, Any] = {}
    for asked in checklists.checklist(case):
        fields[_ask(asked)] = BooleanField(asked.label)
        fields[_note(asked)] = StringField(f"{asked.label}：具体要求", validators=[too_long])
    return type("CaseDrawUpForm", (DrawUpForm,), fields)


def _prefilled(case: Application) -> dict[str, Any]:
    """What the portal sees by itself to be missing, or what stands in the list that waits for its signature."""
    unsigned = deficiencies.waiting(case)
    if unsigned is None:
        return {_ask(asked): asked.owed for asked in checklists.checklist(case)}
    known = checklists.by_key(case)
    marked = {_ask(known[item.about]): True for item in unsigned.items if item.about in known}
    notes = {_note(known[item.about]): item.note for item in unsigned.items if item.about in known}
    return marked | notes | {"reason": unsigned.reason}


def _ask(asked: Requirement) -> str:
    return "ask-" + asked.key.replace("/", "-")


def _note(asked: Requirement) -> str:
    return "note-" + asked.key.replace("/", "-")


def _list_of(case: Application, number: str) -> DeficiencyNotice:
    found = next((each for each in case.deficiency_notices if each.number == number), None)
    if found is None:
        raise NotFound("没有找到这份告知书，请核对编号", rule="A5")
    return found
