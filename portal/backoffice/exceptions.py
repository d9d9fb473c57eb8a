"""例外: supplements let through after the last day, by the province and two people (rule S5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash
from sqlalchemy import select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from portal import clock
from portal.backoffice.forms import explained
from portal.domain import exceptions, projects, texts
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.policy import PolicyException
from portal.models.project import Project
from portal.models.words import Section, Subject
from portal.web.access import actor, needs
from portal.web.forms import Form, choices
from portal.web.pages import attempt, go, page
from portal.web.paging import newest_first

bp = Blueprint("exceptions", __name__, url_prefix="/exceptions")
ROWS = 50


class ExceptionForm(Form):
    """For which project and section, and why."""

    project = StringField(
        "项目编号", validators=[InputRequired("请填写项目编号"), Length(max=40, message="不超过40位")]
    )
    section = SelectField(
        "环节",
        choices=choices([section for section in Section if section.subject is Subject.PROJECT_RECORD]),
        validators=[InputRequired("请选择环节")],
    )
    reason = explained("理由（将公开）", "请写明理由", texts.EXCEPTION)


class ConfirmationForm(Form):
    """The second person's button."""


@bp.get("")
@needs(Permission.OPEN_EXCEPTION)
def index() -> Response:
    """All exceptions, newest first, and the form for another."""
    return _show(ExceptionForm(), 200)


@bp.post("")
@needs(Permission.OPEN_EXCEPTION)
def create() -> Response:
    """Ask for an exception."""
    form = ExceptionForm()
    if not form.validate():
        return _show(form, 422)
    begin_write()
    project = projects.known(form.project.data.strip())
    if project is None:
        form.project.errors = ["档案中没有这个项目，请核对项目编号"]
        return _show(form, 422)
    proposed = attempt(
        form,
        lambda: exceptions.propose(
            project, Section(form.section.data), form.reason.data, actor=actor(), now=clock.now()
        ),
    )
    if proposed is None:
        return _show(form, form.status)
    flash("已提请例外，须由另一人批准后生效。", "success")
    return go("backoffice.exceptions.index")


@bp.post("/<int:exception_id>/confirmation")
@needs(Permission.OPEN_EXCEPTION)
def confirm(exception_id: int) -> Response:
    """Let it count."""
    form = ConfirmationForm()
    if not form.validate():
        return _show(form, 422)
    begin_write()
    found = db.session.get(PolicyException, exception_id) if exception_id < 2**31 else None
    if found is None:
        raise NotFound("没有找到这个例外")
    project = db.session.get_one(Project, found.project_id)
    done = attempt(form, lambda: _confirm(found, project))
    if done is None:
        return _show(form, form.status)
    flash("例外已批准，属地可以收取该环节的补录申请。", "success")
    return go("backoffice.exceptions.index")


def _confirm(found: PolicyException, project: Project) -> bool:
    exceptions.confirm(found, project, actor=actor(), now=clock.now())
    return True


def _show(form: Form, status: int) -> Response:
    query: Any = select(
        PolicyException.id,
        PolicyException.section,
        PolicyException.reason,
        PolicyException.proposed_by,
        PolicyException.proposed_at,
        PolicyException.confirmed_by,
        PolicyException.confirmed_at,
        Project.number,
        Project.name,
    ).join(Project, PolicyException.project_id == Project.id)
    found = newest_first(query, PolicyException.id, size=ROWS)
    return page(
        "backoffice/exceptions/index.html",
        status=status,
        form=form if isinstance(form, ExceptionForm) else ExceptionForm(formdata=None),
        refused=form if not isinstance(form, ExceptionForm) else None,
        rows=found.items,
        me=actor().name,
        older_url=found.older_url,
        newer_url=found.newer_url,
    )
