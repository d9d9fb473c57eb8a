"""The page of one project: its sections with the level of each entry, history and notices (rules L1, L6, I3)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import BindParameter, Executable, Row, bindparam, select

from portal.domain import companies, identifiers
from portal.domain.errors import NotFound
from portal.extensions import reading
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.company import Company, Participation
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.words import Section
from portal.public import project_entries
from portal.public.notice_list import as_rows, columns
from portal.web.pages import kept_for, page
from portal.web.paging import asked

bp = Blueprint("projects", __name__, url_prefix="/projects")
UNKNOWN = "业绩档案中没有这个项目。请核对项目编号，或者在业绩档案中用项目、企业名称搜索。"
MOST_NOTICES = 20
MOST_COMPANIES = 100

_PROJECT = (
    select(
        *(column for column in Project.__table__.c if column.name not in ("grams", "version")),
        Bureau.name.label("bureau"),
        Bureau.code.label("bureau_code"),
    )
    .join(Bureau, Project.bureau_id == Bureau.id)
    .where(Project.number == bindparam("number"))
)
_THIS: BindParameter[Any] = bindparam("project")
_COMPANIES = (
    select(Company.code, Company.name, Participation.role)
    .join(Participation, Participation.company_id == Company.id)
    .where(Participation.project_id == _THIS)
    .order_by(Participation.id)
    .limit(MOST_COMPANIES)
)
_NOTICES = columns(
    select(Notice)
    .join(Application, Notice.application_id == Application.id)
    .where(Application.project_id == _THIS)
    .order_by(Notice.id.desc())
    .limit(MOST_NOTICES + 1)
)


@bp.get("/<number>")
@kept_for(30)
def show(number: str) -> Response:
    """One project: who takes part, every entry with its level and history, its notices. Raises NotFound."""
    project = next(iter(_rows(_PROJECT, number=number[:40])), None)
    if project is None:
        return _elsewhere(number)
    _before, after = asked()
    entries, more = project_entries.of_project(project.id, after or 0)
    by_section = {section: [each for each in entries if each.row.section is section] for section in Section}
    notices = _rows(_NOTICES, project=project.id)
    return page(
        "public/projects/show.html",
        project=project,
        sections=[(section, found) for section, found in by_section.items() if found],
        empty_sections=[section.label for section, found in by_section.items() if not found],
        after=after,
        more_url=f"{request.path}?after={more}" if more else None,
        companies=_companies(project),
        notices=as_rows(notices[:MOST_NOTICES]),
        has_more_notices=len(notices) > MOST_NOTICES,
    )


def _elsewhere(number: str) -> Response:
    """Where a number written in another way leads (rule S10). Raises NotFound, saying what is wrong with it."""
    checked = identifiers.check_project_number(number[:60])
    if checked.value and checked.value != number and _rows(_PROJECT, number=checked.value):
        return redirect(url_for("public.projects.show", number=checked.value), code=301)  # type: ignore[return-value]
    wrong = "；".join(problem.message for problem in checked.problems if problem.severity == "error")
    raise NotFound(f"没有这个项目：{wrong}。" if wrong else UNKNOWN)


def _companies(project: Row[Any]) -> list[tuple[str, str, str]]:
    """Code, name and roles of each company that takes part; the owner also where it has no code."""
    roles: dict[tuple[str, str], list[str]] = {}
    for row in _rows(_COMPANIES, project=project.id):
        roles.setdefault((row.code, row.name), []).append(row.role)
    named = [(code, name, "、".join(sorted(set(said)))) for (code, name), said in roles.items()]
    if project.owner_name and not any(companies.OWNER in role for _, _, role in named):
        named.insert(0, ("", project.owner_name, companies.OWNER))
    return named


def _rows(query: Executable, **values: Any) -> list[Row[Any]]:
    return list(reading().execute(query, values).all())
