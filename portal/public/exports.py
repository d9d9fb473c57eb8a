"""导出: every list of the public side as CSV and XLSX, narrowed as on its page, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import ColumnElement, Row, Select, select

from portal import clock
from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.circular import Circular
from portal.models.company import Company, Participation
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.remedy import RecordRemedy
from portal.models.search import find
from portal.models.words import Remedy
from portal.public import api_query, export_files, notice_filter
from portal.public.api_projects import project_numbered
from portal.public.api_query import BadQuery
from portal.public.export_files import Cells
from portal.public.notice_tally import ends_on
from portal.public.scoreboard import present
from portal.web.addresses import absolute
from portal.web.pages import kept_for, typed

bp = Blueprint("exports", __name__, url_prefix="/exports")
AT_ONCE = 500
PAGING = {"before", "after", "later", "sooner", "sort"}
"""What a list's address may say besides, which asks for a page and not for other rows."""
NOTICES = (
    "公示编号", "标题", "申请类型", "内容", "申请单位", "公示部门", "状态",
    "发布时间", "公示首日", "公示截止日", "截止日暂定", "内容指纹", "网址",
)  # fmt: skip
PROJECTS = (
    "项目编号",
    "项目名称",
    "工程类别",
    "建设单位",
    "建设单位统一社会信用代码",
    "竣工验收日期",
    "属地部门",
    "网址",
)
COMPANIES = ("统一社会信用代码", "企业名称", "网址")
REMEDIES = ("处理方式", "项目编号", "项目名称", "环节", "环节编号", "理由", "作出部门", "作出时间", "网址")
CIRCULARS = ("编号", "标题", "发布部门", "发布时间", "抄送", "内容指纹", "网址")
SCORES = (
    "部门代码", "部门", "层级", "正在公示", "超期未答复", "已作出决定", "办理天数中位数",
    "告知过补正的申请", "其中只告知一次", "收到异议", "已裁定理由", "其中成立",
)  # fmt: skip
_OF_PROJECTS = select(Project, Bureau.name).join(Bureau, Project.bureau_id == Bureau.id)
_OF_REMEDIES = (
    select(
        RecordRemedy,
        RecordEntry.section,
        RecordEntry.number.label("entry"),
        Project.number,
        Project.name,
        Bureau.name.label("bureau"),
    )
    .join(RecordEntry, RecordRemedy.entry_id == RecordEntry.id)
    .join(Project, RecordEntry.project_id == Project.id)
    .join(Bureau, RecordRemedy.bureau_id == Bureau.id)
)
_OF_CIRCULARS = select(
    Circular.id, Circular.number, Circular.title, Bureau.name, Circular.published_at, Circular.copied_to,
    Circular.content_hash,
).join(Bureau, Circular.bureau_id == Bureau.id)  # fmt: skip


@bp.get("/notices.<any(csv, xlsx):form>")
@kept_for(60)
def notices(form: str) -> Response:
    """The list of notices as the address narrows it; also those of a project, or those that name a company."""
    asked = notice_filter.asked()
    _only_known("q", "bureau", "due", "project", "company", *notice_filter.WORDS)
    for name in ("bureau", "due", *notice_filter.WORDS):
        if request.args.get(name) and not asked.said[name]:
            raise BadQuery(f"条件“{name}”没有“{typed(request.args[name], 20)}”这个选项，请从公示列表页面导出。")
    conditions: list[ColumnElement[bool]] = []
    if asked.said["due"]:
        conditions.append(Notice.ends_at == ends_on(asked.said["due"]))
    if project := request.args.get("project"):
        conditions.append(api_query.of_project(project_numbered(project).id))
    if company := request.args.get("company"):
        conditions.append(api_query.of_company(company[:18].upper()))
    return export_files.answer(form, "公示", NOTICES, _notices(asked.said["q"], asked.narrowed, conditions))


@bp.get("/projects.<any(csv, xlsx):form>")
@kept_for(60)
def projects(form: str) -> Response:
    """The projects in which all words of ?q= occur, or in which ?company= takes part; those known last first."""
    _only_known("q", "company", "kind")
    query = _OF_PROJECTS
    if code := request.args.get("company"):
        company = db.session.scalar(select(Company.id).where(Company.code == code[:18].upper()))
        if company is None:
            raise NotFound("业绩档案中没有这个统一社会信用代码，请核对18位代码。")
        query = query.where(Project.id.in_(select(Participation.project_id).where(Participation.company_id == company)))
    some = partial(_found, query, Project, typed(request.args.get("q")))
    return export_files.answer(form, "工程项目", PROJECTS, map(_project, _all(some, lambda row: row.Project.id)))


@bp.get("/companies.<any(csv, xlsx):form>")
@kept_for(60)
def companies(form: str) -> Response:
    """The companies in which all words of ?q= occur, those known last first."""
    _only_known("q", "kind")
    some = partial(_found, select(Company.id, Company.code, Company.name), Company, typed(request.args.get("q")))
    stem = _stem("public.companies.show", "code")
    rows = ([row.code, row.name, stem + row.code] for row in _all(some, lambda row: row.id))
    return export_files.answer(form, "企业", COMPANIES, rows)


@bp.get("/remedies.<any(csv, xlsx):form>")
@kept_for(60)
def remedies(form: str) -> Response:
    """What was deleted or corrected, with reason and office (rule I3)."""
    _only_known("remedy")
    query, chosen = _OF_REMEDIES, request.args.get("remedy")
    if chosen:
        if chosen not in list(Remedy):
            raise BadQuery(f"处理方式只有：{'、'.join(f'{each.value}（{each.label}）' for each in Remedy)}。")
        query = query.where(RecordRemedy.remedy == Remedy(chosen))
    some = partial(_found, query, RecordRemedy, "")
    return export_files.answer(form, "删除和更正", REMEDIES, map(_remedy, _all(some, lambda row: row.RecordRemedy.id)))


@bp.get("/circulars.<any(csv, xlsx):form>")
@kept_for(60)
def circulars(form: str) -> Response:
    """All circulars (rule I4)."""
    _only_known()
    rows = map(_circular, _all(partial(_found, _OF_CIRCULARS, Circular, ""), lambda row: row.id))
    return export_files.answer(form, "通报", CIRCULARS, rows)


@bp.get("/scoreboard.<any(csv, xlsx):form>")
@kept_for(60)
def scoreboard(form: str) -> Response:
    """How every bureau does, county bureaus too (rule E3)."""
    _only_known()
    rows: Iterable[Cells] = (
        [
            *(score.bureau, score.name, score.tier.label, score.open, score.overdue, score.decided),
            "" if score.median_days is None else score.median_days,
            *(score.told, score.told_once, score.objections, score.grounds_ruled, score.grounds_upheld),
        ]
        for score in present().scores
    )
    return export_files.answer(form, "办理情况", SCORES, rows)


def _only_known(*names: str) -> None:
    """Refuse what would be ignored: the file would hold more than was asked for, and nobody would notice."""
    for name in request.args:
        if name not in names and name not in PAGING:
            said = f"可以用的有：{'、'.join(names)}" if names else "这个文件不带条件"
            raise BadQuery(f"没有“{typed(name, 20)}”这个条件，{said}。")


def _all(some: Callable[[int | None], list[Row[Any]]], key: Callable[[Row[Any]], int]) -> Iterator[Row[Any]]:
    """All rows, a few hundred at a time. some: the next ones below a key."""
    before = None
    while rows := some(before):
        yield from rows
        before = key(rows[-1])
        db.session.expunge_all()


def _found(query: Select[*tuple[Any, ...]], table: Any, words: str, before: int | None) -> list[Row[Any]]:
    hits = find(table, words, {}, limit=AT_ONCE, before=before) if words else None
    if hits is not None:
        query = query.where(table.id.in_(hits.ids))
    if before is not None:
        query = query.where(table.id < before)
    return list(db.session.execute(query.order_by(table.id.desc()).limit(AT_ONCE)).all())


def _notices(words: str, narrowed: dict[str, Any], conditions: Iterable[ColumnElement[bool]]) -> Iterator[Cells]:
    def some(before: int | None) -> list[Row[Any]]:
        return api_query.newest(narrowed, words, *conditions, limit=AT_ONCE, before=before)

    stem = _stem("public.notices.show", "reference")
    for row in _all(some, lambda row: row.id):
        yield [
            *(row.reference, row.title, row.kind.label, row.subject.label, row.company, row.bureau, row.status.label),
            *(_moment(row.published_at), row.first_day, row.last_day, "是" if row.provisional else ""),
            *(row.content_hash, stem + row.reference),
        ]


def _project(row: Row[Any]) -> Cells:
    project: Project = row.Project
    return [
        *(project.number, project.name, project.sector.label, project.owner_name, project.owner_code),
        *(project.accepted_on or "", row.name, absolute("public.projects.show", number=project.number)),
    ]


def _remedy(row: Row[Any]) -> Cells:
    remedy: RecordRemedy = row.RecordRemedy
    return [
        *(remedy.remedy.label, row.number, row.name, row.section.label, row.entry, remedy.reason, row.bureau),
        *(_moment(remedy.decided_at), absolute("public.projects.show", number=row.number)),
    ]


def _circular(row: Row[Any]) -> Cells:
    return [
        *(row.number, row.title, row.name, _moment(row.published_at), "、".join(row.copied_to), row.content_hash),
        absolute("public.circulars.show", number=row.number),
    ]


def _stem(view: str, part: str) -> str:
    """What stands before the last part of a view's address: to work out thousands one by one would take a second."""
    return absolute(view, **{part: "-"}).removesuffix("-")


def _moment(value: Any) -> str:
    return f"{value.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}"
