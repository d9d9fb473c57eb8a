"""The forms of a complaint that an objection does not have too, and what its draft is about (rule C1)."""

from __future__ import annotations

from typing import Any

from wtforms import MultipleFileField, RadioField, SearchField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.domain import texts
from portal.domain.complaint_routing import Subject
from portal.models.words import ComplaintMatter, ComplaintTarget, Word
from portal.public import complaint_targets
from portal.public.complaint_targets import Pick
from portal.public.forms import PublicForm
from portal.web.forms import at_most, choices

IN_WORDS = (ComplaintTarget.PERSON, ComplaintTarget.OTHER)


class TargetForm(PublicForm):
    """反映什么、反映谁. Either something is picked, or it is described in words with the place it belongs to."""

    matter = RadioField(
        "反映什么问题", choices=choices(ComplaintMatter), validators=[InputRequired("请选择反映什么问题")]
    )
    q = SearchField(
        "查找公示、项目、企业或部门", validators=[Optional(), Length(max=60, message="查找的词不超过60个字")]
    )
    target = RadioField("反映的是", choices=choices(IN_WORDS), validators=[Optional()])
    place = SelectField("哪个部门、哪里的事", validators=[Optional()])
    described = TextAreaField(
        "具体是谁、什么事",
        validators=[Optional(), at_most(texts.COMPLAINED_ABOUT)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = complaint_targets.places()
        self.place.choices = [SelectChoice("", "请选择")] + [
            SelectChoice(value, name, optgroup=group) for group, options in groups.items() for value, name in options
        ]


class ContentForm(PublicForm):
    """内容与证据."""

    text = TextAreaField("情况说明", validators=[Optional(), at_most(texts.COMPLAINT)])
    files = MultipleFileField("证据材料")


def picked(typed: dict[str, Any]) -> Pick | None:
    """What was picked so far."""
    return complaint_targets.known(typed.get("pick", ""))


def subject_of(typed: dict[str, Any]) -> Subject | None:
    """What the draft is about; None while it does not say."""
    pick, matter = picked(typed), _word(ComplaintMatter, typed.get("matter"))
    target = pick.target if pick else _word(ComplaintTarget, typed.get("target"))
    if matter is None or target is None:
        return None
    chosen = _row_id(typed.get("place"))
    described = str(typed.get("described", ""))
    if pick is None:
        return Subject(matter, target, place_id=chosen, described=described)
    own = pick.bureau.id if pick.bureau else None
    return Subject(
        matter,
        target,
        notice_id=pick.row_id if target is ComplaintTarget.NOTICE else None,
        project_id=pick.row_id if target is ComplaintTarget.PROJECT else None,
        company=pick.name if target is ComplaintTarget.COMPANY else "",
        # a company works in many places: where it happened, the filer knows better
        place_id=(chosen or own) if target is ComplaintTarget.COMPANY else own,
        described=described,
    )


def _row_id(value: Any) -> int | None:
    """The id of a row as a form's option carries it; None for anything else."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _word(words: type[Word], value: Any) -> Any:
    return next((word for word in words if word.value == value), None)
