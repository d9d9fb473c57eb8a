"""The page of one company: the projects it takes part in, the notices it asked for (rules L1, S9)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, url_for
from sqlalchemy import Row, bindparam, select

from portal.domain import identifiers
from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.company import Company, Participation
from portal.models.notice import Notice
from portal.models.project import Project
from portal.public.notice_list import as_rows, columns
from portal.web.pages import kept_for, page
from portal.web.paging import newest_first

bp = Blueprint("companies", __name__, url_prefix="/companies")
MOST_NOTICES = 20

_COMPANY = select(Company.id, Company.code, Company.name).where(Company.code == bindparam("code"))
_APPLIED = (
    select(Application.applicant_name)
    .where(Application.applicant_code == bindparam("code"), Application.notices.any())
    .order_by(Application.id.desc())
    .limit(1)
)
_PROJECTS = (
    select(Project.id, Project.number, Project.name, Project.sector, Bureau.name.label("bureau"))
    .join(Bureau, Project.bureau_id == Bureau.id)
    .where(
        Project.id.in_(select(Participation.project_id).where(Participation.company_id == bindparam("company")))
    )
)  # fmt: skip
_ROLES = select(Participation.project_id, Participation.role).where(
    Participation.company_id == bindparam("company"),
    Participation.project_id.in_(bindparam("projects", expanding=True)),
)
_NOTICES = columns(
    select(Notice)
    .join(Application, Notice.application_id == Application.id)
    .where(Application.applicant_code == bindparam("code"))
    .order_by(Notice.id.desc())
    .limit(MOST_NOTICES + 1)
)


@bp.get("/<code>")
@kept_for(30)
def show(code: str) -> Response:
    """One company by its credit code. Raises NotFound, saying why where the code cannot be one."""
    checked = identifiers.check_uscc(code[:40])
    if checked.value is None:
        why = "；".join(problem.message for problem in checked.problems)
        raise NotFound(f"没有找到这家企业：{why or '地址中没有统一社会信用代码'}。")
    if checked.value != code:
        return redirect(url_for("public.companies.show", code=checked.value), code=301)  # type: ignore[return-value]
    connection = db.session.connection()
    company = connection.execute(_COMPANY, {"code": code}).first()
    name = company.name if company else connection.scalar(_APPLIED, {"code": code})
    if name is None:
        raise NotFound(f"业绩档案和公示中没有出现过统一社会信用代码{code}。")
    projects = newest_first(_PROJECTS, Project.id, values={"company": company.id if company else 0}, plain=True)
    notices = connection.execute(_NOTICES, {"code": code}).all()
    return page(
        "public/companies/show.html",
        partial="public/companies/_projects.html",
        code=code,
        name=name,
        projects=projects.items,
        roles=_roles(company, projects.items),
        older_url=projects.older_url,
        newer_url=projects.newer_url,
        notices=as_rows(notices[:MOST_NOTICES]),
        has_more=len(notices) > MOST_NOTICES,
    )


def _roles(company: Row[*tuple[Any, ...]] | None, projects: list[Any]) -> dict[int, str]:
    """As what the company takes part in each of the projects shown."""
    said: dict[int, set[str]] = {}
    if company is not None and projects:
        values = {"company": company.id, "projects": [project.id for project in projects]}
        for row in db.session.connection().execute(_ROLES, values):
            said.setdefault(row.project_id, set()).add(row.role)
    return {project: "、".join(sorted(roles)) for project, roles in said.items()}
