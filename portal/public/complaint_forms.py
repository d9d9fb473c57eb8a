"""The forms of a complaint, one for each step, and what they come to together (rules C1, O2)."""

from __future__ import annotations

from typing import Any

from wtforms import MultipleFileField, RadioField, SearchField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.domain import filings, identifiers
from portal.domain.complaint_routing import Subject
from portal.domain.complaints import LONGEST, LONGEST_DESCRIPTION
from portal.domain.filings import Identity
from portal.models.words import ComplaintMatter, ComplaintTarget, IdentityMode, Word
from portal.public import complaint_targets
from portal.public.complaint_targets import Pick
from portal.public.forms import PublicForm

IN_WORDS = (ComplaintTarget.PERSON, ComplaintTarget.OTHER)


def _options(words: Any) -> list[SelectChoice]:
    return [SelectChoice(word.value, word.label) for word in words]


class TargetForm(PublicForm):
    """反映什么、反映谁. Either something is picked, or it is described in words with the place it belongs to."""

    matter = RadioField(
        "反映什么问题", choices=_options(ComplaintMatter), validators=[InputRequired("请选择反映什么问题")]
    )
    q = SearchField(
        "查找公示、项目、企业或部门", validators=[Optional(), Length(max=60, message="查找的词不超过60个字")]
    )
    target = RadioField("反映的是", choices=_options(IN_WORDS), validators=[Optional()])
    place = SelectField("哪个部门、哪里的事", validators=[Optional()])
    described = TextAreaField(
        "具体是谁、什么事",
        validators=[Optional(), Length(max=LONGEST_DESCRIPTION, message=f"不超过{LONGEST_DESCRIPTION}字")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = complaint_targets.places()
        self.place.choices = [SelectChoice("", "请选择")] + [
            SelectChoice(value, name, optgroup=group) for group, options in groups.items() for value, name in options
        ]


class IdentityForm(PublicForm):
    """身份方式 (rule O2)."""

    mode = RadioField(
        "您希望怎样反映",
        choices=_options(IdentityMode),
        default=IdentityMode.ANONYMOUS.value,
        validators=[InputRequired("请选择身份方式")],
    )
    name = StringField("姓名或单位名称", validators=[Optional(), Length(max=60, message="姓名或单位名称不超过60个字")])
    contact = StringField("联系电话或邮箱", validators=[Optional(), Length(max=60, message="联系方式不超过60个字")])
    code = StringField("统一社会信用代码", validators=[Optional(), Length(max=30, message="统一社会信用代码为18位")])

    def validate_code(self, field: Any) -> None:
        """A unit's code must be one."""
        cleaned = identifiers.check_uscc(field.data)
        if cleaned.value is None:
            raise ValidationError("；".join(problem.message for problem in cleaned.problems))


class ContentForm(PublicForm):
    """内容与证据."""

    text = TextAreaField(
        "情况说明", validators=[Optional(), Length(max=LONGEST, message=f"不超过{LONGEST}字，请改为上传附件")]
    )
    files = MultipleFileField("证据材料")


class CheckForm(PublicForm):
    """核对: nothing more to type."""


def picked(typed: dict[str, Any]) -> Pick | None:
    """What was picked so far."""
    return complaint_targets.known(typed.get("pick", ""))


def subject_of(typed: dict[str, Any]) -> Subject | None:
    """What the draft is about; None while it does not say."""
    pick, matter = picked(typed), _word(ComplaintMatter, typed.get("matter"))
    target = pick.target if pick else _word(ComplaintTarget, typed.get("target"))
    if matter is None or target is None:
        return None
    chosen = int(typed["place"]) if str(typed.get("place", "")).isdigit() else None
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


def identity_of(typed: dict[str, Any]) -> Identity:
    """How the filer wants to be known; nothing personal of an anonymous one goes on."""
    mode = _word(IdentityMode, typed.get("mode")) or IdentityMode.ANONYMOUS
    if mode is IdentityMode.ANONYMOUS:
        return filings.ANONYMOUS
    said = {key: str(typed.get(key, "")).strip() for key in ("name", "contact", "code")}
    return Identity(mode, {key: value for key, value in said.items() if value})


def _word(words: type[Word], value: Any) -> Any:
    return next((word for word in words if word.value == value), None)
