"""The long form of intake: who asks, about which new project, and one section's fields from its schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.backoffice.forms import choices
from portal.domain import identifiers, personal_data, sections
from portal.domain.intake import Applicant
from portal.domain.projects import ProjectFacts
from portal.domain.sections import FieldType
from portal.models.record import RecordEntry
from portal.models.words import DataLevel, Kind, Section, Sector, Undertaking
from portal.web.forms import Form

CONTENT = "c_"
"""Before the key of a section's field: keys such as `name` and `data` mean something else to a form."""
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Written:
    """What the form held, clean."""

    applicant: Applicant
    reason: str
    content: dict[str, Any]
    target_level: DataLevel | None
    project: ProjectFacts | None


class IntakeForm(Form):
    """Who asks and why."""

    applicant_name = StringField(
        "申请单位", validators=[InputRequired("请填写申请单位"), Length(max=200, message="不超过200字")]
    )
    applicant_code = StringField("申请单位统一社会信用代码", validators=[Length(max=30, message="不超过30位")])
    contact_name = StringField("联系人", validators=[Length(max=60, message="不超过60字")])
    contact_phone = StringField("联系电话", validators=[Length(max=40, message="不超过40位")])
    reason = TextAreaField("申请理由", validators=[Length(max=2000, message="不超过2000字")])
    acknowledged = BooleanField("以上提示已与原件核对，按填写的内容收件")


class NewProject:
    """What is asked about a project nobody knows yet."""

    p_name = StringField(
        "项目名称", validators=[InputRequired("请填写项目名称"), Length(max=200, message="不超过200字")]
    )
    p_area_code = StringField(
        "项目所在县市区代码", validators=[InputRequired("请填写6位区划代码"), Length(max=6, message="区划代码为6位")]
    )
    p_township = StringField("所在镇或街道", validators=[Length(max=40, message="不超过40字")])
    p_sector = SelectField("工程类别", choices=choices(Sector))
    p_undertaking = SelectField("承包方式", choices=choices(Undertaking))
    p_owner_name = StringField("建设单位", validators=[Length(max=200, message="不超过200字")])
    p_owner_code = StringField("建设单位统一社会信用代码", validators=[Length(max=30, message="不超过30位")])


def build(kind: Kind, section: Section, entry: RecordEntry | None, *, new_project_area: str | None) -> IntakeForm:
    """The form for this kind and section, filled with what is on file (rule S9).

    new_project_area: the default for a project nobody knows yet; None for a known one.
    """
    parts: dict[str, Any] = {}
    if kind is Kind.LEVEL_UPGRADE:
        better = (DataLevel.A, DataLevel.B, DataLevel.C)
        levels = [level for level in better if entry is None or level.value < entry.level.value]
        parts["target_level"] = SelectField(
            "申请提升到", choices=choices(levels), validators=[InputRequired("请选择等级")]
        )
    else:
        parts |= {CONTENT + field.key: _control(field) for field in sections.schema(section)}
    bases = (IntakeForm,) if new_project_area is None else (NewProject, IntakeForm)
    on_file = _on_file(section, entry) | {"p_area_code": new_project_area}
    form: IntakeForm = type("SectionIntakeForm", bases, parts)(data=on_file)
    form.content_fields = [form[name] for name in parts if name.startswith(CONTENT)]
    form.project_fields = [form[name] for name in vars(NewProject) if name.startswith("p_") and name in form]
    form.hints = {CONTENT + field.key: _hint(field) for field in sections.schema(section)}
    form.required_fields = {CONTENT + field.key for field in sections.schema(section) if field.required}
    form.warnings = []
    return form


def check(
    form: IntakeForm,
    kind: Kind,
    section: Section,
    entry: RecordEntry | None,
    *,
    number: str,
    accepted_on: date | None,
    others: list[RecordEntry],
) -> Written | None:
    """What was written, or None with the errors at their fields; warnings must be acknowledged once (请核对)."""
    sound = form.validate()
    upgrade = kind is Kind.LEVEL_UPGRADE
    content = dict(entry.content) if upgrade and entry else _content(form, section, number)
    code = _clean(form.applicant_code, identifiers.check_company_code(form.applicant_code.data))
    _without_personal_data(form.applicant_name)
    facts = _project(form, number, accepted_on) if form.project_fields else None
    if not sound or any(field.errors for field in form):
        return None
    form.warnings += [] if upgrade else _doubts(section, content, entry, number, others)
    if form.warnings and not form.acknowledged.data:
        form.acknowledged.errors = ["请核对下列提示；确认无误后勾选，再次提交"]
        return None
    said = {"name": (form.contact_name.data or "").strip(), "phone": (form.contact_phone.data or "").strip()}
    contact = {key: value for key, value in said.items() if value}
    return Written(
        applicant=Applicant(form.applicant_name.data.strip(), code or "", contact or None),
        reason=(form.reason.data or "").strip(),
        content=content,
        target_level=DataLevel(form.target_level.data) if upgrade else None,
        project=facts,
    )


def _control(field: sections.Field) -> Any:
    label = f"{field.label}（{field.unit}）" if field.unit else field.label
    if field.type is FieldType.CHOICE and field.codes:
        options = [SelectChoice("", "未填"), *(SelectChoice(code, text) for code, text in field.codes.codes.items())]
        return SelectField(label, choices=options, validate_choice=False)
    if field.type is FieldType.YES_NO:
        options = [SelectChoice("", "未填"), SelectChoice("是", "是"), SelectChoice("否", "否")]
        return SelectField(label, choices=options, validate_choice=False)
    too_long = Length(max=LONGEST, message=f"不超过{LONGEST}字")
    if field.max_length > 200:
        return TextAreaField(label, validators=[too_long])
    return StringField(label, validators=[too_long])


def _hint(field: sections.Field) -> str:
    return field.help if field.type is not FieldType.YES_NO else ""


def _on_file(section: Section, entry: RecordEntry | None) -> dict[str, Any]:
    """The present content as a form writes it."""
    yes_no = {True: "是", False: "否"}
    content = entry.content if entry else {}
    return {
        CONTENT + field.key: yes_no[value] if isinstance(value, bool) else "" if value is None else str(value)
        for field in sections.schema(section)
        for value in [content.get(field.key)]
    }


def _content(form: IntakeForm, section: Section, number: str) -> dict[str, Any]:
    """The canonical content; refusals go to their fields, doubts and gaps to the warnings (rules S10, V1)."""
    raw = {field.key: form[CONTENT + field.key].data for field in sections.schema(section)}
    content, problems = sections.parse(section, raw, missing="warning", project_number=number)
    for problem in problems:
        if problem.severity == "error":
            control = form[CONTENT + problem.key]
            control.errors = [*control.errors, problem.message]
        else:
            form.warnings.append(f"{problem.label}：{problem.message}")
    return content


def _doubts(
    section: Section, content: dict[str, Any], entry: RecordEntry | None, number: str, others: list[RecordEntry]
) -> list[str]:
    """What becomes doubtful by the new content beside the project's other entries (rule S10)."""
    rest = [other for other in others if entry is None or other.id != entry.id]
    beside = [sections.Entry(other.section, other.content, other.number) for other in rest]
    before = {doubt.message for doubt in sections.doubts(beside, project_number=number)}
    together = sections.doubts([sections.Entry(section, content), *beside], project_number=number)
    return [f"{doubt.label}：{doubt.message}" for doubt in together if doubt.message not in before]


def _project(form: Any, number: str, accepted_on: date | None) -> ProjectFacts:
    _without_personal_data(form.p_name)
    _without_personal_data(form.p_owner_name)
    owner_code = _clean(form.p_owner_code, identifiers.check_company_code(form.p_owner_code.data))
    return ProjectFacts(
        number=number,
        name=(form.p_name.data or "").strip(),
        area_code=(form.p_area_code.data or "").strip(),
        township=(form.p_township.data or "").strip(),
        sector=Sector(form.p_sector.data) if not form.p_sector.errors else Sector.OTHER,
        undertaking=Undertaking(form.p_undertaking.data) if not form.p_undertaking.errors else Undertaking.GENERAL,
        owner_name=(form.p_owner_name.data or "").strip(),
        owner_code=owner_code or "",
        accepted_on=accepted_on,
    )


def _clean(field: Field, cleaned: Any) -> Any:
    """The clean value of a field outside the section; errors stay at the field."""
    field.errors = [*field.errors, *(problem.message for problem in cleaned.problems if problem.severity == "error")]
    return cleaned.value


def _without_personal_data(field: Field) -> None:
    found = personal_data.find_personal_data(field.data or "")
    if found:
        kinds = "、".join(dict.fromkeys(each.label for each in found))
        field.errors = [*field.errors, f"含有{kinds}，此项将公开，请删除"]
