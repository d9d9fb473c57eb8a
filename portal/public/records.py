"""业绩档案: looking for a project or a company, and what was deleted or corrected (rules L1, I3)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Select, bindparam, func, select

from portal.domain import identifiers
from portal.extensions import reading
from portal.models.bureau import Bureau
from portal.models.company import Company, Participation
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.remedy import RecordRemedy
from portal.models.search import COUNT_LIMIT, count_up_to_limit, find, runs
from portal.models.words import Remedy
from portal.web import paging
from portal.web.pages import kept_for, page, typed

bp = Blueprint("records", __name__, url_prefix="/records")
KINDS = {"project": "项目", "company": "企业"}

_ENTRIES = (
    select(func.count())
    .where(RecordEntry.project_id == Project.id, RecordEntry.deleted_at.is_(None))
    .correlate(Project)
    .scalar_subquery()
)
_PROJECTS = select(
    Project.id,
    Project.number,
    Project.name,
    Project.owner_name,
    Project.sector,
    Bureau.name.label("bureau"),
    _ENTRIES.label("entries"),
).join(Bureau, Project.bureau_id == Bureau.id)
_TAKES_PART = (
    select(Participation.project_id)
    .where(Participation.company_id == Company.id)
    .distinct()
    .limit(COUNT_LIMIT + 1)
    .correlate(Company)
    .subquery()
)
_TAKEN_PART = select(func.count()).select_from(_TAKES_PART).scalar_subquery()
_COMPANIES = select(Company.id, Company.code, Company.name, _TAKEN_PART.label("projects"))
_REMEDIES = (
    select(
        RecordRemedy.id,
        RecordRemedy.remedy,
        RecordRemedy.reason,
        RecordRemedy.decided_at,
        Bureau.name.label("bureau"),
        RecordRemedy.entry_id,
        RecordEntry.section,
        RecordEntry.number.label("entry"),
        Project.number.label("project"),
        Project.name,
    )
    .join(RecordEntry, RecordRemedy.entry_id == RecordEntry.id)
    .join(Project, RecordEntry.project_id == Project.id)
    .join(Bureau, RecordRemedy.bureau_id == Bureau.id)
)
_OF_A_KIND = select(RecordRemedy.id).where(RecordRemedy.remedy == bindparam("remedy"))


@bp.get("")
@kept_for(30)
def index() -> Response:
    """Projects or companies by any two characters of a name, or by number; the newest projects if nothing is asked."""
    q = typed(request.args.get("q"))
    kind = "company" if request.args.get("kind") == "company" else "project"
    table, query = (Company, _COMPANIES) if kind == "company" else (Project, _PROJECTS)
    found, count = _search(table, query, q)
    other = find(Project if kind == "company" else Company, q, {}, limit=1)
    return page(
        "public/records/index.html",
        partial="public/records/_list.html",
        q=q,
        unsearchable=bool(q) and not runs(q),
        kind=kind,
        rows=found.items,
        paged=any(paging.asked()),
        older_url=found.older_url,
        newer_url=found.newer_url,
        count=count,
        count_limit=COUNT_LIMIT,
        tabs=[(text, name, name == kind, count if name == kind else other and other.count)
              for name, text in KINDS.items()],
        wrong_code=_wrong_code(q) if not found.items else "",
    )  # fmt: skip


@bp.get("/remedies")
@kept_for(30)
def remedies() -> Response:
    """据实删除和更正: entries found untrue, with reason and office, newest first (rule I3)."""
    asked = request.args.get("remedy", "")
    chosen = Remedy(asked) if asked in set(Remedy) else None
    query = _REMEDIES if chosen is None else _REMEDIES.where(RecordRemedy.remedy == chosen)
    found = paging.newest_first(query, RecordRemedy.id, plain=True)
    return page(
        "public/records/remedies.html",
        partial="public/records/_remedies.html",
        rows=found.items,
        paged=any(paging.asked()),
        older_url=found.older_url,
        newer_url=found.newer_url,
        chosen=chosen,
        counts=[(remedy, count_up_to_limit(_OF_A_KIND, {"remedy": remedy})) for remedy in Remedy],
        count_limit=COUNT_LIMIT,
    )


def _search(table: Any, query: Select[*tuple[Any, ...]], q: str) -> tuple[paging.Slice[Any], int | None]:
    """One page of the rows in which every run of `q` occurs, and how many there are; all, uncounted, without `q`."""
    before, after = paging.asked()
    found = find(table, q, {}, limit=paging.PAGE + 1, before=before, after=after) if q else None
    if found is None:
        return paging.newest_first(query, table.id, plain=True), None
    rows = reading().execute(query.where(table.id.in_(found.ids)).order_by(table.id.desc())).all()
    return paging.slice_of(list(rows)), found.count


def _wrong_code(q: str) -> str:
    """Why something that looks like a credit code cannot be one (rule S10)."""
    if len(q) != 18 or not q.isascii() or not q.isalnum():
        return ""
    return "；".join(problem.message for problem in identifiers.check_uscc(q).problems)
