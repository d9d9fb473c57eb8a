"""通报: read by everybody in office, published by the province (rule I4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash
from sqlalchemy import select
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal import clock
from portal.domain import circulars, permissions
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.extensions import begin_write
from portal.models.account import Account
from portal.models.bureau import Bureau
from portal.models.circular import Circular
from portal.web.access import actor, needs
from portal.web.forms import Form
from portal.web.pages import attempt, go, page, refuse
from portal.web.paging import newest_first

bp = Blueprint("circulars", __name__, url_prefix="/circulars")
ROWS = 50
_LISTED = (
    select(
        Circular.id,
        Circular.number,
        Circular.title,
        Circular.copied_to,
        Circular.published_at,
        Bureau.name.label("bureau"),
        Account.display_name.label("published_by"),
    )
    .join(Bureau, Circular.bureau_id == Bureau.id)
    .outerjoin(Account, "staff:" + Account.username == Circular.published_by)
)


class CircularForm(Form):
    """What is to be told to everybody. `shown` is the hash of what was shown as it will stand, to be confirmed."""

    title = StringField(
        "标题",
        validators=[
            InputRequired("请填写标题"),
            Length(max=circulars.LONGEST_TITLE, message=f"不超过{circulars.LONGEST_TITLE}字"),
        ],
    )
    text = TextAreaField(
        "正文",
        validators=[
            InputRequired("请填写正文"),
            Length(max=circulars.LONGEST_TEXT, message=f"不超过{circulars.LONGEST_TEXT}字"),
        ],
    )
    copied_to = TextAreaField("抄送单位", validators=[Length(max=2000, message="抄送单位太多，请精简")])
    shown = HiddenField()


@bp.get("")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """All circulars, newest first; whoever may publish one is offered to."""
    found = newest_first(_LISTED, Circular.id, size=ROWS, plain=True)
    return page(
        "backoffice/circulars/index.html",
        rows=found.items,
        older_url=found.older_url,
        newer_url=found.newer_url,
        may_publish=permissions.can(actor(), Permission.PUBLISH_CIRCULAR),
    )


@bp.get("/new")
@needs(Permission.PUBLISH_CIRCULAR)
def new() -> Response:
    """Write one."""
    return _form(CircularForm(formdata=None))


@bp.post("")
@needs(Permission.PUBLISH_CIRCULAR)
def create() -> Response:
    """Show how it will stand; once that was seen and is confirmed, publish it. A second click publishes nothing."""
    form = CircularForm()
    written = _written(form)
    if written is None:
        return _form(form, status=422)
    confirmed, form.shown.data = form.shown.data, digest(canonical_bytes(list(written)))
    if confirmed != form.shown.data:
        return _form(form, written)
    begin_write()
    circular = attempt(form, lambda: circulars.publish(*written, actor=actor(), now=clock.now()))
    if circular is None:
        return _form(form, status=form.status)
    flash(f"通报 {circular.number} 已发布，全省和社会公众都能看到。", "success")
    return go("public.circulars.show", number=circular.number)


def _written(form: CircularForm) -> tuple[str, str, list[str]] | None:
    """Title, text and departments as they would be published, or None with the errors at their fields."""
    if not form.validate():
        return None
    copies = (form.copied_to.data or "").replace("、", "\n").splitlines()
    try:
        return circulars.check(form.title.data or "", form.text.data or "", copies)
    except RuleViolation as refusal:
        refuse(form, refusal)
        return None


def _form(form: CircularForm, written: tuple[str, str, list[str]] | None = None, *, status: int = 200) -> Response:
    more: dict[str, Any] = dict(zip(("title", "text", "copies"), written, strict=True)) if written else {}
    return page("backoffice/circulars/new.html", status=status, form=form, written=more)
