"""申请: the list, the case, and taking one in at the desk (rules S2–S9)."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from sqlalchemy import select

from portal.backoffice import case_list, intake_steps
from portal.backoffice.case_page import show_case
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.application import Application, ApplicationChange
from portal.web import case_road
from portal.web.access import actor, application, needs
from portal.web.pages import attempt, go, page, refuse
from portal.web.paging import newest_first

bp = Blueprint("applications", __name__, url_prefix="/applications")
ROWS = 50


@bp.get("")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """Cases of the bureau and of those below, newest first; the filters are in the address."""
    path = actor().bureau_path or "/"
    said, below = case_list.filters(request.args), case_list.bureaus(path)
    found = newest_first(case_list.rows(said, path, below), Application.id, size=ROWS)
    return page(
        "backoffice/applications/index.html",
        partial="backoffice/applications/_list.html",
        rows=found.items,
        sections=_sections([row.id for row in found.items]),
        older_url=found.older_url,
        newer_url=found.newer_url,
        said=said,
        options={name: [(word.value, word.label) for word in words] for name, words in case_list.WORDS.items()},
        below=[(row.code, row.area_name) for row in below],
        tones=case_road.TONES,
    )


@bp.get("/new")
@needs(Permission.RECEIVE_APPLICATION)
def new() -> Response:
    """Taking in, step by step: each step is an address, so that going back loses nothing."""
    return intake_steps.show(intake_steps.read(request.args))


@bp.post("")
@needs(Permission.RECEIVE_APPLICATION)
def create() -> Response:
    """Take the application in."""
    steps = intake_steps.read(request.form)
    form = intake_steps.form_for(steps)
    if form is None:
        return intake_steps.show(steps, status=422)
    written = intake_steps.check(steps, form)
    if written is None:
        return intake_steps.show(steps, form=form, status=422)
    try:
        papers = intake_steps.files()
    except RuleViolation as refusal:
        refuse(form, refusal)
        return intake_steps.show(steps, form=form, status=422)
    begin_write()
    cases = attempt(form, lambda: intake_steps.receive(steps, written, papers))
    if cases is None:
        return intake_steps.show(intake_steps.read(request.form), form=form, status=form.status)
    for case in cases:
        flash(f"已收件，编号 {case.number}。下一步：{case.route.label}。", "success")
    return go("backoffice.applications.show", number=cases[0].number)


@bp.get("/<string:number>")
@needs(Permission.SEE_CASES)
def show(number: str) -> Response:
    """One case: what changes, who verified, the notice, objections, history, and what I may do."""
    return show_case(application(number))


def _sections(ids: list[int]) -> dict[int, str]:
    """The sections of each case, in words."""
    query = (
        select(ApplicationChange.application_id, ApplicationChange.section)
        .where(ApplicationChange.application_id.in_(ids))
        .order_by(ApplicationChange.application_id, ApplicationChange.position)
    )
    found: dict[int, list[str]] = {}
    for application_id, section in db.session.execute(query) if ids else ():
        if section.label not in found.setdefault(application_id, []):
            found[application_id].append(section.label)
    return {application_id: "、".join(labels) for application_id, labels in found.items()}
