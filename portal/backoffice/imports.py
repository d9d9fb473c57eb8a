"""批量导入: upload, dry run, the report of what is wrong, and the import itself with its progress (rule S8)."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import filetype
from flask import Blueprint, Response, flash
from flask_wtf.file import FileField
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal import clock
from portal.config import MEBIBYTE
from portal.domain import imports, spreadsheets
from portal.domain.errors import NotAllowed, NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.spreadsheets import RowProblem, Template
from portal.extensions import begin_write, db
from portal.integrations import storage
from portal.models.bureau import bureaus_within
from portal.models.import_batch import ImportBatch, ImportState, RowState
from portal.web.access import actor, needs, settings
from portal.web.forms import Form
from portal.web.pages import attempt, go, page, refuse
from portal.web.paging import newest_first
from portal.web.uploads import safe_name

bp = Blueprint("imports", __name__, url_prefix="/imports")
ROWS = 20
PROBLEMS_SHOWN = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RUNNING = (ImportState.UPLOADED, ImportState.IMPORTING)


class UploadForm(Form):
    """A filled template."""

    template = RadioField(
        "表格类型",
        choices=[SelectChoice(template.value, template.label) for template in Template],
        default=Template.APPLICATIONS.value,
        validators=[InputRequired("请选择表格类型")],
    )
    file = FileField("文件")


class StartForm(Form):
    """The button that lets the good rows in."""


@bp.get("")
@needs(Permission.IMPORT)
def index() -> Response:
    """What was handed in before, the empty templates, and the form to hand in another."""
    return _index(UploadForm(), 200)


@bp.post("")
@needs(Permission.IMPORT)
def create() -> Response:
    """Hand in a spreadsheet; its dry run begins in the background."""
    form = UploadForm()
    if not form.validate():
        return _index(form, 422)
    try:
        name, data, key = _read(form.file.data)
    except RuleViolation as refusal:
        refuse(form, refusal)
        return _index(form, form.status)
    template = Template(form.template.data)
    begin_write()
    batch = attempt(form, lambda: imports.upload(template, name, data, key, actor=actor(), now=clock.now()))
    if batch is None:
        return _index(form, form.status)
    return go("backoffice.imports.show", batch_id=batch.id)


@bp.get("/<int:batch_id>")
@needs(Permission.IMPORT)
def show(batch_id: int) -> Response:
    """How far a batch is, and what is wrong with its rows; the page's upper part is what htmx asks for again."""
    return _show(_find(batch_id), StartForm(), 200)


@bp.post("/<int:batch_id>/run")
@needs(Permission.IMPORT)
def start(batch_id: int) -> Response:
    """Let the good rows in."""
    form = StartForm()
    batch = _find(batch_id)
    if batch.bureau_id != actor().bureau_id:
        raise NotAllowed("这次导入由下级单位上传，请由上传单位确认导入", rule="S3")
    if not form.validate():
        return _show(batch, form, 422)
    begin_write()
    done = attempt(form, lambda: _start(batch))
    if done is None:
        return _show(batch, form, form.status)
    flash("已开始导入。可以离开本页，稍后再回来查看。", "success")
    return go("backoffice.imports.show", batch_id=batch_id)


@bp.get("/<int:batch_id>/problems.csv")
@needs(Permission.IMPORT)
def problems(batch_id: int) -> Response:
    """Every problem with row, column, value and reason, as a spreadsheet."""
    found = db.session.scalars(imports.problems(_find(batch_id)))
    rows = (
        RowProblem(p.row_number, p.column, p.value, p.reason, "error" if p.is_error else "warning", "") for p in found
    )
    return _download(spreadsheets.problem_report(rows), "text/csv", f"导入问题-{batch_id}.csv")


@bp.get("/templates/<string:name>.xlsx")
@needs(Permission.IMPORT)
def template(name: str) -> Response:
    """An empty template."""
    if name not in {each.value for each in Template}:
        raise NotFound("没有这个模板")
    return _download(spreadsheets.template_workbook(name), XLSX, f"{Template(name).label}模板.xlsx")


def _start(batch: ImportBatch) -> bool:
    imports.start(batch, actor=actor(), now=clock.now())
    return True


def _find(batch_id: int) -> ImportBatch:
    """The batch within the actor's bureau and below; outside it does not exist (rule A5)."""
    query = (
        select(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
        .options(joinedload(ImportBatch.uploaded_by))
    )
    found = db.session.scalar(query) if batch_id < 2**31 else None
    if found is None:
        raise NotFound("没有找到这次导入", rule="A5")
    return found


def _index(form: UploadForm, status: int) -> Response:
    query: Any = select(
        ImportBatch.id,
        ImportBatch.template,
        ImportBatch.state,
        ImportBatch.file_name,
        ImportBatch.uploaded_at,
        ImportBatch.total,
    ).where(ImportBatch.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
    found = newest_first(query, ImportBatch.id, size=ROWS)
    return page(
        "backoffice/imports/index.html",
        status=status,
        form=form,
        templates=list(Template),
        rows=found.items,
        older_url=found.older_url,
        newer_url=found.newer_url,
    )


def _show(batch: ImportBatch, form: StartForm, status: int) -> Response:
    counts = imports.summary(batch)
    listed = list(db.session.scalars(imports.problems(batch).limit(PROBLEMS_SHOWN + 1)))
    return page(
        "backoffice/imports/show.html",
        partial="backoffice/imports/_progress.html",
        status=status,
        form=form,
        batch=batch,
        sheet=Template(batch.template),
        counts=counts,
        good=counts[RowState.GOOD.value],
        running=batch.state in RUNNING,
        own=batch.bureau_id == actor().bureau_id,
        problems=listed[:PROBLEMS_SHOWN],
        more_problems=len(listed) > PROBLEMS_SHOWN,
    )


def _read(file: FileStorage | Any) -> tuple[str, bytes, str]:
    """Name, bytes and place in the store of an uploaded sheet. Raises RuleViolation; the dry run looks into it."""
    if not file or not file.filename:
        raise RuleViolation("请选择要导入的文件", field="file")
    name, limit = safe_name(file.filename), settings().largest_file
    data = file.stream.read(limit + 1)
    if len(data) > limit:
        raise RuleViolation(f"文件“{name}”超过{limit // MEBIBYTE} MB，请分成几个文件导入", field="file")
    if not data:
        raise RuleViolation(f"文件“{name}”是空的，请重新选择", field="file")
    kind = filetype.guess_mime(data)
    if kind not in (XLSX, "application/zip") and not (kind is None and name.lower().endswith(".csv")):
        raise RuleViolation("请上传 XLSX 或 CSV 文件（可先下载本页的模板）", field="file")
    sha256 = hashlib.sha256(data).hexdigest()
    key = f"{sha256[:2]}/{sha256}"
    storage.put(settings().storage_url, key, data)
    return name, data, key


def _download(data: bytes, mimetype: str, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(data, mimetype=mimetype, headers={"Content-Disposition": disposition})
