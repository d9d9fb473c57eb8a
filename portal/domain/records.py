"""Writing what was decided into the record (rules L1, N9, N10), and loading what existed before the portal."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from portal.domain import companies, trail
from portal.domain.actor import Actor
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import Stale
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.application import Application, ApplicationChange
from portal.models.bureau import Bureau
from portal.models.project import Project
from portal.models.record import RecordEntry, RecordVersion
from portal.models.words import DataLevel, DataSource, Kind, Section


def entry_key(project: Project, section: Section, number: str) -> str:
    """Name of a section entry that exists in no two forms; holds it against a second running case."""
    return f"{project.number}/{section.value}/{number}"


def apply_change(
    change: ApplicationChange, content: bytes, *, notice_id: int | None, actor: Actor, now: datetime
) -> RecordVersion:
    """Write `content`, the canonical bytes that were decided upon, as the entry's next version.

    A supplement or correction gets the level of the bureau that approved it; an upgrade the level asked for (rule
    L1). Raises Stale if the entry is no longer what the case was about.
    """
    application = change.application
    bureau = application.bureau
    level = _level(application, bureau)
    entry = change.entry
    decided = json.loads(content)
    said = entry.content if entry is not None else None
    if entry is None:
        entry = RecordEntry(
            project=application.project,
            section=change.section,
            number=change.entry_number,
            origin=change.origin,
            source=DataSource.SUPPLEMENTED,
            level=level,
            content=decided,
            version=1,
        )
        db.session.add(entry)
        previous = None
    else:
        if entry.version != change.base_version or entry.deleted_at is not None:
            raise Stale(f"{change.section.label} {change.entry_number} 在办理期间已有变化，请退回重新核实", rule="N9")
        previous = {
            "version": entry.version,
            "level": entry.level.value,
            "content": digest(canonical_bytes(entry.content)),
        }
        entry.version += 1
        entry.content = decided
        entry.level = level
    companies.renote(application.project, entry.section, said, decided)
    return _write_version(entry, content, application, level, bureau, notice_id, previous, actor, now)


def load_entry(
    project: Project,
    section: Section,
    number: str,
    content: dict[str, Any],
    *,
    origin: Any,
    source: DataSource,
    level: DataLevel,
    batch: str,
    actor: Actor,
    now: datetime,
) -> RecordEntry:
    """Take over an entry that existed before the portal, with the level it had (存量导入)."""
    data = canonical_bytes(content)
    entry = RecordEntry(
        project=project,
        section=section,
        number=number,
        origin=origin,
        source=source,
        level=level,
        content=content,
        version=1,
    )
    entry.versions.append(
        RecordVersion(
            version=1,
            content=data,
            content_hash=digest(data),
            level=level,
            level_from="存量数据",
            decided_by=actor.name,
            created_at=now,
        )
    )
    db.session.add(entry)
    companies.note(project, companies.named_in(section, content))
    trail.record(
        Event.RECORD_IMPORTED,
        actor=actor,
        now=now,
        subject=("record", entry_key(project, section, number)),
        bureau=project.bureau.code,
        after={"version": 1, "content": digest(data)},
        detail={
            "project": project.number,
            "section": section.value,
            "entry": number,
            "level": level.value,
            "batch": batch,
        },
    )
    return entry


def _level(application: Application, bureau: Bureau) -> DataLevel:
    if application.kind is Kind.LEVEL_UPGRADE and application.target_level is not None:
        return application.target_level
    return bureau.level


def _write_version(
    entry: RecordEntry,
    content: bytes,
    application: Application,
    level: DataLevel,
    bureau: Bureau,
    notice_id: int | None,
    previous: dict[str, Any] | None,
    actor: Actor,
    now: datetime,
) -> RecordVersion:
    version = RecordVersion(
        entry=entry,
        version=entry.version,
        content=content,
        content_hash=digest(content),
        level=level,
        level_from=bureau.name,
        application_id=application.id,
        notice_id=notice_id,
        decided_by=actor.name,
        created_at=now,
    )
    db.session.add(version)
    trail.record(
        Event.RECORD_WRITTEN,
        actor=actor,
        now=now,
        subject=("record", entry_key(application.project, entry.section, entry.number)),
        case=application.number,
        bureau=bureau.code,
        before=previous,
        after={"version": entry.version, "level": level.value, "content": version.content_hash},
        detail={
            "project": application.project.number,
            "section": entry.section.value,
            "entry": entry.number,
            "version": entry.version,
            "level": level.value,
        },
    )
    return version
