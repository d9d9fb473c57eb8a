"""公开材料: before publishing, redacted copies of the evidence are uploaded; nothing else of it is public (rule N1)."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from portal import clock
from portal.config import MEBIBYTE
from portal.domain import personal_data, public_copies
from portal.domain.attachments import StoredFile
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.public_copies import LONGEST_LABEL
from portal.extensions import begin_write, db
from portal.integrations import document_text, storage
from portal.models.application import Application
from portal.web import uploads
from portal.web.access import actor, application, needs, settings
from portal.web.forms import Form
from portal.web.pages import go, page, refuse, succeeds

bp = Blueprint("public_evidence", __name__, url_prefix="/applications/<string:number>/public-evidence")
ACCEPT = ".pdf,.jpg,.jpeg,.png"
SINGLE_DIGITS = re.compile(r"(?<![0-9])[0-9](?: [0-9])+(?![0-9])")
"""Digits set one by one, as some programmes write a number that is one on the page."""
WHY: dict[type[document_text.Unclear], str] = {
    document_text.Unclear: "读不出其中的文字，无法确认没有个人信息；请打印后扫描，再上传扫描件",
    document_text.TooLong: f"超过{document_text.MOST_PAGES}页，请只公开需要的部分",
    document_text.CarriesFiles: "里面还夹带着其他文件，请去掉后再上传",
}


class CopyForm(Form):
    """One redacted copy."""

    label = StringField(
        "材料名称（将公开）",
        validators=[
            InputRequired("请写明材料名称，如“施工合同首页（已遮盖）”"),
            Length(max=LONGEST_LABEL, message=f"材料名称不超过{LONGEST_LABEL}字"),
        ],
    )
    file = FileField("遮盖后的公开副本")
    checked = BooleanField(
        "已逐页核对：姓名、身份证号、电话、住址、账号、签名等个人信息均已遮盖",
        validators=[InputRequired("请逐页核对副本，确认个人信息均已遮盖后勾选")],
    )


@bp.get("")
@needs(Permission.PUBLISH_NOTICE)
def index(number: str) -> Response:
    """Each evidence file of the case, and what the public will see of it."""
    return _show(application(number))


@bp.get("/<int:original_id>")
@needs(Permission.PUBLISH_NOTICE)
def show(number: str, original_id: int) -> Response:
    """The copy as anybody will be able to download it, for a last look."""
    case = application(number)
    copy = next((each for each in public_copies.prepared(case) if each.original_id == original_id), None)
    if copy is None:
        raise NotFound("这份材料没有公开副本", rule="A5")
    [named] = public_copies.said([copy])
    try:
        data = storage.get(settings().storage_url, storage.key_of(copy.sha256))
    except FileNotFoundError:
        raise NotFound("副本文件不在存储中，请重新上传") from None
    response = uploads.download(data, copy.media_type, named["name"])
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/<int:original_id>")
@needs(Permission.PUBLISH_NOTICE)
def create(number: str, original_id: int) -> Response:
    """Make a redacted copy of one file ready for the notice, in place of the one it had."""
    case, form = application(number), _form(original_id, was_sent=True)
    public_copies.original_of(case, original_id)
    if not form.file.data:
        form.validate()
        form.file.errors = [*form.file.errors, "请选择遮盖后的副本文件"]
        return _show(case, failed=(original_id, form), status=422)
    if not form.validate():
        return _show(case, failed=(original_id, form), status=422)
    try:
        public_copies.require_preparable(case, actor=actor())
        file = uploads.store_public(form.file.data, partial(_judge, case), field="file")
    except RuleViolation as refusal:
        refuse(form, refusal)
        return _show(case, failed=(original_id, form), status=form.status)

    def prepare() -> None:
        public_copies.prepare(case, original_id, file, form.label.data, actor=actor(), now=clock.now())

    begin_write()
    if not succeeds(form, prepare):
        return _show(case, failed=(original_id, form), status=form.status)
    flash("公开副本已保存，发布公示时随内容一起公开并固定。", "success")
    return go("backoffice.public_evidence.index", number=number)


@bp.post("/<int:original_id>/removal")
@needs(Permission.PUBLISH_NOTICE)
def remove(number: str, original_id: int) -> Response:
    """Let one file have no public copy."""
    case, form = application(number), Form()
    if not form.validate():
        return _show(case, failed=(original_id, form), status=422)

    def drop() -> None:
        public_copies.drop(case, original_id, actor=actor(), now=clock.now())

    begin_write()
    if not succeeds(form, drop):
        return _show(case, failed=(original_id, form), status=form.status)
    flash("已取消，这份材料不公开。", "success")
    return go("backoffice.public_evidence.index", number=number)


def _judge(case: Application, file: StoredFile, data: bytes) -> None:
    """Refuse what must not become public: kinds that keep more than they show, and documents whose text, also below
    what covers it, holds personal data (rule N1). The bureau's own telephone is public anyway.
    """
    if file.media_type not in public_copies.EXTENSIONS:
        raise RuleViolation(
            f"文件“{file.name}”不能作为公开副本：办公文档会带出作者和修订内容，请另存为PDF后上传",
            rule="N1",
            field="file",
        )
    if file.media_type != "application/pdf":
        return
    try:
        texts = document_text.texts(data)
    except document_text.Unclear as fault:
        raise RuleViolation(f"文件“{file.name}”{WHY[type(fault)]}", rule="N1", field="file") from None
    allowed = frozenset({re.sub(r"\D", "", case.bureau.telephone)} - {""})  # a mail address has no digits either
    kinds = [
        each.label
        for text in texts
        for said in {text, SINGLE_DIGITS.sub(lambda found: found[0].replace(" ", ""), text)}
        for each in personal_data.find_personal_data(said, allowed=allowed)
    ]
    if kinds:
        raise RuleViolation(
            f"文件“{file.name}”中仍能复制出{'、'.join(sorted(set(kinds)))}，没有保存。只用色块盖住的文字并没有删除："
            "请遮盖后打印再扫描，或导出为图片后上传",
            rule="N1",
            field="file",
        )


def _form(original_id: int, *, was_sent: bool) -> CopyForm:
    """Each has a prefix of its own: several stand on one page."""
    prefix = f"copy-{original_id}"
    return CopyForm(prefix=prefix) if was_sent else CopyForm(formdata=None, prefix=prefix)


def _show(case: Application, *, failed: tuple[int, Any] | None = None, status: int = 200) -> Response:
    case = db.session.get_one(Application, case.id)
    copies = {copy.original_id: copy for copy in public_copies.prepared(case)}
    failed_id, failed_form = failed or (0, None)
    why = ""
    try:
        public_copies.require_preparable(case, actor=actor())
    except RuleViolation as refusal:
        why = refusal.message
    rows = []
    for original in public_copies.originals(case):
        sent = failed_form if original.id == failed_id and isinstance(failed_form, CopyForm) else None
        copy = copies.get(original.id)
        named = public_copies.said([copy])[0] if copy else None
        form = sent or _form(original.id, was_sent=False)
        rows.append({"original": original, "public": named, "form": None if why else form, "refused": sent is not None})
    shown = any(row["refused"] and row["form"] for row in rows)
    return page(
        "backoffice/public_evidence/index.html",
        status=status,
        application=case,
        rows=rows,
        count=len(copies),
        why=why,
        told=[] if failed_form is None or shown else _errors(failed_form),
        accept=ACCEPT,
        limits=f"PDF、JPG 或 PNG，不超过{settings().largest_file // MEBIBYTE} MB",
        removal=Form(formdata=None),
    )


def _errors(form: Form) -> list[str]:
    return [str(error) for errors in (form.form_errors, *(field.errors for field in form)) for error in errors]
