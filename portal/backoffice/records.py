"""业绩档案: projects, their entries, the level of each and where it came from, what was deleted or corrected (rules L1,
L6, I3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.domain import permissions, sections
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.account import Account
from portal.models.application import Application
from portal.models.bureau import Bureau, bureaus_within
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.record import RecordEntry, RecordVersion
from portal.models.remedy import RecordRemedy
from portal.models.search import matching
from portal.models.words import Section
from portal.web.access import actor, needs
from portal.web.pages import page, typed
from portal.web.paging import newest_first

bp = Blueprint("records", __name__, url_prefix="/records")
ROWS = 50


@bp.get("")
@needs(Permission.SEE_RECORDS)
def index() -> Response:
    """Projects of the bureau and of those below, by any words of name, number or owner."""
    q = typed(request.args.get("q"))
    entries = select(func.count()).where(RecordEntry.project_id == Project.id).correlate(Project).scalar_subquery()
    query = (
        select(
            Project.id,
            Project.number,
            Project.name,
            Project.owner_name,
            Project.sector,
            Project.accepted_on,
            Bureau.area_name.label("bureau_name"),
            entries.label("entries"),
        )
        .join(Bureau, Project.bureau_id == Bureau.id)
        .where(Project.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
    )
    wanted = matching(Project, q) if q else None
    found = newest_first(query if wanted is None else query.where(wanted), Project.id, size=ROWS)
    return page(
        "backoffice/records/index.html",
        partial="backoffice/records/_list.html",
        rows=found.items,
        older_url=found.older_url,
        newer_url=found.newer_url,
        q=q,
    )


@bp.get("/<string:number>")
@needs(Permission.SEE_RECORDS)
def show(number: str) -> Response:
    """One project: every entry with its level, and every version it ever had; of a deleted one, too."""
    project = find_project(number)
    query = (
        select(RecordEntry)
        .where(RecordEntry.project_id == project.id)
        .options(selectinload(RecordEntry.versions))
        .order_by(RecordEntry.number)
    )
    entries = list(db.session.scalars(query))
    order = list(Section)
    entries.sort(key=lambda entry: order.index(entry.section))
    versions = [version for entry in entries for version in entry.versions]
    remedies = _remedies(project.id)
    return page(
        "backoffice/records/show.html",
        project=project,
        entries=[(entry, shown(entry), [_version(version) for version in entry.versions]) for entry in entries],
        applications=_numbers(Application, Application.number, [v.application_id for v in versions]),
        notices=_numbers(Notice, Notice.reference, [v.notice_id for v in versions]),
        remedies=remedies,
        may_remedy=permissions.can(actor(), Permission.DECIDE),
        names=_names([*(v.decided_by for v in versions), *(r.decided_by for r in remedies.values())]),
    )


def find_project(number: str) -> Project:
    """The project within the actor's bureau and below; outside it does not exist here (rule A5)."""
    query = (
        select(Project)
        .where(Project.number == number[:40], Project.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
        .options(joinedload(Project.bureau))
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("没有找到这个项目，请核对项目编号", rule="A5")
    return found


def _remedies(project_id: int) -> dict[tuple[int, int], RecordRemedy]:
    """What was done about untrue entries of the project, by entry and the version found untrue (rule I3)."""
    query = (
        select(RecordRemedy)
        .join(RecordEntry, RecordRemedy.entry_id == RecordEntry.id)
        .where(RecordEntry.project_id == project_id)
        .options(joinedload(RecordRemedy.bureau))
    )
    return {(remedy.entry_id, remedy.version): remedy for remedy in db.session.scalars(query)}


def shown(entry: RecordEntry) -> list[tuple[str, str]]:
    """What the entry says now, field by field; empty ones left out."""
    return [(row.label, row.after) for row in sections.diff(entry.section, None, entry.content)]


def _version(version: RecordVersion) -> dict[str, Any]:
    """A version beside the one before it: what it changed."""
    older = next((v for v in version.entry.versions if v.version == version.version - 1), None)
    before = json.loads(older.content) if older else None
    changed = [row for row in sections.diff(version.entry.section, before, json.loads(version.content)) if row.changed]
    return {"version": version, "changed": changed if older else []}


def _numbers(table: Any, column: Any, ids: Sequence[int | None]) -> dict[int, str]:
    """Public numbers of the rows with these ids."""
    wanted = sorted({row_id for row_id in ids if row_id is not None})
    query = select(table.id, column).where(table.id.in_(wanted))
    return {row[0]: row[1] for row in db.session.execute(query)} if wanted else {}


def _names(actors: Iterable[str]) -> dict[str, str]:
    """Names of the officers behind what versions and remedies call them (rule V6)."""
    usernames = {name.removeprefix("staff:") for name in actors if name.startswith("staff:")}
    query = select(Account.username, Account.display_name).where(Account.username.in_(sorted(usernames)))
    return {f"staff:{row.username}": row.display_name for row in db.session.execute(query)} if usernames else {}
