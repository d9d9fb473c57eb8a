"""据实删除或更正: what is done about an entry of the record that was found untrue (rule I3)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash
from sqlalchemy import select
from wtforms import HiddenField

from portal import clock
from portal.backoffice.forms import explained
from portal.backoffice.records import find_project, shown
from portal.domain import deletions, sections, texts
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.bureau import Bureau
from portal.models.record import RecordEntry
from portal.models.remedy import RecordRemedy
from portal.web import intake_form
from portal.web.access import actor, needs
from portal.web.forms import Form
from portal.web.pages import attempt, go, page

bp = Blueprint("remedies", __name__, url_prefix="/records/<string:number>/entries/<int:entry_id>")
PREFIX = intake_form.prefix(0)
MOST = 2**31 - 1
"""No id is greater; the databases refuse to compare with what they cannot hold."""


class RemedyForm(Form):
    """Why. `seen` is the version its page showed: what came later is told to whoever comes second."""

    seen = HiddenField()
    reason = explained("理由（将公开）", "请写明理由", texts.PUBLISHED_REASON)


class CorrectionForm(RemedyForm):
    """Also the whole of the entry. `compared` is the hash of what was shown before and after, to be confirmed."""

    compared = HiddenField()


@bp.get("/deletion")
@needs(Permission.DECIDE)
def deletion(number: str, entry_id: int) -> Response:
    """What would be deleted, and the form that asks why."""
    entry = _find(number, entry_id)
    return _gone(entry) or _deletion(entry, RemedyForm(formdata=None, data={"seen": str(entry.version)}))


@bp.post("/deletion")
@needs(Permission.DECIDE)
def delete(number: str, entry_id: int) -> Response:
    """Delete it; a second click finds it deleted."""
    entry, form = _find(number, entry_id), RemedyForm()
    if gone := _gone(entry):
        return gone
    if not form.validate():
        return _deletion(entry, form, status=422)
    begin_write()
    if not attempt(form, lambda: _delete(entry, form)):
        return _gone(entry) or _deletion(entry, form, status=form.status)
    flash("已删除。公开的项目页上保留理由和作出决定的单位，内容不再公开。", "success")
    return go("backoffice.records.show", number=number)


@bp.get("/correction")
@needs(Permission.DECIDE)
def correction(number: str, entry_id: int) -> Response:
    """The entry as it stands, to be put right."""
    entry = _find(number, entry_id)
    return _gone(entry) or _correction(entry, _form(entry, was_sent=False))


@bp.post("/correction")
@needs(Permission.DECIDE)
def correct(number: str, entry_id: int) -> Response:
    """Show before and after; once that was seen and is confirmed, put it right."""
    entry = _find(number, entry_id)
    if gone := _gone(entry):
        return gone
    form = _form(entry, was_sent=True)
    content = _content(form, entry)
    if content is None:
        return _correction(entry, form, status=422)
    confirmed, form.compared.data = form.compared.data, digest(canonical_bytes(content))
    if confirmed != form.compared.data:
        return _correction(entry, form, content)
    begin_write()
    if not attempt(form, lambda: _correct(entry, content, form)):
        return _gone(entry) or _correction(entry, form, content, status=form.status)
    flash("已更正。公开的项目页上写明理由和作出决定的单位。", "success")
    return go("backoffice.records.show", number=number)


def _find(number: str, entry_id: int) -> RecordEntry:
    """The entry of a project within the actor's bureau and below (rule A5). Raises NotFound."""
    project = find_project(number)
    query = select(RecordEntry).where(RecordEntry.id == min(entry_id, MOST), RecordEntry.project_id == project.id)
    entry = db.session.scalar(query)
    if entry is None:
        raise NotFound("没有找到这条档案，请从项目页进入")
    return entry


def _gone(entry: RecordEntry) -> Response | None:
    """Where to go on if it is deleted already, perhaps by the first of two clicks."""
    if entry.deleted_at is None:
        return None
    flash("这条档案已经删除。", "warning")
    return go("backoffice.records.show", number=entry.project.number)


def _form(entry: RecordEntry, *, was_sent: bool) -> Any:
    """The correction as it was sent, or filled with what is on file: a field for each of the section's."""
    fields = {PREFIX + field.key: intake_form.control(field) for field in sections.schema(entry.section)}
    kind = type("EntryForm", (CorrectionForm,), fields)
    if was_sent:
        return kind()
    on_file = {PREFIX + field.key: _typed(entry, field.key) for field in sections.schema(entry.section)}
    return kind(formdata=None, data={"seen": str(entry.version), **on_file})


def _typed(entry: RecordEntry, key: str) -> str:
    return intake_form.as_typed(entry.content.get(key))


def _content(form: Any, entry: RecordEntry) -> dict[str, Any] | None:
    """The canonical content, or None with the errors at their fields; what is doubtful goes to `form.warnings`."""
    sound = form.validate()
    raw = {field.key: form[PREFIX + field.key].data for field in sections.schema(entry.section)}
    content, problems = sections.parse(
        entry.section, raw, missing="warning", project_number=entry.project.number
    )  # fmt: skip
    form.warnings = [f"{each.label}：{each.message}" for each in problems if each.severity != "error"]
    for problem in problems:
        if problem.severity == "error":
            field = form[PREFIX + problem.key]
            field.errors, sound = [*field.errors, problem.message], False
    if sound and content == entry.content:
        first = form[PREFIX + sections.schema(entry.section)[0].key]
        first.errors = [*first.errors, "与档案内容相同，没有需要更正的地方；请修改不实的内容"]
        return None
    return content if sound else None


def _delete(entry: RecordEntry, form: RemedyForm) -> RecordRemedy:
    return deletions.delete_entry(entry, form.reason.data or "", seen=_seen(form), actor=actor(), now=clock.now())


def _correct(entry: RecordEntry, content: dict[str, Any], form: RemedyForm) -> RecordRemedy:
    reason = form.reason.data or ""
    return deletions.correct_entry(entry, content, reason, seen=_seen(form), actor=actor(), now=clock.now())


def _seen(form: RemedyForm) -> int:
    typed = form.seen.data or ""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _deletion(entry: RecordEntry, form: RemedyForm, *, status: int = 200) -> Response:
    return _page("deletion", entry, form, status, fields=shown(entry))


def _correction(entry: RecordEntry, form: Any, content: dict[str, Any] | None = None, *, status: int = 200) -> Response:
    """content: what the entry would say, to be shown beside what it says."""
    compared = sections.diff(entry.section, entry.content, content) if content is not None else []
    return _page(
        "correction",
        entry,
        form,
        status,
        controls=[(form[PREFIX + field.key], field) for field in sections.schema(entry.section)],
        changed=[row for row in compared if row.changed],
        warnings=form.warnings if content is not None else [],
        level=db.session.get_one(Bureau, actor().bureau_id).level,
    )


def _page(name: str, entry: RecordEntry, form: RemedyForm, status: int, **more: Any) -> Response:
    if status == 409:  # the page shows the newest version, and the next attempt is about that one
        form.seen.data = str(entry.version)
    return page(
        f"backoffice/remedies/{name}.html",
        status=status,
        entry=entry,
        project=entry.project,
        running=deletions.running_case(entry),
        form=form,
        **more,
    )
