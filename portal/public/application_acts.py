"""What an applicant does from the progress page: answer a one-time deficiency notice, take a case back (V1, S8)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import clock
from portal.domain import online_intake, resubmissions
from portal.domain.actor import PUBLIC
from portal.domain.errors import NotFound, RuleViolation
from portal.extensions import begin_write, csrf
from portal.models.application import Application
from portal.models.deficiency import DeficiencyNotice
from portal.public.progress import NO_MATCH, act, opened, show_filing
from portal.public.progress_parts.application import WithdrawalForm, cases_of, correction_class, open_list
from portal.public.progress_parts.forms import ActForm
from portal.web import answer_form
from portal.web.pages import attempt, refuse, succeeds

bp = Blueprint("application_acts", __name__, url_prefix="/progress")
SENT = "补正已送达办理部门，不能再修改。"
KEPT = "已保存，还没有送出。全部补正后，请点“送出补正”。"
SETTLED = "这份告知书已经补正，或者不再需要补正。"


@bp.post("/<number>/corrections")
@csrf.exempt  # see PublicForm
def correct(number: str) -> Response:
    """Keep what was written and uploaded; send it if that is what was asked and nothing is missing."""
    code = request.form.get("code", "")
    filing = opened(number, code)
    if not isinstance(filing, Application):
        raise NotFound(NO_MATCH)
    asked = _list_of(filing, request.form.get("list", ""))
    if asked is None:
        return show_filing(filing, number, code, told=SETTLED)
    kind = correction_class(asked)
    form = kind(prefix=kind.KEY)
    form.validate()
    _keep(asked, form)
    if not form.errors and "send" not in request.form:
        return show_filing(filing, number, code, told=KEPT)
    if not form.errors and _send(asked, form):
        return show_filing(filing, number, code, told=SENT)
    if _list_of(filing, request.form.get("list", "")) is None:  # sent from another tab meanwhile
        return show_filing(filing, number, code, told=SETTLED)
    return show_filing(filing, number, code, failed=form, status=form.status)


@bp.post("/<number>/application-withdrawal")
@csrf.exempt
def withdraw(number: str) -> Response:
    """Take one case of the receipt back."""
    wanted = request.form.get("case", "")[:40]
    form = WithdrawalForm.of(wanted, was_sent=True)
    return act(
        number,
        form,
        lambda filing: online_intake.withdraw(_case_of(filing, wanted), actor=PUBLIC, now=clock.now()),
        done="申请已撤回，业绩档案保持原样。",
        kind=Application,
    )


def _list_of(filing: Application, number: str) -> DeficiencyNotice | None:
    """The list with this number, if one of the receipt's cases waits for it."""
    lists = [open_list(case) for case in cases_of(filing)]
    return next((each for each in lists if each is not None and each.number == number), None)


def _case_of(filing: Application, number: str) -> Application:
    """The receipt's case with this number; no other case exists here."""
    found = next((case for case in cases_of(filing) if case.number == number), None)
    if found is None:
        raise NotFound("没有找到这件申请，请从进度查询页重新打开")
    return found


def _keep(asked: DeficiencyNotice, form: ActForm) -> None:
    """Keep it with the list, and commit; what cannot be kept becomes an error of the form."""
    dropped = request.form.get("remove", "")
    file_id = int(dropped) if dropped.isascii() and dropped.isdigit() and len(dropped) < 10 else 0
    given = answer_form.answers(asked, form)
    begin_write()

    def keep() -> list[RuleViolation]:
        return resubmissions.keep(asked, given, now=clock.now(), dropped=file_id)

    for refused in attempt(form, keep) or ():
        refuse(form, refused)


def _send(asked: DeficiencyNotice, form: ActForm) -> bool:
    begin_write()
    if not answer_form.complete(asked, form):
        return False

    def send() -> None:
        resubmissions.resubmit(asked, actor=PUBLIC, now=clock.now())

    return succeeds(form, send)
