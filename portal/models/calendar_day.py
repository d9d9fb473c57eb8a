"""工作日历: what each day is and who says so, and the uploaded orders that say it (rules N4, N5)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, String, func, literal_column, select, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id, word
from portal.models.words import DayKind, Word


class OrderStatus(Word):
    """放假安排的状态."""

    PROPOSED = "proposed", "待确认"
    APPLIED = "applied", "已生效"
    REJECTED = "rejected", "未采用"


class CalendarOrder(Model):
    """The State Council's order for one year as the province uploaded it; two people make it count (rule N5)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    year: Mapped[int] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(500))
    """Where the order can be read."""
    days: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """The days that differ from the plain week: [{"date", "kind", "name"}, ...] in order of date."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of `days` in canonical form, hex: what the trail says was proposed and applied."""
    status: Mapped[OrderStatus] = mapped_column(word(OrderStatus), default=OrderStatus.PROPOSED)
    proposed_by: Mapped[str] = mapped_column(String(60))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    """Who decided on it: applied it, or rejected it."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(
            "status <> 'applied' OR "
            "(confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL AND confirmed_by <> proposed_by)",
            name="two_people",
        ),
        # one proposal per year at a time, or nobody could say what is being confirmed
        Index(
            "uq_calendar_order_waiting",
            "year",
            unique=True,
            sqlite_where=text("status = 'proposed'"),
            postgresql_where=text("status = 'proposed'"),
        ),
    )


class CalendarDay(Model):
    """One day, what kind it is, and the source that says so (rule N4)."""

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(word(DayKind))
    name: Mapped[str] = mapped_column(String(60), default="")
    """国庆节, 调休上班 and the like; empty for a plain weekday or weekend."""
    source: Mapped[str] = mapped_column(String(300))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_order.id"), index=True)


def calendar_stamp() -> Select[str | None, datetime | None, date | None]:
    """One small row that differs after every change of the table.

    The digests of the applied orders (an applied one stays so), when the last was applied, how far the table reaches.
    Written without parameters: SQLite would plan the question anew for each value of one, which takes it ten times as
    long as the answer.
    """
    return select(
        func.aggregate_strings(CalendarOrder.digest, literal_column("','")),  # type: ignore[arg-type]
        func.max(CalendarOrder.confirmed_at),
        select(func.max(CalendarDay.day)).scalar_subquery(),
    ).where(CalendarOrder.status == literal_column(f"'{OrderStatus.APPLIED.value}'"))


def orders_of(year: int) -> Select[CalendarOrder]:
    """All orders uploaded for `year`, the newest first."""
    return select(CalendarOrder).where(CalendarOrder.year == year).order_by(CalendarOrder.id.desc())


def standing_order(year: int) -> Select[CalendarOrder]:
    """The order in force for `year`: the one applied last."""
    return (
        select(CalendarOrder)
        .where(CalendarOrder.year == year, CalendarOrder.status == OrderStatus.APPLIED)
        .order_by(CalendarOrder.confirmed_at.desc(), CalendarOrder.id.desc())
        .limit(1)
    )
