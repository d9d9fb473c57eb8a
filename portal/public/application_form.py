"""我要申请, the long form: it lives in the draft of its ticket, so that it is the same after every step and every error
(rules S7, S8, S9).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.domain import filings, online_intake, routing
from portal.domain.attachments import StoredFile, stored
from portal.domain.errors import RuleViolation
from portal.domain.intake import Papers
from portal.extensions import begin_write, db
from portal.models.bureau import Bureau
from portal.models.notice import IntakeTicket
from portal.models.project import Project
from portal.models.words import DataLevel, Kind
from portal.public.comparison import Compared, compare
from portal.public.forms import PublicForm
from portal.web import intake_form, intake_steps, uploads
from portal.web.intake_form import EVIDENCE, SCAN, Written
from portal.web.intake_steps import Steps
from portal.web.pages import refuse

LONGEST = 5000
"""Of what is kept of one field, whatever it is: more is refused by the form anyway."""


class DraftedForm(PublicForm):
    """A form that may also be filled from its draft."""

    class Meta(PublicForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """The draft where one is given, otherwise nothing: what a request sends is put into the draft first."""
            return formdata if isinstance(formdata, MultiDict) else None


def steps_from(args: MultiDict[str, str]) -> Steps:
    """The steps as an address or a form has them; this door takes applications for every locality."""
    return intake_steps.read(args, lambda _project, _locality: "")


def steps_of(ticket: IntakeTicket) -> Steps:
    """What was chosen before the form was opened, judged anew."""
    return steps_from(MultiDict([(name, value) for name, value in filings.draft(ticket).get("steps", [])]))


def form_of(ticket: IntakeTicket, steps: Steps) -> Any:
    """The form with everything typed before; before anybody wrote in it, with what is on file."""
    typed = filings.draft(ticket).get("typed")
    draft = MultiDict(typed) if typed is not None else None
    return intake_form.build(steps, DraftedForm, online=True, formdata=draft)


def keep(ticket: IntakeTicket, steps: Steps, *, dropped: int = 0) -> Any:
    """Put what the request typed and uploaded into the draft, and commit. Returns the form with what came of it.

    Files that are refused become errors of the form; all else is kept.
    """
    form = intake_form.build(steps, DraftedForm, online=True)
    typed = {name: text[:LONGEST] for name in form._fields if (text := request.form.get(name)) is not None}
    refusals: list[RuleViolation] = []
    uploaded: list[list[StoredFile]] = [[], []]
    for at, name in enumerate((SCAN, EVIDENCE)):
        try:
            uploaded[at] = uploads.store(request.files.getlist(name), field=name)
        except RuleViolation as refusal:
            refusals.append(refusal)
    begin_write()
    online_intake.keep(ticket, {"steps": steps.carried(), "typed": typed}, now=clock.now())
    for at, files in enumerate(uploaded):
        try:
            filings.keep_files(ticket, at, files, now=clock.now())
        except RuleViolation as refusal:
            if not refusal.field:
                raise
            refusals.append(refusal)
    filings.drop_file(ticket, dropped)
    db.session.commit()
    form = form_of(ticket, steps)
    for refused in refusals:
        refuse(form, refused)
    return form


def check(form: Any, ticket: IntakeTicket, steps: Steps) -> Written | None:
    """What the draft asks for, or None with the errors at their fields; the stamped application is owed (rule S8)."""
    earlier = {name: list(form[name].errors) for name in (SCAN, EVIDENCE)}
    written = intake_form.check(form, steps)
    for name, errors in earlier.items():
        form[name].errors = [*form[name].errors, *errors]
    if not steps.ready:  # the gate closed, or another case took the entry, while it was being filled in
        form.form_errors.append("所选的环节现在不能申请了，原因见上面的说明；已填写的内容都还在")
    if 0 not in filings.kept_files(ticket):
        form[SCAN].errors = [*form[SCAN].errors, "请上传加盖公章的申请表扫描件"]
    return None if form.errors else written


def papers_of(ticket: IntakeTicket) -> Papers:
    """The files kept with the draft."""
    kept = filings.kept_files(ticket)
    return Papers(*([stored(file) for file in kept.get(at, ())] for at in (0, 1)))


def bureau_of(project: Project | None, written: Written) -> Bureau:
    """The bureau that will handle it (rule S3)."""
    if project is not None or written.project is None:
        assert project is not None
        return project.bureau
    return routing.locality_bureau(written.project.area_code, written.project.township)


def previews(steps: Steps, written: Written, bureau: Bureau) -> list[Compared]:
    """Before and after, entry by entry, as the notice will show it (rule N1)."""
    upgrade = steps.kind is Kind.LEVEL_UPGRADE
    level: DataLevel = written.target_level if upgrade and written.target_level else bureau.level
    compared = [
        compare(
            {
                "section": part.section.value,
                "entry": part.number,
                "origin": part.origin.value,
                "level": part.entry.level.value if part.entry else None,
                "before": part.entry.content if part.entry else None,
                "after": wanted.content,
            },
            level,
        )
        for part, wanted in zip(steps.parts, written.requests, strict=True)
    ]
    return [
        replace(shown, note=f"此项在{part.outlook.system}变更，本平台只登记转出") if part.outlook.system else shown
        for part, shown in zip(steps.parts, compared, strict=True)
    ]
