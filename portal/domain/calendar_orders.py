"""放假安排: the province uploads the State Council's order, a second person makes it count (rules N5, N6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from portal.domain import trail
from portal.domain.actor import Actor
from portal.domain.calendar_files import RowError, as_json
from portal.domain.calendar_preview import DayChange, Preview, Rows, preview_file, preview_order
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowed, NotAllowedNow, RuleViolation, Stale
from portal.domain.permissions import Permission, require
from portal.domain.workdays import forget_calendar, seed_calendar
from portal.extensions import db
from portal.models.calendar_day import CalendarDay, CalendarOrder, OrderStatus, orders_of

__all__ = [
    "BadOrderFile",
    "DayChange",
    "Preview",
    "confirm_order",
    "preview_file",
    "preview_order",
    "propose_order",
]

TITLE_LENGTH, URL_LENGTH = 200, 500


class BadOrderFile(RuleViolation):
    """The file cannot be taken; `errors` says row by row why."""

    rule = "N5"

    def __init__(self, errors: Sequence[RowError]) -> None:
        shown = "；".join(str(error) for error in errors[:3])
        more = f"；等共{len(errors)}处" if len(errors) > 3 else ""
        super().__init__(f"放假安排文件有误：{shown}{more}", field="file")
        self.errors = tuple(errors)


def load_package_years(*, actor: Actor, now: datetime) -> list[int]:
    """Write the years the calendar package knows into the calendar table; returns those that were new (rule N4)."""
    years = seed_calendar(db.session)
    if years:
        trail.record(
            trail.Event.CALENDAR_SEEDED,
            actor=actor,
            now=now,
            subject=("calendar", "chinesecalendar"),
            detail={"years": years},
        )
    return years


def propose_order(
    year: int, title: str, url: str, content: bytes, filename: str, *, actor: Actor, now: datetime
) -> CalendarOrder:
    """The order for `year` waits for a second person (rule N5), in place of one that still waited for that year.

    `url` is where the State Council's text can be read. Raises NotAllowed for anyone but the province's calendar owner,
    RuleViolation for a bad year, title or address, BadOrderFile with every bad row.
    """
    require(actor, Permission.CHANGE_CALENDAR)
    title, url = _checked_title(title), _checked_url(url)
    preview = preview_file(year, content, filename, now=now)
    if preview.errors:
        raise BadOrderFile(preview.errors)
    waiting = [order for order in _locked_orders(year) if order.status is OrderStatus.PROPOSED]
    for order in waiting:
        order.status, order.confirmed_by, order.confirmed_at = OrderStatus.REJECTED, actor.name, now
    db.session.flush()  # the replaced one must be gone before the new one takes its place in the unique index
    days = as_json(preview.listed)
    order = CalendarOrder(
        year=year,
        title=title,
        url=url,
        days=days,
        digest=digest(canonical_bytes(days)),
        status=OrderStatus.PROPOSED,
        proposed_by=actor.name,
        proposed_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(order)
    except IntegrityError:
        raise Stale(f"另一人刚刚提交了{year}年的放假安排，请刷新后再试", rule="N5") from None
    _record(
        trail.Event.CALENDAR_ORDER_PROPOSED,
        order,
        preview,
        actor,
        now,
        before={"replaces": str(waiting[0].id), "digest": waiting[0].digest} if waiting else None,
    )
    return order


def confirm_order(order: CalendarOrder, *, actor: Actor, now: datetime) -> Preview:
    """The order counts from now on: the days of its year are replaced, and what changed is returned (rules N5, N6, A4).

    The caller settles the running windows (`windows.settle`). Raises NotAllowed for anyone but the province's calendar
    owner, and for whoever proposed it; NotAllowedNow if it does not wait any more.
    """
    require(actor, Permission.CHANGE_CALENDAR)
    _locked_orders(order.year)
    if order.status is not OrderStatus.PROPOSED:
        raise NotAllowedNow(f"这份放假安排{order.status.label}，不能再次确认", rule="N5")
    if order.proposed_by == actor.name:
        raise NotAllowed("放假安排须由另一人确认，您是提交人", rule="A4")
    preview = preview_order(order)
    order.status, order.confirmed_by, order.confirmed_at = OrderStatus.APPLIED, actor.name, now
    db.session.flush()
    _replace_rows(preview.rows)
    forget_calendar(db.session)
    _record(
        trail.Event.CALENDAR_ORDER_APPLIED,
        order,
        preview,
        actor,
        now,
        before={"status": OrderStatus.PROPOSED.value, "calendar": preview.before.version},
        proposed_by=order.proposed_by,
    )
    return preview


def _replace_rows(rows: Rows) -> None:
    """Write what the order settles in place of what stood there; a guess never enters the table."""
    db.session.execute(delete(CalendarDay).where(CalendarDay.day.in_(list(rows))))
    db.session.execute(
        insert(CalendarDay),
        [
            {"day": day, "kind": info.kind, "name": info.name, "source": info.source, "order_id": order_id}
            for day, (info, order_id) in rows.items()
            if not info.provisional
        ],
    )


def _record(
    event: trail.Event,
    order: CalendarOrder,
    preview: Preview,
    actor: Actor,
    now: datetime,
    *,
    before: dict[str, Any] | None,
    **more: str,
) -> None:
    trail.record(
        event,
        actor=actor,
        now=now,
        subject=("calendar_order", str(order.id)),
        before=before,
        after={"status": order.status.value, "digest": order.digest, "calendar": preview.after.version},
        detail={
            "year": order.year,
            "title": order.title,
            "url": order.url,
            "days": len(order.days),
            "changed": len(preview.changes),
            **more,
        },
    )


def _locked_orders(year: int) -> list[CalendarOrder]:
    """All orders of the year, locked and read afresh: two people may press the button at once."""
    query = orders_of(year).with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def _checked_title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > TITLE_LENGTH or not title.isprintable():
        raise RuleViolation(f"请填写放假安排的文件名称，最多{TITLE_LENGTH}个字", rule="N5", field="title")
    return title


def _checked_url(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        good = False
    if not good or len(url) > URL_LENGTH or not url.isprintable() or " " in url:
        raise RuleViolation("请填写放假安排原文的网址，以http或https开头", rule="N5", field="url")
    return url
