"""What the open interface answers about projects and their record entries (rules L1, I3)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select

from portal import clock
from portal.domain import sections
from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.remedy import RecordRemedy
from portal.models.search import find
from portal.public import api_models, api_query
from portal.public.api_asked import ProjectQuery

MOST_NOTICES = 100
NO_PROJECT = "没有这个项目编号，请核对。"
_REMEDIES: Select[*tuple[Any, ...]] = (
    select(
        RecordEntry.section,
        RecordEntry.number,
        RecordRemedy.remedy,
        RecordRemedy.reason,
        RecordRemedy.decided_at,
        Bureau.name.label("bureau"),
    )
    .join(RecordEntry, RecordRemedy.entry_id == RecordEntry.id)
    .join(Bureau, RecordRemedy.bureau_id == Bureau.id)
    .order_by(RecordRemedy.id)
)


def projects(asked: ProjectQuery) -> api_models.Projects:
    """A page of projects."""
    query = select(Project, Bureau.code.label("bureau_code")).join(Bureau, Project.bureau_id == Bureau.id)
    found = find(Project, asked.q, {}, limit=asked.limit + 1, before=asked.before) if asked.q else None
    if found is not None:
        query = query.where(Project.id.in_(found.ids))
    elif asked.before is not None:
        query = query.where(Project.id < asked.before)
    rows = db.session.execute(query.order_by(Project.id.desc()).limit(asked.limit + 1)).all()
    page = rows[: asked.limit]
    return api_models.Projects(
        items=[api_models.Project(**_about(row.Project, row.bureau_code)) for row in page],
        next=api_query.next_page(page[-1].Project.id) if len(rows) > asked.limit else None,
    )


def project(number: str) -> api_models.ProjectDetail:
    """A project: its entries now, each with its data level, and what was deleted or corrected (rules L1, I3)."""
    found = project_numbered(number)
    entries = db.session.scalars(
        select(RecordEntry).where(RecordEntry.project_id == found.id).order_by(RecordEntry.section, RecordEntry.id)
    )
    of_it = api_query.newest({}, "", api_query.of_project(found.id), limit=MOST_NOTICES)
    return api_models.ProjectDetail(
        **_about(found, found.bureau.code),
        entries=[_entry(entry) for entry in entries],
        remedies=[_remedy(row) for row in db.session.execute(_REMEDIES.where(RecordEntry.project_id == found.id))],
        notices=[row.reference for row in of_it],
    )


def project_numbered(number: str) -> Project:
    """The project. Raises NotFound."""
    found = db.session.scalar(select(Project).where(Project.number == number[:60]))
    if found is None:
        raise NotFound(NO_PROJECT)
    return found


def _about(found: Project, bureau_code: str) -> dict[str, Any]:
    return {
        "number": found.number,
        "name": found.name,
        "area_code": found.area_code,
        "bureau": bureau_code,
        "sector": found.sector,
        "sector_name": found.sector.label,
        "owner": found.owner_name,
        "owner_code": found.owner_code,
        "accepted_on": found.accepted_on,
    }


def _entry(entry: RecordEntry) -> api_models.Entry:
    fields = [
        api_models.EntryField(
            key=known.key,
            label=known.label,
            value=entry.content[known.key],
            text=sections.display(entry.section, known.key, entry.content[known.key]),
        )
        for known in sections.schema(entry.section)
        if known.key in entry.content and entry.deleted_at is None
    ]
    return api_models.Entry(
        section=entry.section,
        section_name=entry.section.label,
        number=entry.number,
        origin=entry.origin,
        source=entry.source,
        level=entry.level,
        version=entry.version,
        deleted_at=entry.deleted_at.astimezone(clock.BEIJING) if entry.deleted_at else None,
        fields=fields,
    )


def _remedy(row: Row[Any]) -> api_models.RemedyNote:
    return api_models.RemedyNote(
        section=row.section,
        section_name=row.section.label,
        number=row.number,
        remedy=row.remedy,
        remedy_name=row.remedy.label,
        reason=row.reason,
        bureau=row.bureau,
        decided_at=row.decided_at.astimezone(clock.BEIJING),
    )
