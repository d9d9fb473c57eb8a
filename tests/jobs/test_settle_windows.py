"""A new order of holidays reaches every running window (rules N5, N6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from jobs import close_windows, settle_windows
from jobs.runner import Outcome
from portal.domain.actor import Actor
from portal.domain.calendar_orders import confirm_order, propose_order
from portal.extensions import db
from portal.models.notice import WindowChange
from portal.models.words import NoticeStatus, Role, Status, Tier
from tests.builders import at, done, notice

CHRISTMAS = at("2026-12-25 10:00")
ANNA, BO = (Actor(name, frozenset({Role.CALENDAR_OWNER}), tier=Tier.PROVINCE) for name in ("staff:anna", "staff:bo"))


def order(year: int, *lines: str) -> None:
    """An order for `year` as two people make it count."""
    content = "日期,类型,名称\n" + "\n".join(lines) + "\n"
    title, url = f"国务院办公厅关于{year}年部分节假日安排的通知", "https://www.gov.cn/zhengce/order.htm"
    now = at("2026-12-28 09:00")
    proposed = done(lambda: propose_order(year, title, url, content.encode(), "order.csv", actor=ANNA, now=now))
    done(lambda: confirm_order(proposed, actor=BO, now=now))


def holidays(year: int) -> list[str]:
    """The statutory holidays an order cannot do without; the first of January with two days of its bridge."""
    return [
        f"{year}-01-01,放假,元旦", f"{year}-01-02,放假,元旦", f"{year}-01-03,放假,元旦", f"{year}-01-04,放假,元旦",
        *(f"{year}-02-{day:02d},放假,春节" for day in range(5, 12)),
        f"{year}-04-05,放假,清明节", f"{year}-05-01,放假,劳动节", f"{year}-05-02,放假,劳动节",
        f"{year}-06-09,放假,端午节", f"{year}-09-15,放假,中秋节",
        *(f"{year}-10-{day:02d},放假,国庆节" for day in range(1, 4)),
    ]  # fmt: skip


@pytest.mark.rule("N5", "N6")
def test_a_provisional_window_is_settled_by_the_order_and_only_then_closed(app):
    running = notice(published_at=CHRISTMAS)
    assert (running.provisional, running.last_day) == (True, date(2027, 1, 1))
    assert settle_windows.run(now=CHRISTMAS) == Outcome(0, 0)  # nobody knows more than at publication

    order(2027, *holidays(2027))

    assert settle_windows.run(now=at("2026-12-28 10:00")) == Outcome(1, 0)
    assert (running.provisional, running.last_day) == (False, date(2027, 1, 5))
    [change] = db.session.scalars(select(WindowChange))
    assert (change.old_last_day, change.new_last_day) == (date(2027, 1, 1), date(2027, 1, 5))
    assert change.reason
    assert close_windows.run(now=at("2027-01-06 00:09")) == Outcome(0, 0)
    assert close_windows.run(now=at("2027-01-06 00:10")) == Outcome(1, 0)
    assert running.application.status is Status.APPROVED


@pytest.mark.rule("N6")
def test_a_settled_window_is_settled_once(app):
    notice(published_at=CHRISTMAS)
    order(2027, *holidays(2027))
    settle_windows.run(now=at("2026-12-28 10:00"))

    assert settle_windows.run(now=at("2026-12-28 10:05")) == Outcome(0, 0)

    assert len(db.session.scalars(select(WindowChange)).all()) == 1


@pytest.mark.rule("N6", "N8")
def test_a_window_that_an_order_prolongs_is_not_closed_at_its_old_end_even_if_nobody_settled_it_yet(app):
    running = notice(published_at=at("2026-09-01 10:00"))
    assert running.last_day == date(2026, 9, 8)
    order(2026, "2026-09-07,放假,特别假日", *standing_2026())

    old_end = at("2026-09-09 00:10")
    assert close_windows.run(now=old_end) == Outcome(0, 0)
    assert running.status is NoticeStatus.OPEN

    assert settle_windows.run(now=old_end) == Outcome(1, 0)
    assert running.last_day == date(2026, 9, 9)
    assert close_windows.run(now=old_end + timedelta(days=1)) == Outcome(1, 0)


def standing_2026() -> list[str]:
    """2026 as the package has it, as lines of an order."""
    from portal.domain.workdays import package_calendar
    from portal.models.words import DayKind

    words = {DayKind.STATUTORY_HOLIDAY: "放假", DayKind.MAKE_UP_WORKDAY: "调休上班"}
    return [
        f"{day},{words[info.kind]},{info.name if info.kind is DayKind.STATUTORY_HOLIDAY else ''}"
        for day, info in sorted(package_calendar().known_days().items())
        if day.year == 2026 and info.kind in words
    ]
