"""What an officer does with a complaint: each act is a resource of its own, and its verb asks again who may (rules
C2–C4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask import Blueprint, Response, flash

from portal import clock
from portal.backoffice import complaint_forms
from portal.backoffice.complaint_forms import ComplaintForm
from portal.backoffice.complaint_page import show_complaint
from portal.domain import complaint_access, complaint_handling
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.extensions import begin_write
from portal.models.complaint import Complaint
from portal.web.access import actor, needs
from portal.web.pages import go, refuse, succeeds

bp = Blueprint("complaint_acts", __name__, url_prefix="/complaints/<string:number>")


class Act(NamedTuple):
    """Its verb, which takes the complaint and what its form says, and what the officer reads once it is done."""

    verb: Callable[..., object]
    done: str
    leaves: bool = False
    """The complaint is not the actor's any more then, so it is back to the list."""


ACTS = {
    "registration": Act(complaint_handling.register, "已登记。请在期限内告知受理、不予受理或者转送。"),
    "acceptance": Act(complaint_handling.accept, "已受理，提交人凭编号和查询码可以看到。办理期限从今天起算。"),
    "refusal": Act(complaint_handling.refuse, "已告知提交人不予受理和理由。"),
    "transfer": Act(complaint_handling.pass_on, "{} 已转送，提交人可以看到转给了谁和理由。", leaves=True),
    "extension": Act(complaint_handling.extend, "已延长，新的期限和理由已告知提交人。"),
    "conclusion": Act(complaint_handling.conclude, "已答复，提交人凭编号和查询码可以看到。"),
    "recusal": Act(complaint_handling.recuse, "您已回避 {}，此件由其他人员办理，您不再看到。", leaves=True),
    "messages": Act(complaint_handling.answer, "已送出，提交人凭编号和查询码可以看到。"),
}
"""By the last word of the address; the form of each has the same name."""


@needs(Permission.HANDLE_COMPLAINT)
def create(number: str, name: str) -> Response:
    """Do one act, and show the complaint again, with what happened or why not."""
    complaint = complaint_access.find(number, actor())
    act, form = ACTS[name], complaint_forms.sent(name, complaint)
    if not _do(act, complaint, form):
        return show_complaint(complaint_access.find(number, actor()), status=form.status, failed=form, key=name)
    flash(act.done.format(number), "success")
    return go("backoffice.complaints.index") if act.leaves else go("backoffice.complaints.show", number=number)


def _do(act: Act, complaint: Complaint, form: ComplaintForm) -> bool:
    """Whether it is done; if not, the form says why. Files are stored before the transaction begins."""
    try:
        said = form.said() if form.validate() else None
    except RuleViolation as refusal:
        refuse(form, refusal)
        said = None
    if said is None:
        return False
    begin_write()
    return succeeds(form, lambda: act.verb(complaint, *said, actor=actor(), now=clock.now()))


for each in ACTS:
    bp.add_url_rule(f"/{each}", view_func=create, methods=["POST"], defaults={"name": each})
