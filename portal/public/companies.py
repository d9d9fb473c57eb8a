"""The page of one company, by its credit code: projects it takes part in, notices that name it (rules S9, S10)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, redirect, url_for
from sqlalchemy import bindparam, select

from portal.domain import identifiers
from portal.domain.errors import NotFound
from portal.extensions import reading
from portal.models.alert import NoticeCompany
from portal.models.bureau import Bureau
from portal.models.company import Company, Participation
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.search import COUNT_LIMIT, count_up_to_limit
from portal.public.notice_list import as_rows, columns
from portal.web.pages import kept_for, page
from portal.web.paging import newest_first

bp = Blueprint("companies", __name__, url_prefix="/companies")
MOST_NOTICES = 20

_COMPANY = select(Company.id, Company.code, Company.name).where(Company.code == bindparam("code"))
# by the index of participations alone, so that a page of a company with many projects costs what any page costs
_TAKES_PART = (
    select(Participation.project_id.label("id")).where(Participation.company_id == bindparam("company")).distinct()
)
_PROJECTS = (
    select(
        Project.id,
        Project.number,
        Project.name,
        Project.sector,
        Bureau.name.label("bureau"),
        Participation.role,
    )
    .join(Bureau, Project.bureau_id == Bureau.id)
    .join(Participation, Participation.project_id == Project.id)
    .where(
        Participation.company_id == bindparam("company"),
        Project.id.in_(bindparam("projects", expanding=True)),
    )
    .order_by(Project.id.desc(), Participation.role)
)
_NAMED = select(NoticeCompany.notice_id).where(NoticeCompany.code == bindparam("code"))
_NOTICES = columns(
    select(Notice)
    .join(NoticeCompany, NoticeCompany.notice_id == Notice.id)
    .where(NoticeCompany.code == bindparam("code"))
    .order_by(NoticeCompany.notice_id.desc())
    .limit(MOST_NOTICES + 1)
)
_NEWEST = (
    select(Notice.content)
    .join(NoticeCompany, NoticeCompany.notice_id == Notice.id)
    .where(NoticeCompany.code == bindparam("code"))
    .order_by(NoticeCompany.notice_id.desc())
    .limit(1)
)


@bp.get("/<code>")
@kept_for(30)
def show(code: str) -> Response:
    """One company by its credit code. Raises NotFound, saying why where the code cannot be one (rule S10)."""
    checked = identifiers.check_uscc(code[:40])
    if checked.value is None:
        why = "；".join(problem.message for problem in checked.problems)
        raise NotFound(f"没有找到这家企业：{why or '地址中没有统一社会信用代码'}。")
    if checked.value != code:
        return redirect(url_for("public.companies.show", code=checked.value), code=301)  # type: ignore[return-value]
    connection = reading()
    company = connection.execute(_COMPANY, {"code": code}).first()
    name = company.name if company else _name_on_notice(code)
    if name is None:
        raise NotFound(f"业绩档案和公示中没有出现过统一社会信用代码{code}。")
    this = {"company": company.id if company else 0}
    found = newest_first(_TAKES_PART, Participation.project_id, values=this, plain=True)
    notices = connection.execute(_NOTICES, {"code": code}).all()
    return page(
        "public/companies/show.html",
        partial="public/companies/_projects.html",
        code=code,
        name=name,
        projects=_projects(this["company"], [row.id for row in found.items]),
        count=count_up_to_limit(_TAKES_PART, this),
        count_limit=COUNT_LIMIT,
        older_url=found.older_url,
        newer_url=found.newer_url,
        notices=as_rows(notices[:MOST_NOTICES]),
        has_more=len(notices) > MOST_NOTICES,
        notice_count=count_up_to_limit(_NAMED, {"code": code}),
    )


def _projects(company: int, ids: list[int]) -> list[dict[str, Any]]:
    """The projects of one page, each with as what the company takes part in it."""
    if not ids:
        return []
    shown: dict[int, dict[str, Any]] = {}
    for row in reading().execute(_PROJECTS, {"company": company, "projects": ids}):
        shown.setdefault(row.id, {"row": row, "roles": []})["roles"].append(row.role)
    return list(shown.values())


def _name_on_notice(code: str) -> str | None:
    """What the newest notice that names the code calls the company; None if none does."""
    content = reading().scalar(_NEWEST, {"code": code})
    if content is None:
        return None
    said = json.loads(content)
    named = [(said["applicant"]["code"], said["applicant"]["name"])]
    named.append((said["project"]["owner_code"], said["project"]["owner"]))
    for change in said["changes"]:
        for side in (change["after"], change["before"] or {}):
            named += [
                (side[key], side.get(f"{key.removesuffix('_code')}_name")) for key in side if key.endswith("_code")
            ]
    return next((name for its_code, name in named if its_code == code and name), None)
