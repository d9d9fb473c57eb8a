"""核实: record, confirm, reject (rules V3, V4, V5)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import clock
from portal.backoffice import case_forms
from portal.backoffice.case_steps import take_step
from portal.domain import verifications
from portal.domain.attachments import StoredFile
from portal.domain.permissions import Permission
from portal.models.words import Finding, Matter, VerificationMethod
from portal.web import uploads
from portal.web.access import actor, application, needs

bp = Blueprint("verifications", __name__, url_prefix="/applications/<string:number>")


@bp.post("/verifications")
@needs(Permission.VERIFY)
def create(number: str) -> Response:
    """Add one act of fact-finding, with its evidence."""
    case, form = application(number), case_forms.sent("verification")
    files: list[StoredFile] = []

    def record() -> object:
        return verifications.record(
            case,
            method=VerificationMethod(form.method.data),
            matter=Matter(form.matter.data),
            day=form.day.data,
            persons=form.persons.data,
            finding=Finding(form.finding.data),
            note=form.note.data,
            files=files,
            actor=actor(),
            now=clock.now(),
        )

    return take_step(
        case,
        form,
        "verification",
        record,
        "核实记录已保存。核实完毕后，请确认核实属实或者不予办理。",
        before=lambda: files.extend(uploads.store(request.files.getlist(form.files.name))),
    )


@bp.post("/confirmation")
@needs(Permission.VERIFY)
def confirm(number: str) -> Response:
    """The content is true: the case may go on."""
    case = application(number)
    return take_step(
        case,
        case_forms.sent("confirmation"),
        "confirmation",
        lambda: verifications.confirm_true(case, actor=actor(), now=clock.now()),
        f"已确认核实属实。下一步：{case.route.label}。",
    )


@bp.post("/rejection")
@needs(Permission.VERIFY)
def reject(number: str) -> Response:
    """The content is untrue: the case ends here."""
    case, form = application(number), case_forms.sent("rejection")
    return take_step(
        case,
        form,
        "rejection",
        lambda: verifications.reject_untrue(case, form.reason.data, actor=actor(), now=clock.now()),
        "已不予办理，理由已记录并将告知申请单位。",
    )
