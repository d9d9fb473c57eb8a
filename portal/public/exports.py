"""导出: the public lists as CSV and XLSX, narrowed as on the page; bounded, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from urllib.parse import quote

from flask import Blueprint, Response, request, send_file, stream_with_context
from openpyxl import Workbook
from sqlalchemy import Row, Select, select

from portal import clock
from portal.extensions import db, only_read
from portal.models.bureau import Bureau
from portal.models.project import Project
from portal.models.search import find
from portal.public import api_query, notice_filter
from portal.web.addresses import absolute
from portal.web.bad_input import readable
from portal.web.pages import typed

bp = Blueprint("exports", __name__, url_prefix="/exports")
MOST_ROWS = 10_000
"""Of one file; who needs more narrows the list, or reads the API page by page."""
AT_ONCE = 500
IN_MEMORY = 4 * 2**20
TOO_MANY = f"（只导出了最新的{MOST_ROWS}行，请缩小条件后分次导出）"
Cells = list[str | date]
# what makes a spreadsheet take a text for a formula, also in full width
_FORMULA = tuple("=+-@＝＋－＠")
NOTICES = (
    "公示编号", "标题", "申请类型", "内容", "申请单位", "公示部门", "状态",
    "发布时间", "公示首日", "公示截止日", "截止日暂定", "内容指纹", "网址",
)  # fmt: skip
PROJECTS = ("项目编号", "项目名称", "工程类别", "建设单位", "建设单位统一社会信用代码", "竣工验收日期", "属地部门")


@bp.get("/notices.<any(csv, xlsx):form>")
def notices(form: str) -> Response:
    """The list of notices as the address narrows it, newest first."""
    asked = notice_filter.asked()
    return _file(form, "公示", NOTICES, _notices(asked.said["q"], asked.narrowed))


@bp.get("/projects.<any(csv, xlsx):form>")
def projects(form: str) -> Response:
    """The projects in which all words of ?q= occur, those known last first."""
    return _file(form, "工程项目", PROJECTS, _projects(typed(request.args.get("q"))))


def harmless(value: str | date) -> str | date:
    """The value so that no spreadsheet takes it for a formula, and every one can read it."""
    if isinstance(value, date):
        return value
    text = readable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text[:1] in ("\t", "\r", "\n") else text


def _notices(words: str, narrowed: dict[str, Any]) -> Iterator[Cells]:
    stem = absolute("public.notices.show", reference="-").removesuffix("-")
    before = None
    while rows := api_query.newest(narrowed, words, limit=AT_ONCE, before=before):
        for row in rows:
            yield [
                row.reference,
                row.title,
                row.kind.label,
                row.subject.label,
                row.company,
                row.bureau,
                row.status.label,
                f"{row.published_at.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}",
                row.first_day,
                row.last_day,
                "是" if row.provisional else "",
                row.content_hash,
                stem + row.reference,
            ]
        before = rows[-1].id


def _projects(words: str) -> Iterator[Cells]:
    query = select(Project, Bureau.name).join(Bureau, Project.bureau_id == Bureau.id).order_by(Project.id.desc())
    before = None
    while rows := _some_projects(query, words, before):
        for row in rows:
            project = row.Project
            yield [
                project.number,
                project.name,
                project.sector.label,
                project.owner_name,
                project.owner_code,
                project.accepted_on or "",
                row.name,
            ]
        before = rows[-1].Project.id
        db.session.expunge_all()


def _some_projects(query: Select[*tuple[Any, ...]], words: str, before: int | None) -> list[Row[Any]]:
    found = find(Project, words, {}, limit=AT_ONCE, before=before) if words else None
    if found is not None:
        query = query.where(Project.id.in_(found.ids))
    elif before is not None:
        query = query.where(Project.id < before)
    return list(db.session.execute(query.limit(AT_ONCE)).all())


def _file(form: str, name: str, head: tuple[str, ...], rows: Iterator[Cells]) -> Response:
    only_read()
    name = f"{name}{clock.today():%Y%m%d}.{form}"
    bounded = _bounded(rows, len(head))
    if form == "xlsx":
        return send_file(_workbook(head, bounded), as_attachment=True, download_name=name)
    response = Response(stream_with_context(_lines([list(head)], bounded)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="export.csv")
    response.headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(name)}"
    return response


def _bounded(rows: Iterator[Cells], width: int) -> Iterator[Cells]:
    """At most MOST_ROWS, and then a line that says there are more: nobody shall take a part for the whole."""
    for count, row in enumerate(rows):
        if count == MOST_ROWS:
            yield [TOO_MANY, *[""] * (width - 1)]
            return
        yield [harmless(cell) for cell in row]


def _lines(head: Iterable[Cells], rows: Iterable[Cells]) -> Iterator[str]:
    """CSV in UTF-8 with the mark by which spreadsheets recognise it, a few hundred lines at a time."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerows(head)
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        if count % AT_ONCE == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _workbook(head: tuple[str, ...], rows: Iterable[Cells]) -> IO[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("导出")
    sheet.append(list(head))
    for row in rows:
        sheet.append(row)
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (sent after we return; closed with the answer)
    book.save(cast("IO[bytes]", file))
    file.seek(0)
    return cast("IO[bytes]", file)
