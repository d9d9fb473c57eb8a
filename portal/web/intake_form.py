"""The long form of an application at both doors: who asks, about which new project, and the fields of each section
from its schema, filled with what is on file (rules S1, S9, S10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.domain import divisions, identifiers, on_file, personal_data, routing, sections
from portal.domain.errors import RuleViolation
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.projects import ProjectFacts
from portal.domain.sections import FieldType
from portal.models.record import RecordEntry
from portal.models.words import DataLevel, Kind, Sector, Undertaking
from portal.web.applicant_form import Applying, ApplyingOnline, NewProject
from portal.web.forms import Form, choices
from portal.web.intake_steps import Part, Steps

LONGEST = 600
SCAN, EVIDENCE = "files-0", "files-1"
"""Where the stamped application and what proves the content are uploaded."""
KEYBOARDS = {
    FieldType.AMOUNT: {"inputmode": "decimal"},
    FieldType.AREA: {"inputmode": "decimal"},
    FieldType.LENGTH: {"inputmode": "decimal"},
    FieldType.INTEGER: {"inputmode": "numeric"},
}
"""What a telephone offers for typing."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the form held, clean."""

    applicant: Applicant
    reason: str
    requests: list[ChangeRequest]
    target_level: DataLevel | None
    project: ProjectFacts | None


def prefix(at: int) -> str:
    """Before the keys of a part's fields: keys such as `name` and `data` mean something else to a form."""
    return f"c{at or ''}_"


def build(steps: Steps, base: type[Form], *, online: bool, formdata: MultiDict[str, str] | None = None) -> Any:
    """The form for these steps, filled with what is on file, or with `formdata` where that is given.

    It knows `groups`: each part with its fields; `project_fields`; `hints` and `required_fields` by field name;
    `on_file`: names of the fields that were filled in; `warnings`, once it was checked.
    """
    parts: dict[str, Any] = {
        SCAN: MultipleFileField("申请表扫描件（加盖公章）"),
        EVIDENCE: MultipleFileField("证明材料"),
    }
    names: list[list[str]] = []
    if steps.kind is Kind.LEVEL_UPGRADE:
        best = min((part.entry.level.value for part in steps.parts if part.entry), default="D")
        levels = [level for level in (DataLevel.A, DataLevel.B, DataLevel.C) if level.value < best]
        parts["target_level"] = SelectField(
            "申请提升到", choices=choices(levels), validators=[InputRequired("请选择等级")]
        )
        names = [[] for _ in steps.parts]
    else:
        for at, part in enumerate(steps.parts):
            controls = {prefix(at) + field.key: control(field) for field in sections.schema(part.section)}
            parts |= controls
            names.append(list(controls))
    fields: tuple[type, ...] = (ApplyingOnline if online else Applying, base)
    filled_in = {name: text for at, part in enumerate(steps.parts) for name, text in _on_file(at, part, steps).items()}
    kind_of_form = type("IntakeForm", (NewProject, *fields) if steps.is_new else fields, parts)
    data = filled_in | {"p_area_code": divisions.current_code(steps.area)}
    form: Any = kind_of_form(data=data) if formdata is None else kind_of_form(formdata=formdata, data=data)
    form.groups = [(part, [form[name] for name in own]) for part, own in zip(steps.parts, names, strict=True)]
    form.project_fields = [form[name] for name in vars(NewProject) if name.startswith("p_") and name in form]
    by_name = {
        prefix(at) + field.key: field for at, part in enumerate(steps.parts) for field in sections.schema(part.section)
    }
    form.hints = {name: field.help if field.type is not FieldType.YES_NO else "" for name, field in by_name.items()}
    form.required_fields = {name for name, field in by_name.items() if field.required}
    form.on_file = {name for name, text in filled_in.items() if text}
    form.warnings = []
    return form


def check(form: Any, steps: Steps) -> Written | None:
    """What was written, or None with the errors at their fields. What is only doubtful stands in `form.warnings`."""
    sound = form.validate()
    if not form.applicant_code.data:
        form.applicant_code.data = on_file.code_of((form.applicant_name.data or "").strip(), steps.companies())
        if form.applicant_code.data:
            form.applicant_code.raw_data = [form.applicant_code.data]
            sound = form.validate()
    upgrade = steps.kind is Kind.LEVEL_UPGRADE
    contents = [
        dict(part.entry.content) if upgrade and part.entry else _content(form, at, part, steps)
        for at, part in enumerate(steps.parts)
    ]
    code = _clean(form.applicant_code, identifiers.check_company_code(form.applicant_code.data))
    _without_personal_data(form.applicant_name)
    facts = _project(form, steps.number, steps.accepted_on) if form.project_fields else None
    if steps.kind is Kind.CORRECTION:
        _must_change(form, contents)
    if not sound or form.form_errors or any(field.errors for field in form):
        return None
    if not upgrade:
        form.warnings += _doubts(steps, contents)
    said = {name: (form[f"contact_{name}"].data or "").strip() for name in ("name", "phone", "email")}
    contact = {key: value for key, value in said.items() if value}
    return Written(
        applicant=Applicant(form.applicant_name.data.strip(), code or "", contact or None),
        reason=(form.reason.data or "").strip(),
        requests=[
            ChangeRequest(part.section, part.number, part.origin, content)
            for part, content in zip(steps.parts, contents, strict=True)
        ],
        target_level=DataLevel(form.target_level.data) if upgrade else None,
        project=facts,
    )


def control(field: sections.Field, label: str = "") -> Any:
    """The control of one field of a section, not yet bound: choices from its code table, its unit in the label."""
    label = label or (f"{field.label}（{field.unit}）" if field.unit else field.label)
    if field.type is FieldType.CHOICE and field.codes:
        options = [SelectChoice("", "未填"), *(SelectChoice(code, text) for code, text in field.codes.codes.items())]
        return SelectField(label, choices=options, validate_choice=False)
    if field.type is FieldType.YES_NO:
        options = [SelectChoice("", "未填"), SelectChoice("是", "是"), SelectChoice("否", "否")]
        return SelectField(label, choices=options, validate_choice=False)
    too_long = Length(max=LONGEST, message=f"不超过{LONGEST}字")
    if field.max_length > 200:
        return TextAreaField(label, validators=[too_long])
    return StringField(label, validators=[too_long], render_kw=KEYBOARDS.get(field.type))


def as_typed(value: object) -> str:
    """A stored value as a form writes it."""
    yes_no = {True: "是", False: "否"}
    return yes_no[value] if isinstance(value, bool) else "" if value is None else str(value)


def _on_file(at: int, part: Part, steps: Steps) -> dict[str, str]:
    """The present content as a form writes it; of a new entry, what the project's other data say of it."""
    content: dict[str, Any] = {}
    if part.entry is not None:
        content = part.entry.content
    elif steps.project is not None:
        content = on_file.for_new_entry(part.section, steps.project, steps.entries)
    return {prefix(at) + field.key: as_typed(content.get(field.key)) for field in sections.schema(part.section)}


def _content(form: Any, at: int, part: Part, steps: Steps) -> dict[str, Any]:
    """The canonical content; refusals go to their fields, doubts and gaps to the warnings (rules S10, V1)."""
    section, present = part.section, part.entry.content if part.entry else {}
    typed = {field.key: form[prefix(at) + field.key].data for field in sections.schema(section)}
    raw = on_file.with_known_codes(section, typed, present, steps.companies())
    content, problems = sections.parse(section, raw, missing="warning", project_number=steps.number)
    for problem in problems:
        if problem.severity == "error":
            field = form[prefix(at) + problem.key]
            field.errors = [*field.errors, problem.message]
        else:
            form.warnings.append(f"{section.label} {problem.label}：{problem.message}")
    return content


def _must_change(form: Any, contents: list[dict[str, Any]]) -> None:
    """A correction that changes nothing is told so before it is sent (rule S2)."""
    for (part, fields), content in zip(form.groups, contents, strict=True):
        if part.entry is not None and content == part.entry.content:
            same = f"“{part.section.label} {part.number}”与档案内容相同，没有需要修正的地方；请修改，或去掉这一项"
            fields[0].errors = [*fields[0].errors, same]


def _doubts(steps: Steps, contents: list[dict[str, Any]]) -> list[str]:
    """What becomes doubtful by the new content beside the project's other entries (rule S10)."""
    changed = {part.entry.id for part in steps.parts if part.entry}
    rest: list[RecordEntry] = [entry for entry in steps.entries if entry.id not in changed]
    beside = [sections.Entry(entry.section, entry.content, entry.number) for entry in rest]
    before = {doubt.message for doubt in sections.doubts(beside, project_number=steps.number)}
    new = [sections.Entry(part.section, content) for part, content in zip(steps.parts, contents, strict=True)]
    together = sections.doubts([*new, *beside], project_number=steps.number)
    return [f"{doubt.label}：{doubt.message}" for doubt in together if doubt.message not in before]


def _project(form: Any, number: str, accepted_on: date | None) -> ProjectFacts:
    _without_personal_data(form.p_name)
    _without_personal_data(form.p_owner_name)
    owner_code = _clean(form.p_owner_code, identifiers.check_company_code(form.p_owner_code.data))
    try:
        if not form.p_area_code.errors:
            routing.locality_bureau(form.p_area_code.data.strip(), (form.p_township.data or "").strip())
    except RuleViolation as refusal:
        field = form.p_township if refusal.field == "township" else form.p_area_code
        field.errors = [*field.errors, refusal.message]
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
    """Names are published: a telephone number among one is told at its field (rule N1)."""
    try:
        personal_data.require_none(field.data or "", f"“{field.label.text}”", field=field.name)
    except RuleViolation as refusal:
        field.errors = [*field.errors, refusal.message]
