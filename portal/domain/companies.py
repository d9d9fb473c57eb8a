"""Which company took part in which project, as what: read from what the records say (rules S9, S10, I3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select, text

from portal.domain import identifiers, sections
from portal.domain.sections import FieldType
from portal.extensions import db
from portal.models.company import Company, Participation
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.search import grams
from portal.models.words import Section

Named = tuple[str, str, str]
"""Code, name and role of a company."""
OWNER = "建设单位"

_ADD = text(
    "INSERT INTO company (code, name, grams) VALUES (:code, :name, :grams) "
    "ON CONFLICT (code) DO UPDATE SET name = excluded.name, grams = excluded.grams WHERE company.name <> excluded.name"
)
_TAKES_PART = text(
    "INSERT INTO participation (project_id, company_id, role) "
    "SELECT :project, company.id, :role FROM company WHERE company.code = :code "
    "ON CONFLICT (project_id, company_id, role) DO NOTHING"
)
_LEAVES = text(
    "DELETE FROM participation WHERE project_id = :project AND role = :role "
    "AND company_id = (SELECT id FROM company WHERE code = :code)"
)
_STANDING = select(RecordEntry.section, RecordEntry.content).where(
    RecordEntry.project_id == bindparam("project"), RecordEntry.deleted_at.is_(None)
)
_KNOWN = (
    select(Company.code, Company.name, Participation.role)
    .join(Participation, Participation.company_id == Company.id)
    .where(Participation.project_id == bindparam("project"))
)


def named_in(section: Section, content: dict[str, Any]) -> list[Named]:
    """The companies an entry names with their codes."""
    fields = [field for field in sections.schema(section) if field.type is FieldType.COMPANY]
    return [
        (str(content.get(code) or ""), str(content.get(field.key) or ""), field.label)
        for field in fields
        if (code := f"{field.key.removesuffix('_name')}_code")
    ]


def note(project: Project, named: Iterable[Named]) -> None:
    """Remember who takes part in a project; a company's newest name is its name. Codes that are none are passed over.

    Writes in the present transaction, and only what is new.
    """
    found = {each for each in named if each[1] and identifiers.check_uscc(each[0]).value == each[0]}
    if not found:
        return
    connection = db.session.connection()
    found -= {(row.code, row.name, row.role) for row in connection.execute(_KNOWN, {"project": project.id})}
    if found:
        new = sorted(found)  # always in the same order, so that two writers cannot wait for each other
        connection.execute(_ADD, [{"code": code, "name": name, "grams": grams(name, code)} for code, name, _ in new])
        connection.execute(_TAKES_PART, [{"project": project.id, "code": code, "role": role} for code, _, role in new])


def renote(project: Project, section: Section, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    """An entry says `after` where it said `before` (None: it did not stand in the record, or does no longer): whom it
    names now takes part, and whom nothing in the record names any more does not (rule I3).

    Writes in the present transaction.
    """
    named = named_in(section, after) if after is not None else []
    note(project, named)
    gone = {(code, role) for code, _, role in (named_in(section, before) if before is not None else []) if code}
    gone -= {(code, role) for code, _, role in named}
    if not gone:
        return
    db.session.flush()
    connection = db.session.connection()
    gone -= {(project.owner_code, OWNER)}
    for row in connection.execute(_STANDING, {"project": project.id}):
        gone -= {(code, role) for code, _, role in named_in(row.section, row.content)}
    if gone:
        connection.execute(_LEAVES, [{"project": project.id, "code": code, "role": role} for code, role in gone])
