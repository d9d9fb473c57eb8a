"""Taking in at the desk: the steps both doors share, for projects of the clerk's own locality (rules S3, A5)."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.domain import intake
from portal.domain.attachments import StoredFile
from portal.domain.errors import Stale
from portal.domain.intake import Papers
from portal.domain.online_intake import known_or_new
from portal.models.application import Application
from portal.models.project import Project
from portal.models.words import Channel, Kind, Origin, Section
from portal.web import intake_form, intake_steps, uploads
from portal.web.access import actor
from portal.web.forms import Form
from portal.web.intake_form import EVIDENCE, SCAN, Written
from portal.web.intake_steps import Steps
from portal.web.pages import page


def read(args: MultiDict[str, str]) -> Steps:
    """The steps as far as the address or the form has them."""
    return intake_steps.read(args, _not_mine)


def form_for(steps: Steps) -> Any | None:
    """The long form, once everything before it is settled."""
    return intake_form.build(steps, Form, online=False) if steps.ready else None


def check(steps: Steps, form: Any) -> Written | None:
    """What the form holds, or None if something is wrong with it; warnings must be acknowledged once (请核对)."""
    written = intake_form.check(form, steps)
    if written is not None and form.warnings and not form.acknowledged.data:
        form.acknowledged.errors = ["请核对下列提示；确认无误后勾选，再次提交"]
        return None
    return written


def files() -> Papers:
    """What was uploaded with it, stored. Raises RuleViolation naming the file at fault."""

    def stored(name: str) -> list[StoredFile]:
        return uploads.store(request.files.getlist(name), field=name)

    return Papers(stored(SCAN), stored(EVIDENCE))


def show(steps: Steps, *, form: Any | None = None, status: int = 200) -> Response:
    """The page of the step reached."""
    if status == 200 and (steps.errors or steps.refused or any(part.outlook.refused for part in steps.parts)):
        status = 422
    return page(
        "backoffice/applications/new.html",
        status=status,
        steps=steps,
        form=form or form_for(steps),
        kinds=[Kind.SUPPLEMENT] if steps.is_new else list(Kind),
        sections=list(Section),
        origins=list(Origin),
        limits=uploads.said_before(),
    )


def receive(steps: Steps, written: Written, papers: Papers) -> list[Application]:
    """Hand what was written to the verb; a project nobody knew is registered first. Raises RuleViolation."""
    now = clock.now()
    project = steps.project
    if project is None:
        if written.project is None:
            raise Stale("这个项目的登记情况刚刚有变化，请重新选择项目")
        project = known_or_new(written.project, now=now)
    return intake.receive_all(
        steps.settled_kind,
        project,
        written.requests,
        written.applicant,
        channel=Channel.CLERK,
        actor=actor(),
        now=now,
        reason=written.reason,
        target_level=written.target_level,
        papers=papers,
    )


def _not_mine(project: Project | None, locality: str | None) -> str:
    mine = project.bureau_id == actor().bureau_id if project else locality in (None, actor().bureau_code)
    return "" if mine else "这个项目不在本单位的收件范围：申请由项目属地的住建部门收件，请核对项目编号"
