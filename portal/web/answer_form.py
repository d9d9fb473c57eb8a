"""The form that answers a one-time deficiency notice item by item, the same for the applicant and at the desk, where an
officer takes in what was brought on paper (rules V1, S9).
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

from flask import request
from wtforms import MultipleFileField, TextAreaField
from wtforms.validators import Length

from portal.domain import checklists, resubmissions, sections
from portal.domain.attachments import StoredFile
from portal.domain.errors import RuleViolation
from portal.domain.resubmissions import LONGEST_ANSWER, Answer
from portal.models.application import ApplicationChange
from portal.models.deficiency import DeficiencyNotice
from portal.web import uploads
from portal.web.forms import Form
from portal.web.intake_form import control
from portal.web.pages import refuse

FormClass = TypeVar("FormClass", bound=Form)
_LENGTH = Length(max=LONGEST_ANSWER, message=f"说明不超过{LONGEST_ANSWER}字，较长的内容请作为附件上传")


def form_class(notice: DeficiencyNotice, base: type[FormClass]) -> type[FormClass]:
    """A form with the fields of every item: text-<id>, files-<id>, and value-<id> where a field is asked for.

    base: what its door asks of every form; its fields come along.
    """
    fields: dict[str, Any] = {}
    asked = _asked_for(notice)
    for item in notice.items:
        if item.id in asked:
            field = asked[item.id][1]
            unit = f"（{field.unit}）" if field.unit else ""
            fields[f"value-{item.id}"] = control(field, f"第{item.position}项：补正后的内容{unit}")
        fields[f"files-{item.id}"] = MultipleFileField(f"第{item.position}项：材料")
        fields[f"text-{item.id}"] = TextAreaField(f"第{item.position}项：说明", validators=[_LENGTH])
    return cast(type[FormClass], type("CorrectionForm", (base,), fields))


def kept(notice: DeficiencyNotice) -> dict[str, str]:
    """What was written before, by the name of its field."""
    texts = {f"text-{item.id}": item.answer for item in notice.items}
    return texts | {f"value-{item.id}": item.answered_with for item in notice.items}


def said_now(notice: DeficiencyNotice) -> dict[int, str]:
    """What the application says so far where a field is asked for, by the item's id (rule S9)."""
    return {
        item_id: sections.display(change.section, field.key, change.after[field.key])
        for item_id, (change, field) in _asked_for(notice).items()
        if change.after.get(field.key) is not None
    }


def hints(notice: DeficiencyNotice) -> dict[int, str]:
    """How the values asked for are written, by the item's id."""
    return {
        item_id: "" if field.type is sections.FieldType.YES_NO else field.help
        for item_id, (_, field) in _asked_for(notice).items()
    }


def answers(notice: DeficiencyNotice, form: Form) -> dict[int, Answer]:
    """What the request says to each item, uploads stored; what is refused becomes an error at its field."""
    return {
        item.id: Answer(
            _typed(form, f"text-{item.id}"), _typed(form, f"value-{item.id}"), _stored(form, f"files-{item.id}")
        )
        for item in notice.items
    }


def complete(notice: DeficiencyNotice, form: Form) -> bool:
    """True if the kept answers may be sent; otherwise everything that keeps them stands beside its field."""
    for gap in resubmissions.gaps(notice):
        if not form[gap.field].errors:
            refuse(form, gap)
    return not form.errors


def _typed(form: Form, name: str) -> str:
    return str(form[name].data or "") if name in form else ""


def _stored(form: Form, name: str) -> list[StoredFile]:
    try:
        return uploads.store(request.files.getlist(form[name].name), field=name)
    except RuleViolation as refusal:
        refuse(form, refusal)
        return []


def _asked_for(notice: DeficiencyNotice) -> dict[int, tuple[ApplicationChange, sections.Field]]:
    """The change and its field that an item asks for, by the item's id; papers ask for none."""
    known = checklists.by_key(notice.application)
    changes = {change.position: change for change in notice.application.changes}
    found: dict[int, tuple[ApplicationChange, sections.Field]] = {}
    for item in notice.items:
        asked = known.get(item.about)
        change = changes.get(asked.change) if asked and asked.change else None
        field = sections.field_of(change.section, asked.field) if change and asked else None
        if change is not None and field is not None:
            found[item.id] = change, field
    return found
