"""签名回执: fetched by its filer, checked by anybody, with us or without (rules O4, T6)."""

from __future__ import annotations

import codecs

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage
from wtforms import FileField, TextAreaField

from portal.domain import signed_receipts
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.signed_receipts import Filed, NoReceipt, Proof
from portal.extensions import csrf
from portal.models.application import Application
from portal.models.words import ComplaintTarget
from portal.public.forms import PublicForm
from portal.public.progress import opened
from portal.web import uploads
from portal.web.pages import kept_for, page, refuse

bp = Blueprint("receipts", __name__)
ABOUT = {target.value: target.label for target in ComplaintTarget} | {"case": "申请"}
"""How the words of a receipt's `about` lines are read out."""
KINDS = {"objection": "异议", "complaint": "投诉举报", "application": "申请"}


class VerifyForm(PublicForm):
    """A receipt, pasted or as the file that was downloaded."""

    text = TextAreaField("粘贴回执的全部内容")
    file = FileField("或者选择下载的回执文件")


@bp.get("/receipts/verify")
@kept_for(60)
def verify() -> Response:
    """Ask for a receipt."""
    return _page(VerifyForm(formdata=None))


@bp.post("/receipts/verify")
@csrf.exempt  # see PublicForm
def answer() -> Response:
    """Whether we signed it, what it says, and whether we still have that filing; no more than the receipt itself."""
    form = VerifyForm()
    try:
        return _page(form, signed_receipts.check(_handed_in(form)))
    except RuleViolation as refusal:
        refusal.field = "file" if _file_of(form) else "text"
        refuse(form, refusal)
        return _page(form)


@bp.get("/receipts/keys")
@kept_for(60)
def keys() -> Response:
    """The verifier keys, one a line, the one that signs now first; for checking without us."""
    return Response("".join(f"{key}\n" for key in signed_receipts.known_keys()), mimetype="text/plain")


@bp.get("/receipts/<token>/receipt.txt")
def download(token: str) -> Response:
    """The signed receipt, to whoever holds the token of the filing, as its receipt page."""
    return _note(signed_receipts.filed_with(token))


@bp.get("/receipts/<token>/content.jsonl")
def content(token: str) -> Response:
    """What was filed, in the bytes whose hashes the receipt carries, to the same."""
    return _content(signed_receipts.filed_with(token))


@bp.post("/progress/<number>/receipt")
@csrf.exempt
def download_again(number: str) -> Response:
    """The signed receipt, to whoever has number and code."""
    return _note(_looked_up(number))


@bp.post("/progress/<number>/content")
@csrf.exempt
def content_again(number: str) -> Response:
    """What was filed, to the same."""
    return _content(_looked_up(number))


def _looked_up(number: str) -> Filed:
    filing = opened(number, request.form.get("code", ""))
    filed = filing.receipt if isinstance(filing, Application) else filing
    if filed is None:
        raise NotFound("没有找到这份回执，请从进度查询页重新打开")
    return filed


def _note(filed: Filed) -> Response:
    note = signed_receipts.note_of(filed)
    return uploads.download(note.encode(), "text/plain", f"签名回执-{filed.number}.txt")


def _content(filed: Filed) -> Response:
    lines = signed_receipts.content_of(filed)
    return uploads.download(lines, "application/x-ndjson", f"提交内容-{filed.number}.jsonl")


def _page(form: VerifyForm, proof: Proof | None = None) -> Response:
    return page(
        "public/receipts/verify.html",
        status=form.status if form.errors else 200,
        form=form,
        proof=proof,
        about=[each.partition(" ") for each in proof.receipt.about] if proof else [],
        labels=ABOUT,
        kinds=KINDS,
        keys=signed_receipts.known_keys(),
    )


def _handed_in(form: VerifyForm) -> str:
    """The text that was handed in, cut where it is too long to be a receipt. Raises NoReceipt for a file of no text."""
    file = _file_of(form)
    if file is None:
        return (form.text.data or "")[: signed_receipts.LONGEST + 1]
    data = file.stream.read(signed_receipts.LONGEST + 1)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):  # what text editors here save in
        try:
            return codecs.getincrementaldecoder(encoding)().decode(data)  # a cut last character is passed over
        except UnicodeDecodeError:
            continue
    raise NoReceipt("这个文件不是文本，不能验证。请选择下载的回执文件（.txt）；打印件、照片和扫描件不行。")


def _file_of(form: VerifyForm) -> FileStorage | None:
    """The file that was chosen, if one was."""
    file = request.files.get(form.file.name)
    return file if file and file.filename else None
