"""业绩档案: projects, their entries, the level of each and where it came from (rules L1, L6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.domain import sections
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.account import Account
from portal.models.application import Application
from portal.models.bureau import Bureau, bureaus_within
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.record import RecordEntry, RecordVersion
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
    """One project: every entry with its level, and every version it ever had."""
    project = _find(number)
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
    return page(
        "backoffice/records/show.html",
        project=project,
        entries=[(entry, _fields(entry), [_version(version) for version in entry.versions]) for entry in entries],
        applications=_numbers(Application, Application.number, [v.application_id for v in versions]),
        notices=_numbers(Notice, Notice.reference, [v.notice_id for v in versions]),
        names=_names(versions),
    )


def _find(number: str) -> Project:
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


def _fields(entry: RecordEntry) -> list[tuple[str, str]]:
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


def _names(versions: list[RecordVersion]) -> dict[str, str]:
    usernames = {v.decided_by.removeprefix("staff:") for v in versions if v.decided_by.startswith("staff:")}
    query = select(Account.username, Account.display_name).where(Account.username.in_(sorted(usernames)))
    return {f"staff:{row.username}": row.display_name for row in db.session.execute(query)} if usernames else {}
