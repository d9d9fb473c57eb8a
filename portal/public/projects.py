"""The page of one project: its sections with the level of each entry, history and notices (rules L1, L6, I3)."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import BindParameter, Executable, Row, bindparam, select
from sqlalchemy.orm import aliased

from portal.domain import sections
from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.company import Company, Participation
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.record import RecordEntry, RecordVersion
from portal.models.remedy import RecordRemedy
from portal.models.words import Remedy, Section
from portal.public.comparison import STYLES
from portal.public.notice_list import as_rows, columns
from portal.web.pages import kept_for, page

bp = Blueprint("projects", __name__, url_prefix="/projects")
UNKNOWN = "业绩档案中没有这个项目。请核对项目编号，或者在业绩档案中用项目、企业名称搜索。"
MOST_NOTICES = 100
NOTHING = "—"

_THIS: BindParameter[Any] = bindparam("project")
_decider = aliased(Bureau)
_PROJECT = (
    select(
        *(column for column in Project.__table__.c if column.name not in ("grams", "version")),
        Bureau.name.label("bureau"),
        Bureau.code.label("bureau_code"),
    )
    .join(Bureau, Project.bureau_id == Bureau.id)
    .where(Project.number == bindparam("number"))
)
_ENTRIES = select(*RecordEntry.__table__.c).where(RecordEntry.project_id == _THIS).order_by(RecordEntry.number)
_VERSIONS = (
    select(*RecordVersion.__table__.c, Notice.reference.label("notice"), Notice.status.label("notice_status"))
    .join(RecordEntry, RecordVersion.entry_id == RecordEntry.id)
    .outerjoin(Notice, RecordVersion.notice_id == Notice.id)
    .where(RecordEntry.project_id == _THIS)
    .order_by(RecordVersion.entry_id, RecordVersion.version.desc())
)
_REMEDIES = (
    select(*RecordRemedy.__table__.c, _decider.name.label("bureau"))
    .join(RecordEntry, RecordRemedy.entry_id == RecordEntry.id)
    .join(_decider, RecordRemedy.bureau_id == _decider.id)
    .where(RecordEntry.project_id == _THIS)
    .order_by(RecordRemedy.id)
)
_COMPANIES = (
    select(Company.code, Company.name, Participation.role)
    .join(Participation, Participation.company_id == Company.id)
    .where(Participation.project_id == _THIS)
    .order_by(Participation.id)
)
_NOTICES = columns(
    select(Notice)
    .join(Application, Notice.application_id == Application.id)
    .where(Application.project_id == _THIS)
    .order_by(Notice.id.desc())
    .limit(MOST_NOTICES)
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an entry, and what it changed: label, before, after."""

    row: Row[Any]
    changed: list[tuple[str, str, str]]
    remedy: Row[Any] | None

    @property
    def by(self) -> str:
        """Who decided, as far as the public is to know: no person's name (rule N1)."""
        name: str = self.row.decided_by
        return "系统按公示结果办结" if name.startswith("system:") else f"{self.row.level_from}审核办理岗"


@dataclass(frozen=True, slots=True)
class Entry:
    """One section entry with its history. A deleted one shows its tombstone and no content."""

    row: Row[Any]
    fields: list[tuple[str, str, str]]
    versions: list[Version]
    tombstone: Row[Any] | None = field(default=None)


@bp.get("/<number>")
@kept_for(30)
def show(number: str) -> Response:
    """One project: who takes part, every entry with its level and history, every notice. Raises NotFound."""
    project = next(iter(_rows(_PROJECT, number=number[:40])), None)
    if project is None:
        raise NotFound(UNKNOWN)
    entries = _entries(project.id)
    by_section = {section: [e for e in entries if e.row.section is section] for section in Section}
    return page(
        "public/projects/show.html",
        project=project,
        sections=[(section, found) for section, found in by_section.items() if found],
        empty_sections=[section.label for section, found in by_section.items() if not found],
        companies=_companies(project),
        notices=as_rows(_rows(_NOTICES, project=project.id)),
        most_notices=MOST_NOTICES,
    )


def _entries(project_id: int) -> list[Entry]:
    versions, remedies = defaultdict(list), defaultdict(list)
    for version in _rows(_VERSIONS, project=project_id):
        versions[version.entry_id].append(version)
    rows = _rows(_ENTRIES, project=project_id)
    for remedy in _rows(_REMEDIES, project=project_id) if rows else []:
        remedies[remedy.entry_id].append(remedy)
    return [_entry(row, versions[row.id], remedies[row.id]) for row in rows]


def _entry(row: Row[Any], versions: list[Row[Any]], remedies: list[Row[Any]]) -> Entry:
    if row.deleted_at is not None:
        tombstone = next((each for each in reversed(remedies) if each.remedy is Remedy.DELETE), None)
        return Entry(row, [], [], tombstone)
    said = [
        (
            each.label,
            each.after,
            STYLES.get(known.type, "") if (known := sections.field_of(row.section, each.key)) else "",
        )
        for each in sections.diff(row.section, None, row.content)
        if each.after != NOTHING
    ]
    corrected = {each.version + 1: each for each in remedies if each.remedy is Remedy.CORRECT}
    older = [*versions[1:], None]
    told = [
        Version(new, _changes(row.section, new, old), corrected.get(new.version))
        for new, old in zip(versions, older, strict=True)
    ] if versions else []  # fmt: skip
    return Entry(row, said, told)


def _changes(section: Section, new: Row[Any], old: Row[Any] | None) -> list[tuple[str, str, str]]:
    if old is None:
        return []
    fields = sections.diff(section, json.loads(old.content), json.loads(new.content))
    return [(each.label, each.before, each.after) for each in fields if each.changed]


def _companies(project: Row[Any]) -> list[tuple[str, str, str]]:
    """Code, name and roles of each company that takes part; the owner also where it has no code."""
    roles: dict[tuple[str, str], list[str]] = {}
    for row in _rows(_COMPANIES, project=project.id):
        roles.setdefault((row.code, row.name), []).append(row.role)
    named = [(code, name, "、".join(sorted(set(said)))) for (code, name), said in roles.items()]
    if project.owner_name and not any("建设单位" in role for _, _, role in named):
        named.insert(0, ("", project.owner_name, "建设单位"))
    return named


def _rows(query: Executable, **values: Any) -> list[Row[Any]]:
    return list(db.session.connection().execute(query, values).all())
