"""进度查询: number and code open a filing, and everything its filer may still do with it (rules O3, O4).

Nothing is kept in the address or the browser: each further act is a POST to /progress/<number>/<noun> that carries a
pass which says that its sender had the code, is opened again, and answers with the same page. Wrong pairs are counted;
where there were many, number and code are looked at only after a proof or a short wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal import clock
from portal.domain import dialogue, limits, objections, receipts, rechecks
from portal.domain.dialogue import Filing
from portal.domain.errors import NotFound, RuleViolation
from portal.extensions import begin_write, csrf, db
from portal.models.objection import Objection
from portal.public.forms import PublicForm
from portal.public.progress_parts import part_of, stored_code
from portal.public.progress_parts.forms import ActForm, MessageForm
from portal.public.progress_parts.objection import RecheckForm, WithdrawalForm
from portal.web import proof, uploads
from portal.web.access import settings
from portal.web.pages import go, page, refuse, succeeds, typed
from portal.web.proof import ProofWanted
from portal.web.visitors import address_key

bp = Blueprint("progress", __name__, url_prefix="/progress")
NO_MATCH = "编号与查询码不匹配，请对照回执重新填写"


class ProgressForm(PublicForm):
    """What is printed on the receipt."""

    number = StringField("回执编号", validators=[InputRequired("请填写回执编号"), Length(max=40, message="编号太长")])
    code = StringField("查询码", validators=[InputRequired("请填写查询码"), Length(max=60, message="查询码太长")])


@bp.get("")
def new() -> Response:
    """Ask for number and code; the picture on a receipt brings the number along, never the code."""
    number = receipts.valid_number(typed(request.args.get("number"))) or ""
    return page("public/progress/new.html", form=ProgressForm(data={"number": number}))


@bp.post("")
@csrf.exempt  # see PublicForm
def show() -> Response:
    """How far the filing is, to whoever has its code."""
    form = ProgressForm()
    if not form.validate():
        return page("public/progress/new.html", form=form, status=422)
    number = receipts.valid_number(form.number.data)
    if number is None:
        form.number.errors = ["编号有误，请对照回执检查，末尾的校验字符也要填写"]
        return page("public/progress/new.html", form=form, status=422)
    filing = _looked_up(form, number, form.code.data)
    return show_filing(filing, number, form.code.data) if filing else _ask(form, number)


@bp.get("/<number>")
@bp.get("/<number>/<noun>")
def reopen(number: str, noun: str = "") -> Response:
    """Come back to an address of this page without its code: ask for it."""
    return go("public.progress.new", number=receipts.valid_number(number[:40]))


@bp.post("/<number>/messages")
@csrf.exempt
def say(number: str) -> Response:
    """A word to the office, with evidence if the filer likes."""
    form = MessageForm.sent()
    return act(
        number,
        form,
        lambda filing: dialogue.say(filing, form.text.data, form.stored, now=clock.now()),
        done="已送达办理部门，答复后会显示在本页。",
    )


@bp.post("/<number>/withdrawal")
@csrf.exempt
def withdraw(number: str) -> Response:
    """Take an objection back; the case is decided by a person all the same (rule N9)."""
    return act(
        number,
        WithdrawalForm.sent(),
        lambda filing: objections.withdraw(filing, now=clock.now()),
        done="异议已撤回。此件仍由人员裁定办理，不会自动办结。",
        kind=Objection,
    )


@bp.post("/<number>/recheck")
@csrf.exempt
def ask_recheck(number: str) -> Response:
    """Ask the bureau above to look again (rule O7)."""
    form = RecheckForm.sent()
    return act(
        number,
        form,
        lambda filing: rechecks.ask(filing, form.reason.data, arrived_at=g.arrived_at, now=clock.now()),
        done="复核申请已送达上一级部门；复核作出之前，此件不会办结。",
        kind=Objection,
    )


@bp.post("/<number>/files")
@csrf.exempt
def download(number: str) -> Response:
    """One of the filing's own files: what the filer handed in, or what the office answered with."""
    filing = opened(number, request.form.get("code", ""))
    wanted = request.form.get("file", "")
    found = dialogue.file_of(filing, int(wanted)) if filing and wanted.isascii() and wanted.isdigit() else None
    if found is None:
        raise NotFound("没有找到这个文件，请从进度查询页重新打开")
    return uploads.send(found)


def opened(number: str, code: str) -> Filing | None:
    """The filing this pair opens; None if it opens none, be it for the number or for the code (rule O4).

    code: as typed, or the pass of a page that was opened with it. A pair that does not fit is counted; the steps are
    the same whether or not there is such a number. Raises ProofWanted where too many were wrong.
    """
    number = receipts.valid_number(number[:40]) or ""
    if _passed(code) != number or not number:
        proof.check_look_up(number)
        if not receipts.code_fits(number, code[:60], stored_code(number)):
            begin_write()
            limits.wrong_pair(address_key(), number, now=clock.now())
            db.session.commit()
            return None
    part = part_of(number)
    found = part.find(number) if part else None
    return found[0] if found else None


def show_filing(
    filing: Filing, number: str, code: str, *, failed: ActForm | None = None, told: str = "", status: int = 200
) -> Response:
    """The page of an opened filing. code: what it was opened with; failed: a form that was refused, shown as it was
    sent; told: what was done.
    """
    number = receipts.valid_number(number[:40]) or number
    part = part_of(number)
    assert part is not None  # it opened the filing
    shown = part.context(filing)
    forms = {MessageForm.KEY: MessageForm.blank(), **shown.pop("forms", {})}
    lost = failed if failed is not None and failed.KEY not in forms else None
    if failed is not None and lost is None:
        forms[failed.KEY] = failed
    return page(
        "public/progress/show.html",
        partial="public/progress/_show.html",
        status=status,
        filing=filing,
        number=number,
        code=code if _passed(code) else _passes().dumps(number),
        part=part,
        forms=forms,
        failed=failed,
        lost=lost,
        told=told,
        messages=dialogue.of(filing),
        files_said_before=uploads.said_before(),
        **shown,
    )


def act(number: str, form: ActForm, verb: Callable[[Any], object], *, done: str, kind: type[Any] = object) -> Response:
    """One further act of a filer: open the filing again, check the form, run the verb, show the page again.

    verb: is given the filing; what was uploaded under `files` stands in `form.stored` by then. kind: the class the
    filing must be of, where the act belongs to one.
    """
    known = receipts.valid_number(number[:40]) or ""
    code, look = request.form.get("code", ""), ProgressForm(formdata=None, data={"number": known})
    filing = _looked_up(look, known, code)
    if filing is not None and not isinstance(filing, kind):
        look.number.errors = ["这个编号不能办理这一项，请查询后按页面上列出的操作办理"]
        return _ask(look, known)
    if filing is None:
        return _ask(look, known)
    try:
        fits = form.validate()
        if fits and "files" in form:
            form.stored = tuple(uploads.store(request.files.getlist(form["files"].name)))
    except RuleViolation as refusal:
        refuse(form, refusal)
        fits = False
    if fits:
        begin_write()
        fits = succeeds(form, lambda: verb(filing))
    if fits:
        return show_filing(filing, known, code, told=done)
    refused = show_filing(filing, known, code, failed=form, status=form.status)
    if form.status == limits.TooMany.status:
        refused.headers["Retry-After"] = str(limits.seconds_to_next_hour(clock.now()))
    return refused


def _looked_up(form: ProgressForm, number: str, code: str) -> Filing | None:
    """The filing, or None with the reason in the form."""
    try:
        filing = opened(number, code)
    except ProofWanted as wanted:
        refuse(form, wanted)
        return None
    if filing is None:
        form.number.errors = [NO_MATCH]  # the first of the two: which one is wrong is not told
        form.status = 404
    return filing


def _ask(form: ProgressForm, number: str) -> Response:
    """Ask for number and code once more, and for a proof or a wait where too many were wrong."""
    asked = proof.asked_before_look_up(number)
    return page("public/progress/new.html", form=form, asked=asked, status=form.status)


def _passed(code: str) -> str:
    """The number whose page this pass is from; empty if it is a typed code, or no pass of ours."""
    try:
        return str(_passes().loads(code[:200]))
    except BadSignature:
        return ""


def _passes() -> URLSafeSerializer:
    """Signs what an opened page sends with each further act in place of the code: it is worth as much, for one filing,
    and cannot be guessed at.
    """
    return URLSafeSerializer(settings().secret_key, salt="opened filing")
