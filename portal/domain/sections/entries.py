"""Read, show and compare one entry of a section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.domain import cleaning, identifiers
from portal.domain.cleaning import Cleaned, Problem
from portal.domain.cleaning.text import Severity
from portal.domain.personal_data import find_personal_data, kinds
from portal.domain.sections.schema import SCHEMAS, Field, FieldType, field_of, section_date_field
from portal.models.words import Section

Value = str | int | bool | None
Content = dict[str, Value]
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A problem with one field; `value` is what stood there, fit to show."""

    key: str
    label: str
    value: str
    severity: Severity
    message: str
    rule: str = "S10"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One line of a notice's comparison; `before` and `after` are as shown to readers."""

    key: str
    label: str
    before: str
    after: str
    changed: bool


def parse(
    section: Section,
    raw: Mapping[str, object],
    *,
    missing: Severity = "error",
    project_number: str | None = None,
) -> tuple[Content, list[FieldProblem]]:
    """Content in canonical form from what a form or a spreadsheet row held, by key or by Chinese label.

    A refused field is None in the content. Unknown keys are ignored. Text holding a telephone or identity number is
    refused, for all of it may be published (rule N1).
    missing: how to report an empty required field; a warning where the deficiency notice will ask for it (rules V1,
    S5).
    project_number: the row's project, to notice entries that belong to another one.
    """
    content: Content = {}
    problems: list[FieldProblem] = []
    for field in SCHEMAS[section]:
        written = raw.get(field.key)
        if written is None:
            written = raw.get(field.label)
        cleaned = _clean(field, written, project_number)
        content[field.key] = _canonical(cleaned.value)
        found = list(cleaned.problems)
        if cleaned.value is None and cleaned.ok and field.required:
            found.append(Problem(missing, f"“{field.label}”没有填写", "S10"))
        if found:
            shown = "" if written is None else _quotable(written)
            problems += [_problem(field, shown, problem) for problem in found]
    if section is Section.CONSTRUCTION_PERMIT:
        problems += _permit_against_its_date(content)
    return content, problems


def is_empty(content: Mapping[str, Value]) -> bool:
    """True if the entry says nothing at all."""
    return all(value is None for value in content.values())


def display(section: Section, key: str, value: object) -> str:
    """A stored value as readers see it: 2026年10月13日, 7,680.29 万元, 25,430.00 ㎡, 框架结构, 是; — for nothing."""
    return _shown(field_of(section, key), value, exact=False)


def section_date(section: Section, content: Mapping[str, Any]) -> date | None:
    """The section's own date (rule S5), or None if it has none or it is missing."""
    field = section_date_field(section)
    return cleaning.clean_date(content.get(field.key)).value if field else None


def diff(section: Section, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[FieldChange]:
    """The comparison a notice shows (rule N1): changed fields first, then unchanged ones; fields empty on both sides
    left out.

    before is None for a supplement. Two amounts that look alike at two decimals are shown with all of theirs.
    """
    before = before or {}
    known = [field.key for field in SCHEMAS[section]]
    keys = known + [key for key in (*before, *after) if key not in known]
    changes = []
    for key in dict.fromkeys(keys):
        old, new = before.get(key), after.get(key)
        if old is None and new is None:
            continue
        field = field_of(section, key)
        shown_old, shown_new = _shown(field, old, exact=False), _shown(field, new, exact=False)
        changed = old != new
        if changed and shown_old == shown_new:
            shown_old, shown_new = _shown(field, old, exact=True), _shown(field, new, exact=True)
        changes.append(FieldChange(key, field.label if field else key, shown_old, shown_new, changed))
    return sorted(changes, key=lambda change: not change.changed)


def _clean(field: Field, raw: object, project_number: str | None) -> Cleaned[Any]:
    match field.type:
        case FieldType.DATE:
            return cleaning.clean_date(raw)
        case FieldType.AMOUNT:
            return cleaning.clean_amount(raw)
        case FieldType.AREA:
            return cleaning.clean_area(raw)
        case FieldType.LENGTH:
            return cleaning.clean_length(raw)
        case FieldType.INTEGER:
            return cleaning.clean_integer(raw)
        case FieldType.YES_NO:
            return cleaning.clean_yes_no(raw)
        case FieldType.CHOICE if field.codes:
            return field.codes.clean(raw)
        case FieldType.COMPANY_CODE:
            return identifiers.check_company_code(raw)
        case FieldType.NODE_NUMBER:
            return identifiers.check_node_number(raw, project_number)
        case FieldType.PERMIT_NUMBER:
            permit = identifiers.check_permit_number(raw)
            elsewhere = identifiers.doubt_about_node(permit.value, project_number)
            return permit.but(elsewhere) if elsewhere else permit
        case FieldType.NUMBER:
            return cleaning.clean_code(raw, max_length=field.max_length)
        case _:
            return without_personal_data(cleaning.clean_text(raw, max_length=field.max_length))


def _problem(field: Field, shown: str, problem: Problem) -> FieldProblem:
    message = identifiers.mask_personal_data(problem.message)  # a message may quote what was written
    return FieldProblem(field.key, field.label, shown, problem.severity, message, problem.rule)


def _permit_against_its_date(content: Content) -> list[FieldProblem]:
    """The one check that needs two fields: digits 7 to 14 of a permit's number are its date of issue."""
    field, number = field_of(Section.CONSTRUCTION_PERMIT, "permit_number"), content["permit_number"]
    issued = section_date(Section.CONSTRUCTION_PERMIT, content)
    if field is None or number is None or issued is None:
        return []
    alone = identifiers.check_permit_number(number).problems
    together = identifiers.check_permit_number(number, issued).problems
    return [_problem(field, str(number), problem) for problem in together if problem not in alone]


def without_personal_data(cleaned: Cleaned[str]) -> Cleaned[str]:
    """The text, refused if it holds a telephone or identity number or a mail address (rule N1)."""
    found = find_personal_data(cleaned.value) if cleaned.value else []
    if not found:
        return cleaned
    return cleaned.but(Problem("error", f"含有{kinds(found)}，公示内容不得包含个人信息，请删除", "N1"))


def _quotable(written: object) -> str:
    return identifiers.mask_personal_data(cleaning.shown(written, 60))


def _canonical(value: Any) -> Value:
    if isinstance(value, Decimal):
        return cleaning.plain(value)
    return value.isoformat() if isinstance(value, date) else value


def _shown(field: Field | None, value: object, *, exact: bool) -> str:
    if value is None or value == "":
        return NOTHING
    match field.type if field else None:
        case FieldType.YES_NO:
            return "是" if value is True else "否" if value is False else str(value)
        case FieldType.DATE:
            day = _as_stored(value)
            return f"{day.year}年{day.month}月{day.day}日" if day else str(value)
        case FieldType.AMOUNT | FieldType.AREA | FieldType.LENGTH if field:
            return _with_unit(value, field, exact=exact)
        case FieldType.CHOICE if field and field.codes:
            return field.codes.label(str(value))
        case _:
            return str(value)


def _as_stored(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))  # how it is stored
    except ValueError:
        return cleaning.clean_date(value).value


def _with_unit(value: object, field: Field, *, exact: bool) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{number:,f} {field.unit}" if exact or not number.is_finite() else f"{number:,.2f} {field.unit}"
