"""工作日历: what each day is, and the State Council's orders: one uploads, another confirms (rules N4, N5, N6)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, request
from flask_wtf.file import FileField
from sqlalchemy import func, select
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length

from portal import clock
from portal.backoffice import calendar_page
from portal.domain import calendar_orders, notices, permissions, workdays
from portal.domain.calendar_files import as_json
from portal.domain.calendar_orders import BadOrderFile, Preview
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.account import Account
from portal.models.calendar_day import CalendarOrder, OrderStatus
from portal.models.notice import Notice
from portal.models.words import DayKind
from portal.web.access import actor, needs
from portal.web.forms import Form
from portal.web.pages import attempt, go, page, refuse

bp = Blueprint("calendar", __name__, url_prefix="/calendar")
LARGEST_FILE = 64 * 1024
LISTED = 50


class OrderForm(Form):
    """The order as it was published, and its days as a file."""

    year = IntegerField("年份", validators=[InputRequired("请填写年份，如2027")])
    title = StringField(
        "文件名称", validators=[InputRequired("请填写放假安排的文件名称"), Length(max=200, message="不超过200字")]
    )
    url = StringField("原文网址", validators=[InputRequired("请填写原文网址"), Length(max=500, message="不超过500字")])
    file = FileField("放假安排文件")
    content = HiddenField()
    """The days of the file that was looked at in the dry run: exactly these are proposed."""


class ConfirmationForm(Form):
    """The second person's button."""


@bp.get("")
@needs(Permission.SEE_CALENDAR)
def index() -> Response:
    """A year with each day's kind, the windows that wait for an order, and the orders uploaded so far."""
    return _index(OrderForm(formdata=None), 200)


@bp.post("/order-previews")
@needs(Permission.CHANGE_CALENDAR)
def preview() -> Response:
    """Dry run: which days and which running windows an uploaded order would change. Writes nothing."""
    form = OrderForm()
    if not form.validate():
        return _index(form, 422)
    try:
        name, content = _uploaded(form)
        found = calendar_orders.preview_file(form.year.data, content, name, now=clock.now())
        if found.errors:
            raise BadOrderFile(found.errors)
    except RuleViolation as refusal:
        refuse(form, refusal)
        return _index(form, form.status, problems=getattr(refusal, "errors", ()))
    form.content.data = json.dumps(as_json(found.listed), ensure_ascii=False)
    return page("backoffice/calendar/preview.html", form=form, **_effects(found))


@bp.post("/orders")
@needs(Permission.CHANGE_CALENDAR)
def create() -> Response:
    """Propose what the dry run showed."""
    form = OrderForm()
    if not form.validate():
        return _index(form, 422)
    content = (form.content.data or "")[:LARGEST_FILE].encode()
    begin_write()
    order = attempt(
        form,
        lambda: calendar_orders.propose_order(
            form.year.data, form.title.data, form.url.data, content, "order.json", actor=actor(), now=clock.now()
        ),
    )
    if order is None:
        return _index(form, form.status)
    flash("放假安排已提交，须由另一人核对并确认后生效。", "success")
    return go("backoffice.calendar.show", order_id=order.id)


@bp.get("/orders/<int:order_id>")
@needs(Permission.SEE_CALENDAR)
def show(order_id: int) -> Response:
    """One order: what it says and, while it waits, what confirming it would change."""
    return _show(_find(order_id), ConfirmationForm(), 200)


@bp.post("/orders/<int:order_id>/confirmation")
@needs(Permission.CHANGE_CALENDAR)
def confirm(order_id: int) -> Response:
    """The order counts, and every running window follows it in the same transaction (rules N6, N10)."""
    form = ConfirmationForm()
    if not form.validate():
        return _show(_find(order_id), form, 422)
    begin_write()
    order = _find(order_id)
    moved = attempt(form, lambda: _confirm(order))
    if moved is None:
        return _show(_find(order_id), form, form.status)
    flash(f"放假安排已生效，{moved}件正在公示的截止日已相应处理。", "success")
    return go("backoffice.calendar.show", order_id=order_id)


def _confirm(order: CalendarOrder) -> int:
    concerned = calendar_page.moved(calendar_orders.preview_order(order))
    calendar_orders.confirm_order(order, actor=actor(), now=clock.now())
    for each in concerned:
        notices.settle(db.session.get_one(Notice, each.id), actor=actor(), now=clock.now())
    return len(concerned)


def _find(order_id: int) -> CalendarOrder:
    found = db.session.get(CalendarOrder, order_id) if order_id < 2**31 else None
    if found is None:
        raise NotFound("没有找到这份放假安排")
    return found


def _uploaded(form: OrderForm) -> tuple[str, bytes]:
    file = form.file.data
    if not file or not getattr(file, "filename", ""):
        raise RuleViolation("请选择放假安排文件（CSV 或 JSON）", field="file")
    content = file.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise RuleViolation("文件超过64 KB，放假安排通常只有几十行，请核对是否选错文件", field="file")
    return file.filename, content


def _index(form: OrderForm, status: int, problems: Any = ()) -> Response:
    calendar = workdays.load_calendar(db.session)
    year = _year(calendar.first_day.year)
    provisional = calendar_page.provisional_windows(actor().bureau_path or "/")
    shown = calendar_page.year(calendar, year)
    asked = workdays.year_to_ask_for(calendar, clock.today())
    if form.year.data is None and asked is not None and not form.errors:
        form.year.data = asked
    return page(
        "backoffice/calendar/index.html",
        status=status,
        form=form,
        problems=problems,
        year=year,
        first_year=calendar.first_day.year,
        last_year=clock.today().year + 1,
        known=calendar.knows(year),
        asked=asked,
        months=shown,
        notable=calendar_page.notable(shown),
        css=calendar_page.CSS,
        provisional=db.session.execute(provisional.limit(LISTED)).all(),
        provisional_count=db.session.scalar(select(func.count()).select_from(provisional.subquery())) or 0,
        orders=db.session.scalars(select(CalendarOrder).order_by(CalendarOrder.id.desc()).limit(LISTED)).all(),
        changes_calendar=permissions.can(actor(), Permission.CHANGE_CALENDAR),
    )


def _year(first: int) -> int:
    """The year the address asks for, this one if it asks for none that can be shown."""
    typed = request.args.get("year", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else 0
    return number if first <= number <= clock.today().year + 1 else clock.today().year


def _show(order: CalendarOrder, form: ConfirmationForm, status: int) -> Response:
    waiting, changes = order.status is OrderStatus.PROPOSED, permissions.can(actor(), Permission.CHANGE_CALENDAR)
    usernames = [name.removeprefix("staff:") for name in (order.proposed_by, order.confirmed_by or "")]
    people = select(Account.username, Account.display_name).where(Account.username.in_(usernames))
    return page(
        "backoffice/calendar/show.html",
        status=status,
        order=order,
        form=form,
        waiting=waiting,
        own=order.proposed_by == actor().name,
        changes_calendar=changes,
        names={f"staff:{row.username}": row.display_name for row in db.session.execute(people)},
        kinds={kind.value: kind.label for kind in DayKind},
        **(_effects(calendar_orders.preview_order(order)) if waiting and changes else {"preview": None}),
    )


def _effects(preview: Preview) -> dict[str, Any]:
    moved = calendar_page.moved(preview)
    return {"preview": preview, "moved": moved[:LISTED], "moved_count": len(moved), "css": calendar_page.CSS}
