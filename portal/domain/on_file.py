"""已有数据: what the system holds already and therefore never asks for again (rule S9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.domain import sections
from portal.domain.sections import FieldType
from portal.extensions import db
from portal.models.company import Company
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Section

UNITS = ("owner", "survey", "design", "contractor", "supervisor")
"""Who stands in the same place in every section of a project."""
OWN = {
    Section.CONTRACT: frozenset({"contractor_name", "contractor_code"}),
    Section.CONSTRUCTION_PERMIT: frozenset({"permit_number"}),
}
"""What only the entry itself can say: the parties of one contract, the number of one more permit."""


def for_new_entry(section: Section, project: Project, entries: Sequence[RecordEntry]) -> dict[str, Any]:
    """What the project's data say of a new entry of `section`: its name, its units, its permit. Canonical values.

    Only what is said in one way: where two entries name two units, or two permits, nothing is taken for known.
    """
    found: dict[str, Any] = {"name": project.name} if section is Section.BASICS else {}
    others = [entry.content for entry in entries if entry.section is not Section.CONTRACT]
    for unit in UNITS:
        found |= _unit(unit, others)
    if project.owner_name:
        found |= {"owner_name": project.owner_name, "owner_code": project.owner_code or found.get("owner_code")}
    permits = {
        entry.content.get("permit_number") for entry in entries if entry.section is Section.CONSTRUCTION_PERMIT
    } - {None, ""}
    if len(permits) == 1:
        found["permit_number"] = permits.pop()
    keys = {field.key for field in sections.schema(section)} - OWN.get(section, frozenset())
    return {key: value for key, value in found.items() if key in keys and value}


def with_known_codes(
    section: Section, raw: Mapping[str, Any], present: Mapping[str, Any], named: Mapping[str, str]
) -> dict[str, Any]:
    """`raw` with the code of each newly named unit that stands there without one, where the system knows it.

    present: the entry as it is; what it says already is not touched. named: units with their codes as the project's
    data have them; any other is looked up among all companies.
    """
    filled = dict(raw)
    for field in sections.schema(section):
        code = f"{field.key.removesuffix('_name')}_code"
        name = str(raw.get(field.key) or "").strip()
        new = name and name != present.get(field.key)
        if field.type is FieldType.COMPANY and code in raw and new and not raw[code]:
            filled[code] = code_of(name, named)
    return filled


def code_of(name: str, named: Mapping[str, str]) -> str:
    """The code of the unit with this name, or an empty text if none or several are known."""
    if not name or named.get(name):
        return named.get(name, "")
    codes = db.session.scalars(select(Company.code).where(Company.name == name).limit(2)).all()
    return codes[0] if len(codes) == 1 else ""


def _unit(unit: str, contents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for content in contents:
        name = content.get(f"{unit}_name")
        if isinstance(name, str):
            named[name] = named.get(name) or content.get(f"{unit}_code")
    if len(named) != 1:
        return {}
    ((name, code),) = named.items()
    return {f"{unit}_name": name, f"{unit}_code": code}
