"""The entries of a project as its page shows them: content, level, and every version with where its level came from
(rules L1, L6); of a deleted one the tombstone and no content (rule I3).
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import BindParameter, Executable, Row, bindparam, select

from portal.domain import identifiers, sections
from portal.domain.sections import FieldType
from portal.extensions import reading
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.record import RecordEntry, RecordVersion
from portal.models.remedy import RecordRemedy
from portal.models.words import DataLevel, Remedy, Route, Section
from portal.public.comparison import STYLES

AT_ONCE = 100
"""Entries one page shows. Hardly a project has more; the next ones stand on a page of their own."""
IMPORTED = "存量数据"
NOTHING = "—"

_PROJECT: BindParameter[Any] = bindparam("project")
_ENTRIES = (
    select(*RecordEntry.__table__.c)
    .where(RecordEntry.project_id == _PROJECT, RecordEntry.id > bindparam("after"))
    .order_by(RecordEntry.id)
    .limit(AT_ONCE + 1)
)
_SHOWN = (
    RecordEntry.project_id == _PROJECT,
    RecordEntry.id >= bindparam("first"),
    RecordEntry.id <= bindparam("last"),
)
_VERSIONS = (
    select(
        *RecordVersion.__table__.c,
        Notice.reference.label("notice"),
        Notice.status.label("notice_status"),
        Application.kind,
        Application.route,
    )
    .join(RecordEntry, RecordVersion.entry_id == RecordEntry.id)
    .outerjoin(Notice, RecordVersion.notice_id == Notice.id)
    .outerjoin(Application, RecordVersion.application_id == Application.id)
    .where(*_SHOWN)
    .order_by(RecordVersion.entry_id, RecordVersion.version.desc())
)
_REMEDIES = (
    select(*RecordRemedy.__table__.c, Bureau.name.label("bureau"))
    .join(RecordEntry, RecordRemedy.entry_id == RecordEntry.id)
    .join(Bureau, RecordRemedy.bureau_id == Bureau.id)
    .where(*_SHOWN)
    .order_by(RecordRemedy.id)
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an entry: what happened, the level it gave and from whom, what it changed (label, before, after).

    level_before: None for the first version.
    """

    row: Row[Any]
    happened: str
    level_before: DataLevel | None
    changed: list[tuple[str, str, str]]
    remedy: Row[Any] | None

    @property
    def imported(self) -> bool:
        """Taken over from before the portal, with the level it had there."""
        return bool(self.row.level_from == IMPORTED)

    @property
    def by(self) -> str:
        """Who decided, as far as the public is to know: no person's name (rule N1)."""
        name: str = self.row.decided_by
        if self.imported:
            return "批量导入"
        return "系统按公示结果办结" if name.startswith("system:") else f"{self.row.level_from}审核办理岗"


@dataclass(frozen=True, slots=True)
class Entry:
    """One section entry with its history, newest version first. `tombstone`: why a deleted one is deleted."""

    row: Row[Any]
    fields: list[tuple[str, str, str]]
    versions: list[Version]
    tombstone: Row[Any] | None


def of_project(project_id: int, after: int = 0) -> tuple[list[Entry], int | None]:
    """The entries whose ids are above `after`, by section and number, and the id after which there are more."""
    rows = _rows(_ENTRIES, project=project_id, after=after)
    more = rows[AT_ONCE - 1].id if len(rows) > AT_ONCE else None
    rows = rows[:AT_ONCE]
    if not rows:
        return [], None
    shown = {"project": project_id, "first": rows[0].id, "last": rows[-1].id}
    versions, remedies = defaultdict(list), defaultdict(list)
    for version in _rows(_VERSIONS, **shown):
        versions[version.entry_id].append(version)
    for remedy in _rows(_REMEDIES, **shown):
        remedies[remedy.entry_id].append(remedy)
    order = list(Section)
    rows.sort(key=lambda row: (order.index(row.section), row.number))
    return [_entry(row, versions[row.id], remedies[row.id]) for row in rows], more


def _entry(row: Row[Any], versions: list[Row[Any]], remedies: list[Row[Any]]) -> Entry:
    deleted = row.deleted_at is not None
    tombstone = next((each for each in reversed(remedies) if each.remedy is Remedy.DELETE), None) if deleted else None
    corrected = {each.version + 1: each for each in remedies if each.remedy is Remedy.CORRECT}
    older: list[Row[Any] | None] = [*versions[1:], None]
    told = [
        _version(row.section, new, old, corrected.get(new.version), open_=not deleted)
        for new, old in zip(versions, older, strict=False)
    ]
    return Entry(row, [] if deleted else _fields(row.section, row.content), told, tombstone)


def _version(section: Section, new: Row[Any], old: Row[Any] | None, remedy: Row[Any] | None, *, open_: bool) -> Version:
    changed = []
    if open_ and old is not None:
        fields = sections.diff(section, json.loads(old.content), json.loads(new.content))
        changed = [(each.label, each.before, each.after) for each in fields if each.changed]
    return Version(new, _happened(new, remedy), old.level if old is not None else None, changed, remedy)


def _happened(version: Row[Any], remedy: Row[Any] | None) -> str:
    if remedy is not None:
        return "据实更正"
    if version.kind is None:
        return "存量数据导入"
    return "线上办理事项变更" if version.route is Route.ONLINE_CHANGE else f"{version.kind.label}办结"


def _fields(section: Section, content: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Label, value and style of each field that says something; a company's code leads to its page."""
    said = []
    for each in sections.diff(section, None, content):
        known = sections.field_of(section, each.key)
        if each.after == NOTHING:
            continue
        value: str = each.after
        if known and known.type is FieldType.COMPANY_CODE and identifiers.check_uscc(value).value == value:
            value = Markup('<a href="{}">{}</a>').format(url_for("public.companies.show", code=value), value)
        said.append((each.label, value, STYLES.get(known.type, "") if known else ""))
    return said


def _rows(query: Executable, **values: Any) -> list[Row[Any]]:
    return list(reading().execute(query, values).all())
